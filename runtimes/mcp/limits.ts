import { createForwardClock } from '@stoa/lib/clock.ts';
import type { LimitPolicy } from './model.ts';

export type LimitVerdict = { readonly allowed: true } | { readonly allowed: false; readonly retryAfterS: number; readonly policy: string };

/** Counts calls by policy and consumer. */
export type Limits = {
  /** Takes one call from every limit, or from none and says which refuses and in how many whole seconds (at least 1) it will not. */
  consume(policies: readonly LimitPolicy[], consumerId: string): LimitVerdict;
  /** Forgets the counters of policies that are no longer in force. */
  retain(policyIds: { has(policyId: string): boolean }): void;
};

/** What one consumer has taken of a policy, until the window ends by the clock of its kind. */
type Window = { count: number; readonly endsAtMs: number };
type Counter = { readonly windowS: number | undefined; readonly windows: Map<string, Window> };

const allowed: LimitVerdict = { allowed: true };

/**
 * Limits counted in this process. Policy and consumer ids are UUIDs of one tenant, so tenants never share a counter; sessions play no
 * part, so opening another one resets nothing (lesson 29). Counters outlive snapshots and edits of `limit`. A rate is measured by the
 * monotonic clock and a quota by `now`, which never goes back: setting the wall clock frees nobody.
 */
export function createMemoryLimits(now: () => number = createForwardClock()): Limits {
  const counters = new Map<string, Counter>();
  const clockOf = (policy: LimitPolicy): number => (policy.kind === 'rate_limit' ? performance.now() : now());

  const windowOf = (policy: LimitPolicy, consumerId: string): Window => {
    const windowS = policy.kind === 'rate_limit' ? policy.windowS : undefined;
    let counter = counters.get(policy.policyId);
    if (counter === undefined || counter.windowS !== windowS) {
      counter = { windowS, windows: new Map() };
      counters.set(policy.policyId, counter);
    }
    const window = counter.windows.get(consumerId);
    const nowMs = clockOf(policy);
    // A period that was made shorter ends when the new one does.
    const endsAtMs = endOf(policy, nowMs);
    if (window !== undefined && window.endsAtMs > nowMs && window.endsAtMs <= endsAtMs) return window;
    const begun = { count: 0, endsAtMs };
    counter.windows.set(consumerId, begun);
    return begun;
  };

  const consume: Limits['consume'] = (policies, consumerId) => {
    const windows = policies.map((policy) => ({ policy, window: windowOf(policy, consumerId) }));
    const full = windows.find(({ policy, window }) => window.count >= policy.limit);
    // A refused call costs nothing, here or elsewhere: raising a limit must help whoever kept on asking.
    if (full === undefined) for (const { window } of windows) window.count += 1;
    else return { allowed: false, retryAfterS: secondsLeft(full.window.endsAtMs - clockOf(full.policy)), policy: full.policy.name };
    return allowed;
  };

  const retain: Limits['retain'] = (policyIds) => {
    for (const policyId of counters.keys()) if (!policyIds.has(policyId)) counters.delete(policyId);
  };

  return { consume, retain };
}

const secondsLeft = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/** When a window that begins now ends, by the clock that `nowMs` was read from. */
function endOf(policy: LimitPolicy, nowMs: number): number {
  if (policy.kind === 'rate_limit') return nowMs + policy.windowS * 1000;
  const at = new Date(nowMs);
  const [year, month, day, hour] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), at.getUTCHours()];
  return { hour: Date.UTC(year, month, day, hour + 1), day: Date.UTC(year, month, day + 1), month: Date.UTC(year, month + 1) }[policy.period];
}
