import { agentFor, noProxies, proxyFor } from '@stoa/lib/proxies.ts';
import type { Proxies } from '@stoa/lib/proxies.ts';
import { createUpstreamGuard, RefusedAddressError } from '@stoa/lib/upstream-guard.ts';
import type { UpstreamGuard } from '@stoa/lib/upstream-guard.ts';
import type { Agent } from 'node:https';
import type { Cancellation } from './cancellation.ts';
import { Connections } from './connections.ts';
import type { Carried } from './connections.ts';
import { Deadlines, WithDeadline } from './deadlines.ts';
import { decoderOf } from './decode-body.ts';
import type { AnswerHead } from './http1/answer-head.ts';
import type { Connection, Line } from './http1/connection.ts';
import { openerOf, tunnelTo } from './http1/open-socket.ts';
import type { BuiltRequest, ClientIdentity, OperationEntry } from '../model.ts';

export type UpstreamAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly contentType: string; readonly location: string | undefined; readonly body: Buffer }
  | { readonly kind: 'cancelled' }
  /** `reason` is a sentence for the caller: it names no address. `cause` is for the log. `isUpstreams`: neither the caller nor this gateway can have caused it. */
  | { readonly kind: 'failed'; readonly reason: string; readonly timeout: boolean; readonly cause: Error; readonly isUpstreams?: boolean };

export type Settle = (answer: UpstreamAnswer) => void;

/** One pool of connections for each origin, and for each certificate that is shown there, shared by all snapshots of the process (lesson 33). */
export type Upstreams = {
  /** Makes a call. `settle` is called once, from within other code's events: it must not throw. */
  call(operation: OperationEntry, request: BuiltRequest, cancellation: Cancellation | undefined, settle: Settle): void;
  /** Closes the pools of lines that are no longer served, after their calls have ended. */
  retain(served: { has(line: string): boolean }): void;
  /** Waits for the calls in flight. */
  close(): Promise<void>;
};

export type UpstreamOptions = {
  /** Time for a whole upstream call, connection included. Default 30 000. */
  readonly timeoutMs?: number;
  /** Which hosts and addresses a connection may be made to. Default: as without rules. */
  readonly guard?: UpstreamGuard;
  readonly proxies?: Proxies;
  /** Largest response body read. Default 4 MiB. */
  readonly maxResponseBytes?: number;
  /** Default 128. */
  readonly connectionsPerOrigin?: number;
  /** Calls to one origin at once, those that wait for a connection included; more fail at once. Default 2048. */
  readonly maxCallsPerOrigin?: number;
};

type Origin = {
  readonly lines: Connections;
  /** What stands before the path in a request's first line: behind a proxy that is asked for URLs. */
  readonly prefix: string;
  readonly refusal: string | undefined;
  calls: number;
};

/** Connections to upstreams. Redirects are answers like any other: nobody follows them into another network (lesson 27). */
export function createUpstreams({
  timeoutMs = 30_000,
  maxResponseBytes = 4 * 1024 * 1024,
  connectionsPerOrigin = 128,
  maxCallsPerOrigin = 2048,
  guard = createUpstreamGuard({ upstreamAllow: [], upstreamDeny: [] }),
  proxies = noProxies,
}: UpstreamOptions): Upstreams {
  const terms: Terms = { timeoutMs, maxResponseBytes, deadlines: new Deadlines(timeoutMs) };
  const pools = new Map<string, Origin>();

  const originOf = ({ origin, line, identity }: OperationEntry): Origin => {
    let known = pools.get(line);
    if (known === undefined) {
      const to = lineTo(origin, { guard, proxies, identity });
      const lines = new Connections(to, connectionsPerOrigin);
      known = { lines, prefix: to.prefix, refusal: guard.refusal(new URL(origin).hostname), calls: 0 };
      pools.set(line, known);
    }
    return known;
  };

  return {
    call(operation, { path, headers, body }, cancellation, settle) {
      const origin = originOf(operation);
      const { method } = operation;
      if (origin.refusal !== undefined) return settle(refused(new Error(`${operation.origin} ${origin.refusal}.`)));
      if (origin.calls >= maxCallsPerOrigin) return settle(overloaded);
      if (cancellation?.isCancelled === true) return settle({ kind: 'cancelled' });
      const call = new UpstreamCall(terms, origin, cancellation, settle);
      try {
        origin.lines.dispatch({ method, target: origin.prefix + path, headers, body }, call);
      } catch (error) {
        call.fail('The request to the upstream could not be made.', error as Error);
      }
    },
    retain(served) {
      for (const [line, { lines }] of pools) {
        if (served.has(line)) continue;
        pools.delete(line);
        void lines.close();
      }
    },
    async close() {
      const closing = [...pools.values()].map(({ lines }) => lines.close());
      pools.clear();
      await Promise.all(closing);
    },
  };
}

/**
 * How calls get to an origin: straight, or through a proxy. Behind a proxy names are resolved by it, and its rules hold for their addresses; ours hold
 * for what stands in the URL.
 */
type Ways = { readonly guard: UpstreamGuard; readonly proxies: Proxies; readonly identity: ClientIdentity | undefined };

export function lineTo(origin: string, ways: Ways): Line & { readonly prefix: string } {
  const { open, fixed, prefix } = wayTo(origin, ways);
  return { open, fixed: `host: ${new URL(origin).host}\r\nconnection: keep-alive\r\n${fixed}`, prefix };
}

