import { request as httpRequest } from 'node:http';
import type { Agent, ClientRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { agentFor, noProxies, proxyFor } from '@stoa/lib/proxies.ts';
import { RefusedAddressError, createUpstreamGuard } from '@stoa/lib/upstream-guard.ts';
import type { OperationEntry } from '../model.ts';
import { Connections } from './connections.ts';
import { Deadlines } from './deadlines.ts';
import type { Outgoing } from './http1/request-text.ts';
import { Passage } from './passage.ts';
import type { PassedTo } from './passage.ts';
import { lineTo, overloaded, refused } from './upstream.ts';
import type { UpstreamFailure, UpstreamOptions } from './upstream.ts';

/** Requests to upstreams whose bodies pass by unread, in both directions. */
export type Relays = {
  /**
   * Makes a request whose body is at hand, and tells `to` of its answer, at a third of what it costs through `open`; or says why there is none. Its headers are those of the message, and
   * none that frames it. `mayRepeat`: whether it may be made once more where nothing of it was read.
   */
  pass(operation: OperationEntry, request: Outgoing & { readonly mayRepeat: boolean }, to: PassedTo): Passage | UpstreamFailure;
  /** Opens a request, to be written to and ended; or says why there is none. Its timeout is told by the event, and is the caller's to act on. */
  open(operation: OperationEntry, head: RelayHead): ClientRequest | UpstreamFailure;
  /** What to say of an error of a request. */
  failureOf(error: Error, hasBegun: boolean): UpstreamFailure;
  /** The same where it took too long. */
  readonly timedOut: UpstreamFailure;
  /** How long an upstream may be silent, in milliseconds. */
  readonly timeoutMs: number;
  /** Forgets the connections of lines that are no longer served, once they rest. */
  retain(served: { has(line: string): boolean }): void;
  /** Ends connections that rest. */
  close(): void;
};

/** `headers` hold no `Host`: names and values alternate. One that asks for another protocol gets a connection of its own, which carries nothing after it. */
export type RelayHead = { readonly method: string; readonly target: string; readonly headers: readonly string[]; readonly isUpgrade?: boolean };

type Origin = {
  readonly agent: Agent;
  readonly agentOfUpgrades: Agent;
  readonly host: string;
  readonly refusal: string | undefined;
  readonly isDirect: boolean;
  /** What has nothing of a message but its plainest form goes by these. */
  readonly lines: Connections;
  readonly prefix: string;
  open: number;
};

/** Most servers keep a quiet connection for five seconds and more. */
const restMs = 4000;

/** Requests through Node's own client, which knows trailers, interim answers and changes of protocol. Redirects are answers like any other (lesson 27). */
export function createRelays({
  timeoutMs = 30_000,
  maxCallsPerOrigin = 2048,
  guard = createUpstreamGuard({ upstreamAllow: [], upstreamDeny: [] }),
  proxies = noProxies,
}: UpstreamOptions): Relays {
  const origins = new Map<string, Origin>();
  const deadlines = new Deadlines(timeoutMs);
  const timedOut = timedOutAfter(timeoutMs);

  const originOf = ({ origin: address, line, identity }: OperationEntry): Origin => {
    let known = origins.get(line);
    if (known === undefined) {
      const { host, hostname } = new URL(address);
      const shown = identity === undefined ? {} : { cert: identity.cert, key: identity.key };
      const agent = agentFor(address, proxies, maxCallsPerOrigin, { timeout: restMs, ...shown });
      const agentOfUpgrades = agentFor(address, proxies, maxCallsPerOrigin, { keepAlive: false, ...shown });
      const to = lineTo(address, { guard, proxies, identity });
      const lines = new Connections(to, maxCallsPerOrigin);
      const isDirect = proxyFor(address, proxies) === undefined;
      known = { agent, agentOfUpgrades, host, refusal: guard.refusal(hostname), isDirect, lines, prefix: to.prefix, open: 0 };
      origins.set(line, known);
    }
    return known;
  };

  return {
    pass(operation, { mayRepeat, ...request }, to) {
      const origin = originOf(operation);
      if (origin.refusal !== undefined) return refused(new Error(`${operation.origin} ${origin.refusal}.`));
      if (origin.open >= maxCallsPerOrigin) return overloaded;
      origin.open += 1;
      const terms = { lines: origin.lines, deadlines, timedOut, mayRepeat, over: () => void (origin.open -= 1) };
      return new Passage(terms, { ...request, target: origin.prefix + request.target }, to);
    },
    open(operation, { method, target, headers, isUpgrade = false }) {
      const { origin: address } = operation;
      const origin = originOf(operation);
      if (origin.refusal !== undefined) return refused(new Error(`${address} ${origin.refusal}.`));
      if (origin.open >= maxCallsPerOrigin) return overloaded;
      const { hostname, port, protocol } = new URL(address);
      const send = protocol === 'https:' ? httpsRequest : httpRequest;
      const agent = isUpgrade ? origin.agentOfUpgrades : origin.agent;
      const place = { hostname: hostname.replace(/^\[|\]$/g, ''), port, method, path: target, agent, timeout: timeoutMs };
      // Behind a proxy it is the proxy that resolves names, by its own rules.
      const lookup = origin.isDirect ? { lookup: guard.lookup } : {};
      const lines = ['host', origin.host, ...headers];
      const sent = send({ ...place, ...lookup, setHost: false, headers: origin.isDirect ? lines : collected(lines) });
      origin.open += 1;
      sent.once('close', () => (origin.open -= 1));
      return sent;
    },
    failureOf(error, hasBegun) {
      if (error instanceof RefusedAddressError) return refused(error);
      const reason = hasBegun ? 'The upstream broke off its answer.' : 'The upstream could not be reached or broke the connection.';
      return { kind: 'failed', reason, timeout: false, cause: error, isUpstreams: true };
    },
    timedOut,
    timeoutMs,
    retain(served) {
      for (const [line, origin] of origins) {
        if (served.has(line)) continue;
        origins.delete(line);
        endResting(origin);
      }
    },
    close() {
      for (const origin of origins.values()) endResting(origin);
      origins.clear();
    },
  };
}

/** By name, as Node's way through a proxy wants them. */
function collected(lines: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (let at = 0; at < lines.length; at += 2) (headers[(lines[at] as string).toLowerCase()] ??= []).push(lines[at + 1] as string);
  return headers;
}

function timedOutAfter(timeoutMs: number): UpstreamFailure {
  const reason = `The upstream did not answer within ${timeoutMs / 1000} s.`;
  return { kind: 'failed', reason, timeout: true, cause: new Error(reason), isUpstreams: true };
}

/** What to say of an answer that cannot be passed on. */
export const unusable = (cause: Error): UpstreamFailure => ({
  kind: 'failed',
  reason: 'The upstream answered what is no answer of HTTP.',
  timeout: false,
  cause,
});

/** Those under way go on, and rest for no longer than any. */
function endResting({ agent, lines }: Origin): void {
  void lines.close();
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}
