import { createForwardClock } from '@stoa/lib/clock.ts';
import { createLimitMemory, LimitTable, windowKey } from './limit-table.ts';
import type { WindowClock, WindowKey } from './limit-table.ts';
import { periodAt } from './period.ts';
import { WindowKeys, windowOfRate } from './window-keys.ts';
import type { LimitPolicy } from '../model.ts';

export type LimitVerdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly retryAfterS: number; readonly policy: string }
  /** What replicas count together cannot be asked, and the policy says that nothing passes then. */
  | { readonly allowed: false; readonly isUncounted: true; readonly policy: string };

/** One limit as it stands: calls that are left, and whole seconds until its window is over. */
export type LimitStanding = {
  readonly name: string;
  readonly limit: number;
  readonly windowS: number;
  readonly remaining: number;
  readonly resetS: number;
};

/** Counts calls by policy and consumer. */
export type Limits = {
  /**
   * Takes one call from every limit, or from none and says which refuses and in how many whole seconds (at least 1) it will not: at once, or where replicas
   * count together and this one has to ask, later. Throws, or rejects, when there is no room to count: a call that cannot be counted must not be let through.
   */
  consume(policies: readonly LimitPolicy[], consumerId: string): LimitVerdict | Promise<LimitVerdict>;
  /** Of each limit what is left of it, as far as is known, for a caller who has just been counted. Takes nothing. */
  standing(policies: readonly LimitPolicy[], consumerId: string): readonly LimitStanding[];
  /** Forgets policies that are no longer in force. */
  retain(policyIds: Pick<ReadonlySet<string>, 'has'>): void;
};

/** Limits that never ask anybody. */
export type LocalLimits = Omit<Limits, 'consume'> & { consume(policies: readonly LimitPolicy[], consumerId: string): LimitVerdict };

export type LimitsOptions = {
  /** Wall-clock time that never goes back. */
  readonly now?: () => number;
  /** What is counted in, with other threads; memory of its own when absent. */
  readonly memory?: SharedArrayBuffer;
  /** Tells this thread from the others, from 1. */
  readonly owner?: number;
};

const allowed: LimitVerdict = { allowed: true };

/**
 * Limits counted in this process, whatever thread a call comes to. Policy and consumer ids are UUIDs of one tenant, so tenants never share a counter;
 * sessions play no part, so opening another one resets nothing (lesson 29). Counters outlive snapshots and edits of `limit`, and the edit of a rate's
 * window begins a new one. A rate is measured by the monotonic clock and a quota by `now`: setting the wall clock frees nobody.
 */
export function createLimits({ now = createForwardClock(), memory = createLimitMemory(), owner = 1 }: LimitsOptions = {}): LocalLimits {
  const table = new LimitTable(memory, owner, now);
  const keys = new WindowKeys((policy, consumerId) =>
    windowKey(JSON.stringify([policy.policyId, windowOfRate(policy), consumerId]), clockOf(policy)),
  );

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
      const windowKeys = policies.map((policy) => keys.of(policy, consumerId));
      return table.locked(() => take(policies, windowKeys));
    },
    standing(policies, consumerId) {
      const windowKeys = policies.map((policy) => keys.of(policy, consumerId));
      return table.locked(() =>
        policies.map((policy, index) => {
          const slot = windowOf(policy, windowKeys[index] as WindowKey);
          const leftMs = table.endsAt(slot) - table.now(clockOf(policy));
          return standingOf(policy, table.count(slot), leftMs, table.now('wall'));
        }),
      );
    },
    retain(policyIds) {
      keys.retain(policyIds);
    },
  };
}

export function standingOf(policy: LimitPolicy, used: number, leftMs: number, wallMs: number): LimitStanding {
  const { name, limit } = policy;
  const { startsMs, endsMs } = policy.kind === 'quota' ? periodAt(policy.period, wallMs) : { startsMs: 0, endsMs: policy.windowS * 1000 };
  return { name, limit, windowS: (endsMs - startsMs) / 1000, remaining: Math.max(0, limit - used), resetS: Math.max(1, Math.ceil(leftMs / 1000)) };
}

const clockOf = ({ kind }: LimitPolicy): WindowClock => (kind === 'rate_limit' ? 'monotonic' : 'wall');

/** When a window that begins now ends, by the clock that `nowMs` was read from. */
const endOf = (policy: LimitPolicy, nowMs: number): number =>
  policy.kind === 'rate_limit' ? nowMs + policy.windowS * 1000 : periodAt(policy.period, nowMs).endsMs;
