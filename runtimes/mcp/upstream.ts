import type { Dispatcher } from 'undici';
import { createUpstreamGuard, RefusedAddressError } from '@stoa/lib/upstream-guard.ts';
import type { UpstreamGuard } from '@stoa/lib/upstream-guard.ts';
import { noProxies, proxyFor } from '@stoa/lib/proxies.ts';
import type { Proxies } from '@stoa/lib/proxies.ts';
import connect from 'undici/lib/api/api-connect.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';
import type { Cancellation } from './cancellation.ts';
import { Connections } from './connections.ts';
import type { Carried } from './connections.ts';
import { Deadlines, WithDeadline } from './deadlines.ts';
import { decoderOf } from './decode-body.ts';
import type { BuiltRequest, OperationEntry } from './model.ts';
import { passOverUnaskedContinue } from './skip-continue.ts';

export type UpstreamAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly contentType: string; readonly location: string | undefined; readonly body: Buffer }
  | { readonly kind: 'cancelled' }
  /** `reason` is a sentence for the caller: it names no address. `cause` is for the log. */
  | { readonly kind: 'failed'; readonly reason: string; readonly timeout: boolean; readonly cause: Error };

export type Settle = (answer: UpstreamAnswer) => void;

/** One pool of connections for each origin, shared by all snapshots of the process (lesson 33). */
export type Upstreams = {
  /** Makes a call. `settle` is called once, from within other code's events: it must not throw. */
  call(operation: OperationEntry, request: BuiltRequest, cancellation: Cancellation | undefined, settle: Settle): void;
  /** Closes the pools of origins that are no longer served, after their calls have ended. */
  retain(origins: { has(origin: string): boolean }): void;
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

type Origin = { readonly lines: Lines; readonly refusal: string | undefined; calls: number };

/** How calls get to an origin: straight, or through a proxy. */
type Lines = Pick<Connections, 'dispatch' | 'forget' | 'release' | 'close'>;

/** A pool that asks a proxy for tunnels. The package's entry gives `connect` to every pool; we import the pool without the entry. */
function createTunnels(proxy: URL, options: object): Dispatcher {
  return Object.assign(new Pool(proxy, options), { connect });
}

/** Connections to upstreams. Redirects are answers like any other: nobody follows them into another network (lesson 27). */
export function createUpstreams({
  timeoutMs = 30_000,
  maxResponseBytes = 4 * 1024 * 1024,
  connectionsPerOrigin = 128,
  maxCallsPerOrigin = 2048,
  guard = createUpstreamGuard({ upstreamAllow: [], upstreamDeny: [] }),
  proxies = noProxies,
}: UpstreamOptions): Upstreams {
  passOverUnaskedContinue();
  const terms: Terms = { timeoutMs, maxResponseBytes, deadlines: new Deadlines(timeoutMs) };
  const pools = new Map<string, Origin>();

  const originOf = (origin: string): Origin => {
    let known = pools.get(origin);
    if (known === undefined) {
      // The deadline of the whole call replaces undici's own timeouts, which would cut earlier or later than what is stated.
      const options = { connections: connectionsPerOrigin, headersTimeout: 0, bodyTimeout: 0 };
      const proxy = proxyFor(origin, proxies);
      // Behind a proxy names are resolved by it, and its rules hold for their addresses; ours hold for what stands in the URL.
      const lines =
        proxy === undefined
          ? new Connections(origin, { ...options, connect: { timeout: timeoutMs, lookup: guard.lookup } })
          : pooled(new ProxyAgent({ ...options, allowH2: false, uri: proxy, connectTimeout: timeoutMs, clientFactory: createTunnels }));
      known = { lines, refusal: guard.refusal(new URL(origin).hostname), calls: 0 };
      pools.set(origin, known);
    }
    return known;
  };

  return {
    call({ origin: address, method }, { path, headers, body }, cancellation, settle) {
      const origin = originOf(address);
      if (origin.refusal !== undefined) return settle(refused(new Error(`${address} ${origin.refusal}.`)));
      if (origin.calls >= maxCallsPerOrigin) return settle(overloaded);
      if (cancellation?.isCancelled === true) return settle({ kind: 'cancelled' });
      const call = new UpstreamCall(terms, origin, cancellation, settle);
      try {
        origin.lines.dispatch({ origin: address, method, path, headers, body: body ?? null, blocking: false }, call);
      } catch (error) {
        call.fail('The request to the upstream could not be made.', error as Error);
      }
    },
    retain(origins) {
      for (const [origin, { lines }] of pools) {
        if (origins.has(origin)) continue;
        pools.delete(origin);
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

/** Lines of a pool that keeps its connections to itself. */
const pooled = (pool: Dispatcher): Lines => ({
  dispatch: (options, call) => void pool.dispatch(options, call),
  forget: () => undefined,
  release: () => undefined,
  close: () => pool.close(),
});

const refused = (cause: Error): UpstreamAnswer => ({
  kind: 'failed',
  reason: 'The address of the upstream is refused by the rules of this gateway.',
  timeout: false,
  cause,
});
const nothing = Buffer.alloc(0);
const tooMany = 'Too many calls to this upstream are waiting; try again later.';
const overloaded: UpstreamAnswer = { kind: 'failed', reason: tooMany, timeout: false, cause: new Error(tooMany) };

/** What is the same for all calls. */
type Terms = { readonly timeoutMs: number; readonly maxResponseBytes: number; readonly deadlines: Deadlines };

/** One request and its answer: reads the body up to its bound, and settles once, whichever of answer, deadline and cancellation is first. */
class UpstreamCall extends WithDeadline implements Carried {
  carrier: Dispatcher | undefined;
  readonly #terms: Terms;
  readonly #origin: Origin;
  readonly #cancellation: Cancellation | undefined;
  readonly #answered: Settle;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #status = 0;
  #contentType = '';
  #location: string | undefined;
  #decode: ReturnType<typeof decoderOf>;
  /** The first piece of the body, which nearly always is all of it, and those that follow. */
  #first: Buffer | undefined;
  #others: Buffer[] | undefined;
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

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // The deadline or the caller may have come while the request waited for a connection.
    if (this.#settled) controller.abort(new Error('The call is over.'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Record<string, string | string[] | undefined>): void {
    this.#status = status;
    const { 'content-type': type, location } = headers;
    this.#location = location === undefined ? undefined : String(location);
    const encoding = headers['content-encoding'];
    const isPlain = encoding === undefined || encoding === 'identity';
    // Some compress although they were asked not to.
    this.#decode = isPlain ? undefined : decoderOf(String(encoding));
    // What cannot be undone is not text.
    this.#contentType = isPlain || this.#decode !== undefined ? String(type ?? '') : 'application/octet-stream';
    if (Number(headers['content-length']) > this.#terms.maxResponseBytes) this.#refuseSize();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#terms.maxResponseBytes) this.#refuseSize();
    else if (this.#first === undefined) this.#first = chunk;
    else (this.#others ??= []).push(chunk);
  }

  onResponseEnd(): void {
    this.#leave();
    const first = this.#first ?? nothing;
    const body = this.#others === undefined ? first : Buffer.concat([first, ...this.#others], this.#bytes);
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

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#leave();
    if (error instanceof RefusedAddressError) return this.#settle(refused(error));
    this.fail(this.#status === 0 ? 'The upstream could not be reached or broke the connection.' : 'The upstream broke off its answer.', error);
  }

  cancel(): void {
    this.#settle({ kind: 'cancelled' });
    this.#abort();
  }

  fail(reason: string, cause: Error, timeout = false): void {
    this.#settle({ kind: 'failed', reason, timeout, cause });
  }

  override expire(): void {
    const reason = `The upstream did not answer within ${this.#terms.timeoutMs / 1000} s.`;
    this.fail(reason, new Error(reason), true);
    this.#abort();
  }

  #refuseSize(): void {
    const reason = `The upstream's answer is larger than ${this.#terms.maxResponseBytes} bytes.`;
    this.fail(reason, new Error(reason));
    this.#abort();
  }

  #abort(): void {
    this.#origin.lines.forget(this);
    this.#controller?.abort(new Error('The call is over.'));
  }

  /** Undici is done with this call. */
  #leave(): void {
    this.#origin.lines.release(this);
  }

  #settle(answer: UpstreamAnswer): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#terms.deadlines.remove(this);
    this.#cancellation?.forget(this);
    this.#origin.calls -= 1;
    this.#first = this.#others = undefined;
    this.#answered(answer);
  }
}
