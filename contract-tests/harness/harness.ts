import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { registrationContract } from '../document/contract.ts';
import { requestFaults, responseFaults } from '../document/faults.ts';
import { adrOnlyAnswers } from './adr-only.ts';
import { faultReply, problemReply, sendReply, textOf } from './faults.ts';
import type { Fault, Reply } from './faults.ts';
import { ProtocolModel } from './model.ts';
import type { Answering, Call } from './model.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a recorded request may be of any operation; the case that reads it knows of which
type AnyBody = any;
/** One call that a client made: when it arrived, what it said, and what it was told (`cut` when the connection was). */
export type RecordedCall = {
  readonly operationId: string;
  readonly atMs: number;
  /** Before its answer left: whatever the other side does because of it comes later, however busy the machine is. */
  answeredAtMs: number;
  readonly bearer: string;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: AnyBody;
  status: number | 'cut';
  /** What it was told, as text. */
  answer: string;
};
/** A harness with `differences: false` is a server from before them. */
export type HarnessOptions = {
  key: string;
  personality?: 'full' | 'adr-only';
  intervalS?: number;
  differences?: boolean;
  /** Any port of this machine when absent. */
  host?: string;
  port?: number;
};
export type Wanted = (exchange: RecordedCall) => boolean;

const maxBodyBytes = 8 * 1024 * 1024;

/**
 * A Control Plane that trusts nobody: it holds every exchange against the document, records what violates it, and does wrong what a
 * script tells it to.
 */
