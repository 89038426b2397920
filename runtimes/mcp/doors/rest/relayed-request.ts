import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { problem, sendProblem } from '@stoa/lib/problem.ts';
import { requestIdOf } from '@stoa/lib/request-id.ts';
import type { AuthorizeQuestion } from '../../decide/authorize-request.ts';
import type { Engine } from '../../engine.ts';
import type { MeteredOutcome } from '../../decide/authorize-request.ts';
import type { Caller, OperationEntry } from '../../model.ts';
import { unusable } from '../../upstream/relays.ts';
import type { UpstreamFailure } from '../../upstream/upstream.ts';
import { corsHeaders } from './cors.ts';
import { answeredHeaders, sentHeaders } from './headers.ts';
import { refuseFailed } from './refuse.ts';
import type { Target } from './target.ts';
import { Tunnel } from './tunnel.ts';
import type { TunnelEnd } from './tunnel.ts';

/** A request that was let in. */
export type Admitted = {
  readonly engine: Engine;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: Target;
  readonly question: AuthorizeQuestion;
  readonly operation: OperationEntry;
  readonly caller: Caller;
  readonly startedAt: number;
  /** The connection of a caller who asks for WebSocket, and what came on it behind the request. */
  readonly client?: TunnelEnd;
};

/** What is under way, so that it can be ended. */
export type UnderWay = {
  readonly request: IncomingMessage;
  readonly question: AuthorizeQuestion;
  /** Whether its answer may have no end of its own. */
  readonly isStream: boolean;
  end(): void;
};

const bodiless: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * One request and its answer, each passed on as it comes, at the pace of who reads it. Metered once, when nothing more of the answer can come: whatever ends it,
 * the caller, the upstream or we.
 */
export class RelayedRequest implements UnderWay {
  readonly request: IncomingMessage;
  readonly question: AuthorizeQuestion;
  isStream = false;
  readonly #admitted: Admitted;
  readonly #ended: (ended: RelayedRequest) => void;
  #sent: ClientRequest | undefined;
  #tunnel: Tunnel | undefined;
  #requestBytes = 0;
  #responseBytes = 0;
  #isOver = false;

  constructor(admitted: Admitted, ended: (ended: RelayedRequest) => void) {
    this.#admitted = admitted;
    this.#ended = ended;
    this.request = admitted.request;
    this.question = admitted.question;
  }