function wayTo(origin: string, { guard, proxies, identity }: Ways): Line & { prefix: string } {
  const shown = identity === undefined ? {} : { cert: identity.cert, key: identity.key };
  const proxy = proxyFor(origin, proxies);
  if (proxy === undefined) return { open: openerOf(origin, { lookup: guard.lookup, ...shown }), fixed: '', prefix: '' };
  if (origin.startsWith('https:')) return { open: tunnelTo(origin, agentFor(origin, proxies, Infinity, shown) as Agent), fixed: '', prefix: '' };
  const { origin: place, username, password } = new URL(proxy);
  const credential = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  return { open: openerOf(place), fixed: username === '' ? '' : `proxy-authorization: Basic ${credential}\r\n`, prefix: origin };
}

/** No complete answer. */
export type UpstreamFailure = Extract<UpstreamAnswer, { kind: 'failed' }>;

/** What failed, in a word of few: as telemetry tells kinds of errors apart. */
export function failureWord(answer: Exclude<UpstreamAnswer, { kind: 'answered' }>): string {
  if (answer.kind === 'cancelled') return 'cancelled';
  if (answer.timeout) return 'timeout';
  return (answer.cause as NodeJS.ErrnoException).code ?? answer.cause.name;
}

export const refused = (cause: Error): UpstreamFailure => ({
  kind: 'failed',
  reason: 'The address of the upstream is refused by the rules of this gateway.',
  timeout: false,
  cause,
});
const nothing = Buffer.alloc(0);
const tooMany = 'Too many calls to this upstream are waiting; try again later.';
export const overloaded: UpstreamFailure = { kind: 'failed', reason: tooMany, timeout: false, cause: new Error(tooMany) };

/** What is the same for all calls. */
type Terms = { readonly timeoutMs: number; readonly maxResponseBytes: number; readonly deadlines: Deadlines };

/** One request and its answer: reads the body up to its bound, and settles once, whichever of answer, deadline and cancellation is first. */
class UpstreamCall extends WithDeadline implements Carried {
  carrier: Connection | undefined;
  readonly #terms: Terms;
  readonly #origin: Origin;
  readonly #cancellation: Cancellation | undefined;
  readonly #answered: Settle;
  #settled = false;
  #status = 0;
  #contentType = '';
  #location: string | undefined;
  #decode: ReturnType<typeof decoderOf>;
  /** What came of the body, at its beginning. Nearly always all of it comes at once. */
  #body = nothing;
  #bytes = 0;

  constructor(terms: Terms, origin: Origin, cancellation: Cancellation | undefined, answered: Settle) {
    super();
    this.#terms = terms;
    this.#origin = origin;
    this.#cancellation = cancellation;
    this.#answered = answered;
    origin.calls += 1;
    terms.deadlines.add(this);
    cancellation?.tell(this);
  }

  begun({ status, fields }: AnswerHead): void {
    this.#status = status;
    this.#location = fields.location;
    const encoding = fields['content-encoding'];
    const isPlain = encoding === undefined || encoding === 'identity';
    // Some compress although they were asked not to.
    this.#decode = isPlain ? undefined : decoderOf(encoding);
    // What cannot be undone is not text.
    this.#contentType = isPlain || this.#decode !== undefined ? (fields['content-type'] ?? '') : 'application/octet-stream';
    if (Number(fields['content-length']) > this.#terms.maxResponseBytes) this.#refuseSize();
  }

  piece(bytes: Buffer): void {
    const length = this.#bytes + bytes.length;
    if (length > this.#terms.maxResponseBytes) return this.#refuseSize();
    if (this.#bytes === 0) this.#body = Buffer.from(bytes);
    else {
      // Room for as much again, so that many small pieces are not copied over and over.
      if (length > this.#body.length) this.#body = Buffer.concat([this.#body.subarray(0, this.#bytes)], 2 * length);
      bytes.copy(this.#body, this.#bytes);
    }
    this.#bytes = length;
  }

  answered(): void {
    this.#leave();
    const body = this.#body.subarray(0, this.#bytes);
    if (this.#decode === undefined || body.length === 0) this.#answer(body);
    else this.#decode(body, { maxOutputLength: this.#terms.maxResponseBytes }, this.#decoded);
  }

  readonly #decoded = (error: Error | null, body: Buffer): void => {
    if (error === null) this.#answer(body);
    else if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') this.#refuseSize();
    else this.fail('The upstream sent an answer that cannot be decompressed.', error);
  };

  #answer(body: Buffer): void {
    this.#settle({ kind: 'answered', status: this.#status, contentType: this.#contentType, location: this.#location, body });
  }

  failed(error: Error): void {
    // One that cannot be written never came to a connection.
    const isUpstreams = this.carrier !== undefined;
    this.#leave();
    if (error instanceof RefusedAddressError) return this.#settle(refused(error));
    const reason = this.#status === 0 ? 'The upstream could not be reached or broke the connection.' : 'The upstream broke off its answer.';
    this.fail(reason, error, { isUpstreams });
  }

  cancel(): void {
    this.#settle({ kind: 'cancelled' });
    this.#abort();
  }

  fail(reason: string, cause: Error, { timeout = false, isUpstreams = false } = {}): void {
    this.#settle({ kind: 'failed', reason, timeout, cause, isUpstreams });
  }

  override expire(): void {
    const reason = `The upstream did not answer within ${this.#terms.timeoutMs / 1000} s.`;
    this.fail(reason, new Error(reason), { timeout: true, isUpstreams: this.carrier !== undefined });
    this.#abort();
  }

  #refuseSize(): void {
    const reason = `The upstream's answer is larger than ${this.#terms.maxResponseBytes} bytes.`;
    this.fail(reason, new Error(reason));
    this.#abort();
  }

  #abort(): void {
    this.#origin.lines.cut(this);
  }

  #leave(): void {
    this.#origin.lines.release(this);
  }

  #settle(answer: UpstreamAnswer): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#terms.deadlines.remove(this);
    this.#cancellation?.forget(this);
    this.#origin.calls -= 1;
    this.#body = nothing;
    this.#answered(answer);
  }
}
