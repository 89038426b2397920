import type { RequestOrigin } from '@stoa/lib/client-address.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Meter } from '../metering/meter.ts';
import type { Caller, OperationEntry, Snapshot, TimeRule } from '../model.ts';
import type { Upstreams } from '../upstream/upstream.ts';
import type { Refusal } from './call-outcome.ts';
import type { Limits } from './limits.ts';
import type { ProofJudge } from './proofs/proof-judge.ts';
import type { TokenJudge } from './tokens/token-judge.ts';

/** What of an engine decisions are made with. */
export type DecidingEngine = {
  /** Whether there is anything to decide by. */
  readonly ready: boolean;
  readonly limits: Limits;
  readonly meter: Meter;
  readonly upstreams: Upstreams;
  readonly tokens: TokenJudge;
  readonly proofs: ProofJudge;
  /** Under which network to count what whoever sent a request does wrong. */
  networkOf(request: RequestOrigin): string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Logger;
};

/** One call, as the steps below see it. */
export type CallToAdmit = {
  readonly snapshot: Snapshot;
  readonly caller: Caller;
  readonly operation: OperationEntry;
  readonly addressOf: AddressOf | undefined;
  readonly bodyBytes: number;
};

/** From where a call comes; undefined where nobody who is trusted says so. CallToAdmit only where it counts. */
export type AddressOf = () => string | undefined;

/** The policy that lets no calls through at this moment, by its name. */
export function closedBy(times: readonly TimeRule[], nowMs: number): string | undefined {
  return times.length === 0 ? undefined : times.find((rule) => !rule.admits(nowMs))?.policy;
}

/** The steps between access and the upstream, the same for every door (lesson 22): where it comes from and when, limits by identity, then the size of the request. */
export function admit(engine: DecidingEngine, { snapshot, caller, operation: { api }, addressOf, bodyBytes }: CallToAdmit): Refusal | undefined {
  const { maxRequestBytes, addresses, times } = api.policies;
  // Before the limits: what is refused for its address or its time uses nothing up.
  if (addresses.length > 0) {
    const address = addressOf?.();
    if (address === undefined || addresses.some((rule) => !rule.admits(address))) return { kind: 'address_refused' };
  }
  const closed = closedBy(times, engine.now());
  if (closed !== undefined) return { kind: 'time_refused', policy: closed };
  const limits = snapshot.limitsOf(caller.consumerId, api);
  if (limits.length > 0) {
    const verdict = engine.limits.consume(limits, caller.consumerId);
    if (!verdict.allowed) return { kind: 'rate_limited', retryAfterS: verdict.retryAfterS, policy: verdict.policy };
  }
  return maxRequestBytes !== undefined && bodyBytes > maxRequestBytes ? { kind: 'too_large', maxBytes: maxRequestBytes } : undefined;
}