  start(mayRetry = bodiless.has(this.request.method) && !hasBody(this.request)): void {
    const { engine, request, response, target, operation, caller } = this.#admitted;
    const isUpgrade = this.#admitted.client !== undefined;
    const headers = sentHeaders(operation, request, { caller, requestId: requestIdOf(response), address: engine.addressOf(request), isUpgrade });
    const head = { method: request.method ?? 'GET', target: operation.forwarding.target(target.pathAndQuery), headers, isUpgrade };
    const sent = engine.relays.open(operation, head);
    if ('kind' in sent) return this.#fail(sent);
    this.#sent = sent;
    sent.once('response', (answer) => this.#answer(answer));
    sent.once('upgrade', (answer, socket, rest) => this.#join(answer, socket, rest));
    sent.once('timeout', () => this.#fail(engine.relays.timedOut));
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // A connection that had rested was closed by the upstream at the same moment: it has read nothing of this.
      const isStale = mayRetry && sent.reusedSocket && error.code === 'ECONNRESET' && !response.headersSent && !this.#isOver;
      if (isStale) this.start(false);
      else this.#fail(engine.relays.failureOf(error, response.headersSent));
    });
    response.once('close', () => this.#leave());
    this.#passOn(sent);
  }

  /** Ends it before its time. */
  end(): void {
    this.#over('cancelled');
    this.#sent?.destroy();
    this.#tunnel?.end();
    this.#admitted.response.destroy();
  }

  #passOn(sent: ClientRequest): void {
    const { request } = this.#admitted;
    if (!hasBody(request)) return void sent.end();
    const { maxRequestBytes = Infinity } = this.#admitted.operation.api.policies;
    request.on('data', (bytes: Buffer) => {
      this.#requestBytes += bytes.length;
      // A body that came in chunks told no length to hold against the limit before.
      if (this.#requestBytes > maxRequestBytes) this.#refuseSize(maxRequestBytes);
    });
    request.once('aborted', () => this.#leave());
    request.pipe(sent);
  }

  #answer(answer: IncomingMessage): void {
    if (this.#isOver) return void answer.destroy();
    const status = answer.statusCode ?? 0;
    // Node's client takes any three digits, and its server throws at these.
    if (status < 200) return this.#fail(unusable(new Error(`The status is ${status}.`)));
    try {
      this.#passBack(answer, status);
    } catch (error) {
      this.#fail(unusable(error as Error));
    }
  }

  #passBack(answer: IncomingMessage, status: number): void {
    const { engine, response } = this.#admitted;
    response.writeHead(status, this.#headersOf(answer));
    // Else the caller waits for the head until the first piece of the body, which may be long in coming.
    response.flushHeaders();
    this.isStream = answer.headers['content-type']?.startsWith('text/event-stream') === true;
    if (this.isStream) this.#sent?.setTimeout(0);
    answer.on('data', (bytes: Buffer) => (this.#responseBytes += bytes.length));
    answer.once('error', (error) => this.#fail(engine.relays.failureOf(error, true)));
    answer.once('end', () => this.#over(status >= 500 ? 'upstream_error' : status >= 300 && status !== 304 ? 'client_error' : 'ok'));
    answer.pipe(response);
  }

  #headersOf({ rawHeaders }: IncomingMessage): string[] {
    const { request, response, operation, target } = this.#admitted;
    return answeredHeaders(operation.api, rawHeaders, corsHeaders(target.api, request), requestIdOf(response));
  }

  /** Both sides speak WebSocket from here on (RFC 6455), until one of them ends. */
  #join(answer: IncomingMessage, socket: Socket, head: Buffer): void {
    const { client } = this.#admitted;
    if (this.#isOver) return void socket.destroy();
    try {
      if (client === undefined) throw new Error('It speaks another protocol, and was not asked to.');
      this.#connect({ socket, head }, client, this.#headersOf(answer));
    } catch (error) {
      socket.destroy();
      if (this.#tunnel === undefined) this.#fail(unusable(error as Error));
      else this.end();
    }
  }

  #connect(upstream: TunnelEnd, client: TunnelEnd, headers: readonly string[]): void {
    this.#admitted.response.detachSocket(client.socket);
    this.isStream = true;
    this.#tunnel = new Tunnel(client, upstream, ({ sentBytes, receivedBytes }) => {
      this.#requestBytes = sentBytes;
      this.#responseBytes = receivedBytes;
      this.#over('ok');
    });
    this.#tunnel.start(headers);
  }

  /** The caller has gone, or has everything. */
  #leave(): void {
    if (this.#isOver) return;
    this.#over('cancelled');
    this.#sent?.destroy();
  }

  #refuseSize(maxBytes: number): void {
    if (this.#isOver) return;
    const { response } = this.#admitted;
    this.#over('too_large');
    this.#sent?.destroy();
    sendProblem(response, problem(413, { code: 'too_large', detail: `The body is larger than the ${maxBytes} bytes allowed.` }));
  }

  #fail(failure: UpstreamFailure): void {
    if (this.#isOver) return;
    const { engine, request, response, operation, target } = this.#admitted;
    const { code, message } = failure.cause as NodeJS.ErrnoException;
    engine.log.warn({ code, cause: message, operation: operation.operationId, api: operation.api.name }, failure.reason);
    this.#over('upstream_error');
    this.#sent?.destroy();
    refuseFailed(response, failure, corsHeaders(target.api, request));
  }

  #over(outcome: MeteredOutcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { engine, request, operation, caller, startedAt } = this.#admitted;
    if (this.#sent !== undefined) request.unpipe(this.#sent);
    // An answer that did not wait for the body: the upstream waits for the rest of it, and nothing else can go on that connection.
    if (this.#sent?.writableFinished === false) this.#sent.destroy();
    // What the upstream did not wait for is read and thrown away, for the connection's sake.
    request.resume();
    const durationMs = performance.now() - startedAt;
    const { consumerId, keyId } = caller;
    const bytes = { requestBytes: this.#requestBytes, responseBytes: this.#responseBytes };
    engine.meter.record({ door: 'rest', operation, consumerId, keyId, outcome, durationMs, ...bytes });
    this.#ended(this);
  }
}

export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