export class Harness {
  readonly model = new ProtocolModel();
  readonly exchanges: RecordedCall[] = [];
  /** Each way in which a client broke the contract, and each in which the harness itself did. A test ends by finding none. */
  readonly violations: string[] = [];
  /** The bearers that are good. */
  readonly keys: Set<string>;
  readonly #answers: Readonly<Record<string, Answering>>;
  readonly #checksReplies: boolean;
  readonly #scripts = new Map<string, Fault[]>();
  readonly #standing = new Map<string, Fault>();
  readonly #recorded = new EventEmitter().setMaxListeners(0);
  readonly #server = createServer({ keepAliveTimeout: 1000 }, (request, response) => {
    this.#receive(request, response).catch((error: unknown) => {
      this.violations.push(`the harness failed: ${String(error)}`);
      response.destroy();
    });
  });
  #url = '';

  private constructor({ key, personality = 'full', intervalS = 5, differences = true }: HarnessOptions) {
    this.keys = new Set([key]);
    this.model.intervalS = intervalS;
    this.model.tellsDifferences = differences;
    this.#checksReplies = personality === 'full';
    this.#answers = personality === 'full' ? this.model.answers : adrOnlyAnswers(intervalS);
  }

  static async start(options: HarnessOptions): Promise<Harness> {
    const harness = new Harness(options);
    harness.#url = await listen(harness.#server, { host: options.host ?? '127.0.0.1', port: options.port ?? 0 });
    return harness;
  }

  get url(): string {
    return this.#url;
  }

  /** By the clock of `atMs`. */
  get nowMs(): number {
    return performance.now();
  }

  /** The next calls of the operation suffer these faults, one each. */
  script(operationId: string, ...faults: Fault[]): void {
    this.#scripts.set(operationId, [...(this.#scripts.get(operationId) ?? []), ...faults]);
  }

  /** Every call of the operation suffers this fault once its script is over; undefined ends that. */
  always(operationId: string, fault: Fault | undefined): void {
    if (fault === undefined) this.#standing.delete(operationId);
    else this.#standing.set(operationId, fault);
  }

  /** Calls of one operation so far. */
  calls(operationId: string): RecordedCall[] {
    return this.exchanges.filter((exchange) => exchange.operationId === operationId);
  }

  /** The first answered call of the operation, past or coming, that fits. `from` skips that many recorded exchanges. */
  async seen(
    operationId: string,
    { where = () => true, from = 0, withinMs = 20_000 }: { where?: Wanted; from?: number; withinMs?: number } = {},
  ): Promise<RecordedCall> {
    const deadline = AbortSignal.timeout(withinMs);
    for (;;) {
      const found = this.exchanges.slice(from).find((exchange) => exchange.operationId === operationId && where(exchange));
      if (found !== undefined) return found;
      await once(this.#recorded, 'exchange', { signal: deadline }).catch(() => {
        throw new Error(
          `No such call of ${operationId} within ${withinMs} ms. Calls so far: ${this.exchanges.map((exchange) => `${exchange.operationId} ${exchange.status}`).join(', ')}`,
        );
      });
    }
  }

  /** The next answered call of the operation that fits. */
  next(operationId: string, where?: Wanted, withinMs?: number): Promise<RecordedCall> {
    return this.seen(operationId, { from: this.exchanges.length, ...(where && { where }), ...(withinMs && { withinMs }) });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await closeGracefully(this.#server, 0);
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const atMs = performance.now();
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://harness');
    const matched = registrationContract.match(request.method ?? '', pathname);
    if (matched === undefined) {
      this.violations.push(`${request.method} ${pathname} is no operation of the contract`);
      return sendReply(response, problemReply(404));
    }
    const { entry, path } = matched;
    const headers = request.headers as Record<string, string | undefined>;
    const body = await readJson(request).catch(() => undefined);
    this.violations.push(...requestFaults(registrationContract, entry, { path, query, headers, body }));
    const bearer = (headers['authorization'] ?? '').replace(/^Bearer /, '');
    const exchange: RecordedCall = {
      operationId: entry.id,
      method: entry.method.toUpperCase(),
      path: pathname,
      atMs,
      answeredAtMs: atMs,
      bearer,
      query,
      body,
      status: 'cut',
      answer: '',
    };
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    // Where this process stood still for longer than a client waits, nobody reads the answer. Such a call never arrived: the client repeats it, and
    // the script goes on with that. Two turns, since the end of a connection is told after what came over it.
    for (let turn = 0; turn < 2; turn += 1) await nextTurn();
    if (gone.signal.aborted) return;
    const reply = await this.#decide(entry.id, { path, query, headers, body, gone: gone.signal }, bearer);
    exchange.answeredAtMs = performance.now();
    if (reply === 'cut') request.socket.destroy();
    else if ('malformed' in reply) response.writeHead(200, { 'content-type': 'application/json' }).end(reply.malformed);
    else {
      // A generation that a test spoilt is wrong on purpose.
      if (this.#checksReplies && !(entry.id === 'getGatewayConfig' && this.model.isSpoiled))
        this.violations.push(
          ...responseFaults(registrationContract, entry, { status: reply.status, headers: reply.headers, text: textOf(reply.body) }),
        );
      sendReply(response, reply);
    }
    exchange.answer = reply === 'cut' ? '' : 'malformed' in reply ? reply.malformed : textOf(reply.body);
    exchange.status = reply === 'cut' ? 'cut' : 'malformed' in reply ? 200 : reply.status;
    this.exchanges.push(exchange);
    this.#recorded.emit('exchange');
  }

  async #decide(operationId: string, call: Call, bearer: string): Promise<Reply | 'cut' | { malformed: string }> {
    const fault = this.#scripts.get(operationId)?.shift() ?? this.#standing.get(operationId);
    if (fault?.kind === 'reset') return 'cut';
    if (!this.keys.has(bearer)) return problemReply(401);
    if (fault?.kind === 'status') return faultReply(fault);
    if (fault?.kind === 'malformed') return { malformed: fault.text };
    const reply = (await this.#answers[operationId]?.(call)) ?? problemReply(404);
    if (fault?.kind === 'lost-reply') return 'cut';
    if (fault?.kind === 'slow') await delay(fault.delayMs);
    return fault?.kind === 'changed' ? { ...reply, body: { ...(reply.body as object), ...fault.members } } : reply;
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new Error('The body is larger than anything the contract needs.');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : JSON.parse(text);
}
