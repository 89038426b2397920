import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { LimitPolicy } from './model.ts';

export type LimitVerdict = { readonly allowed: true } | { readonly allowed: false; readonly retryAfterS: number; readonly policy: string };

/** Counts calls by policy and consumer. */
export type Limits = {
  /** Takes one call from every limit, or from none and says which refuses and in how many whole seconds (at least 1) it will not. */
  consume(policies: readonly LimitPolicy[], consumerId: string): Promise<LimitVerdict>;
  /** Forgets the counters of policies that are no longer in force. */
  retain(policyIds: ReadonlySet<string>): void;
};

type Counter = {
  readonly period: string;
  readonly limiter: RateLimiterMemory /** Milliseconds since 1970; undefined where each consumer has a window of its own. */;
  readonly endsAtMs: number | undefined;
};

const allowed: LimitVerdict = { allowed: true };

/**
 * Limits counted in this process. Policy and consumer ids are UUIDs of one tenant, so tenants never share a counter; sessions play no
 * part, so opening another one resets nothing (lesson 29). Counters outlive snapshots and edits of `limit`.
 */
export function createMemoryLimits(now: () => number = Date.now): Limits {
  const counters = new Map<string, Counter>();

  const counterOf = (policy: LimitPolicy): Counter => {
    const { period, endsAtMs } = periodOf(policy, now());
    let counter = counters.get(policy.policyId);
    if (counter?.period !== period) {
      // Duration 0 never expires: a quota's counter ends with its calendar period, which a timer (at most 24.8 days) could not wait for.
      const duration = policy.kind === 'rate_limit' ? policy.windowS : 0;
      counter = { period, endsAtMs, limiter: new RateLimiterMemory({ keyPrefix: '', points: policy.limit, duration }) };
      counters.set(policy.policyId, counter);
    }
    counter.limiter.points = policy.limit;
    return counter;
  };

  const consume: Limits['consume'] = async (policies, consumerId) => {
    const taken: RateLimiterMemory[] = [];
    for (const policy of policies) {
      const { limiter, endsAtMs } = counterOf(policy);
      try {
        await limiter.consume(consumerId);
        taken.push(limiter);
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        // A refused call is counted by no limit, so that a raised limit helps at once a caller that kept on calling.
        for (const other of [...taken, limiter]) await other.reward(consumerId);
        const waitMs = endsAtMs === undefined ? refusal.msBeforeNext : endsAtMs - now();
        return { allowed: false, retryAfterS: Math.max(1, Math.ceil(waitMs / 1000)), policy: policy.name };
      }
    }
    return allowed;
  };

  const retain: Limits['retain'] = (policyIds) => {
    for (const policyId of counters.keys()) if (!policyIds.has(policyId)) counters.delete(policyId);
  };

  return { consume, retain };
}

function periodOf(policy: LimitPolicy, nowMs: number): { period: string; endsAtMs: number | undefined } {
  if (policy.kind === 'rate_limit') return { period: `${policy.windowS} s`, endsAtMs: undefined };
  const at = new Date(nowMs);
  const [year, month, day, hour] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), at.getUTCHours()];
  const startsAtMs = { hour: Date.UTC(year, month, day, hour), day: Date.UTC(year, month, day), month: Date.UTC(year, month) }[policy.period];
  const endsAtMs = { hour: Date.UTC(year, month, day, hour + 1), day: Date.UTC(year, month, day + 1), month: Date.UTC(year, month + 1) }[
    policy.period
  ];
  return { period: `${policy.period} from ${startsAtMs}`, endsAtMs };
}
