import { createForwardClock } from '@stoa/lib/clock.ts';
import { createLimitMemory, LimitTable, windowKey } from './limit-table.ts';
import type { WindowClock, WindowKey } from './limit-table.ts';
import type { LimitPolicy } from '../model.ts';

export type LimitVerdict = { readonly allowed: true } | { readonly allowed: false; readonly retryAfterS: number; readonly policy: string };

/** Counts calls by policy and consumer. */
export type Limits = {
  /**
   * Takes one call from every limit, or from none and says which refuses and in how many whole seconds (at least 1) it will not. Throws when
   * there is no room to count: a call that cannot be counted must not be let through.
   */
  consume(policies: readonly LimitPolicy[], consumerId: string): LimitVerdict;
  /** Forgets policies that are no longer in force. */
  retain(policyIds: Pick<ReadonlySet<string>, 'has'>): void;
};

export type LimitsOptions = {
  /** Wall-clock time that never goes back. */
  readonly now?: () => number;
  /** What is counted in, with other threads; memory of its own when absent. */
  readonly memory?: SharedArrayBuffer;
  /** Tells this thread from the others, from 1. */
  readonly owner?: number;
};

type Keys = { readonly windowS: number | undefined; readonly byConsumer: Map<string, WindowKey> };

const maxKeysKept = 10_000;
const allowed: LimitVerdict = { allowed: true };

/**
 * Limits counted in this process, whatever thread a call comes to. Policy and consumer ids are UUIDs of one tenant, so tenants never share a counter;
 * sessions play no part, so opening another one resets nothing (lesson 29). Counters outlive snapshots and edits of `limit`, and the edit of a rate's
 * window begins a new one. A rate is measured by the monotonic clock and a quota by `now`: setting the wall clock frees nobody.
 */
export function createLimits({ now = createForwardClock(), memory = createLimitMemory(), owner = 1 }: LimitsOptions = {}): Limits {
  const table = new LimitTable(memory, owner, now);
  /** Each key is made once: that costs as much as all that is counted with it. */
  const keys = new Map<string, Keys>();

  const keyOf = (policy: LimitPolicy, consumerId: string): WindowKey => {
    const windowS = policy.kind === 'rate_limit' ? policy.windowS : undefined;
    let known = keys.get(policy.policyId);
    if (known === undefined || known.windowS !== windowS) keys.set(policy.policyId, (known = { windowS, byConsumer: new Map() }));
    let key = known.byConsumer.get(consumerId);
    if (key === undefined) {
      if (known.byConsumer.size >= maxKeysKept) known.byConsumer.clear();
      key = windowKey(JSON.stringify([policy.policyId, windowS, consumerId]), clockOf(policy));
      known.byConsumer.set(consumerId, key);
    }
    return key;
  };

  /** The place of the window that a call falls into. */
  const windowOf = (policy: LimitPolicy, key: WindowKey): number => {
    const slot = table.find(key);
    if (slot === undefined) throw new Error('There is no room left to count limits: more consumers call under them than one process can count.');
    const nowMs = table.now(clockOf(policy));
    const endsAtMs = table.endsAt(slot);
    if (endsAtMs <= nowMs) table.begin(slot, endOf(policy, nowMs));
    // A period that was made shorter ends when the new one does.
    else if (policy.kind === 'quota' && endsAtMs > endOf(policy, nowMs)) table.begin(slot, endOf(policy, nowMs));
    return slot;
  };

  const take = (policies: readonly LimitPolicy[], windowKeys: readonly WindowKey[]): LimitVerdict => {
    const slots = policies.map((policy, index) => windowOf(policy, windowKeys[index] as WindowKey));
    const full = policies.findIndex((policy, index) => table.count(slots[index] as number) >= policy.limit);
    const policy = policies[full];
    if (policy !== undefined) {
      // A refused call costs nothing, here or elsewhere: raising a limit must help whoever kept on asking.
      const leftMs = table.endsAt(slots[full] as number) - table.now(clockOf(policy));
      return { allowed: false, retryAfterS: Math.max(1, Math.ceil(leftMs / 1000)), policy: policy.name };
    }
    for (const slot of slots) table.add(slot);
    return allowed;
  };

  return {
    consume(policies, consumerId) {
      const windowKeys = policies.map((policy) => keyOf(policy, consumerId));
      return table.locked(() => take(policies, windowKeys));
    },
    retain(policyIds) {
      for (const policyId of keys.keys()) if (!policyIds.has(policyId)) keys.delete(policyId);
    },
  };
}

const clockOf = ({ kind }: LimitPolicy): WindowClock => (kind === 'rate_limit' ? 'monotonic' : 'wall');

/** When a window that begins now ends, by the clock that `nowMs` was read from. */
function endOf(policy: LimitPolicy, nowMs: number): number {
  if (policy.kind === 'rate_limit') return nowMs + policy.windowS * 1000;
  const at = new Date(nowMs);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  switch (policy.period) {
    case 'hour':
      return Date.UTC(year, month, day, at.getUTCHours() + 1);
    case 'day':
      return Date.UTC(year, month, day + 1);
    case 'month':
      return Date.UTC(year, month + 1);
  }
}
