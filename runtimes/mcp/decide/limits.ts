import { createForwardClock } from '@stoa/lib/clock.ts';
import { createLimitMemory, LimitTable } from './limit-table.ts';
import type { WindowClock, WindowKey } from './limit-table.ts';
import { periodAt } from './period.ts';
import { countingOf, isSmooth } from './smooth-limits.ts';
import type { Share, SmoothPolicy } from './smooth-limits.ts';
import { keyFor, variantOf, WindowKeys } from './window-keys.ts';
import type { Called } from './window-keys.ts';
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
  /** Calls when it is absent. */
  readonly unit?: 'bytes';
};

/** Counts calls by policy and consumer. */
export type Limits = {
  /**
   * Takes one call from every limit, or from none and says which refuses and in how many whole seconds (at least 1) it will not: at once, or where replicas
   * count together and this one has to ask, later. Throws, or rejects, when there is no room to count: a call that cannot be counted must not be let through.
   * `called` is needed by the limits that count by it. Of those that count bytes nothing is taken, as long as anything is left.
   */
  consume(policies: readonly LimitPolicy[], consumerId: string, called?: Called): LimitVerdict | Promise<LimitVerdict>;
  /** Takes bytes that have passed from the limits that count them. Throws when there is no room to count. */
  charge(policies: readonly LimitPolicy[], consumerId: string, called: Called, bytes: number): void;
  /** Of each limit what is left of it, as far as is known, for a caller who has just been counted. Takes nothing. */
  standing(policies: readonly LimitPolicy[], consumerId: string, called?: Called): readonly LimitStanding[];
  /** Forgets policies that are no longer in force. */
  retain(policyIds: Pick<ReadonlySet<string>, 'has'>): void;
};

/** Limits that never ask anybody. */
export type LocalLimits = Omit<Limits, 'consume'> & { consume(policies: readonly LimitPolicy[], consumerId: string, called?: Called): LimitVerdict };

export type LimitsOptions = {
  /** Wall-clock time that never goes back. */
  readonly now?: () => number;
  /** What is counted in, with other threads; memory of its own when absent. */
  readonly memory?: SharedArrayBuffer;
  /** Tells this thread from the others, from 1. */
  readonly owner?: number;
};

const allowed: LimitVerdict = { allowed: true };
const all: Share = (whole) => whole;

export const countsBytes = (policy: LimitPolicy): boolean => policy.kind === 'quota' && policy.unit === 'bytes';

/**
 * Limits counted in this process, whatever thread a call comes to. Policy and consumer ids are UUIDs of one tenant, so tenants never share a counter;
 * sessions play no part, so opening another one resets nothing (lesson 29). Counters outlive snapshots and edits of `limit`, and the edit of a rate's
 * window begins a new one. A rate is measured by the monotonic clock and a quota by `now`: setting the wall clock frees nobody.
 */
export function createLimits({ now = createForwardClock(), memory = createLimitMemory(), owner = 1 }: LimitsOptions = {}): LocalLimits {
  const table = new LimitTable(memory, owner, now);
  const keys = new WindowKeys((policy, subject) => keyFor(policy, JSON.stringify([policy.policyId, variantOf(policy), subject]), clockOf(policy)));

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

  /** Milliseconds until one more call may come under a limit; 0 when it may now. */
  const waitMs = (policy: LimitPolicy, key: WindowKey): number => {
    if (isSmooth(policy)) return countingOf(table, policy, key, all).waitMs();
    const slot = windowOf(policy, key);
    return table.count(slot) < policy.limit ? 0 : table.endsAt(slot) - table.now(clockOf(policy));
  };

  const take = (policies: readonly LimitPolicy[], windowKeys: readonly WindowKey[]): LimitVerdict => {
    for (let at = 0; at < policies.length; at += 1) {
      const policy = policies[at] as LimitPolicy;
      const leftMs = waitMs(policy, windowKeys[at] as WindowKey);
      // A refused call costs nothing, here or elsewhere: raising a limit must help whoever kept on asking.
      if (leftMs > 0) return { allowed: false, retryAfterS: wholeSeconds(leftMs), policy: policy.name };
    }
    for (let at = 0; at < policies.length; at += 1) {
      const [policy, key] = [policies[at] as LimitPolicy, windowKeys[at] as WindowKey];
      if (isSmooth(policy)) countingOf(table, policy, key, all).take();
      else if (!countsBytes(policy)) table.add(key.slot);
    }
    return allowed;
  };

  return {
    consume(policies, consumerId, called) {
      const windowKeys = policies.map((policy) => keys.of(policy, consumerId, called));
      return table.locked(() => take(policies, windowKeys));
    },
    charge(policies, consumerId, called, bytes) {
      const counting = policies.filter(countsBytes);
      const windowKeys = counting.map((policy) => keys.of(policy, consumerId, called));
      table.locked(() => {
        for (const [at, policy] of counting.entries()) table.add(windowOf(policy, windowKeys[at] as WindowKey), bytes);
      });
    },
    standing(policies, consumerId, called) {
      const windowKeys = policies.map((policy) => keys.of(policy, consumerId, called));
      return table.locked(() =>
        policies.map((policy, index) => {
          const key = windowKeys[index] as WindowKey;
          if (isSmooth(policy)) return smoothStanding(table, policy, key, all);
          const slot = windowOf(policy, key);
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

/** At least 1; a microsecond too much is none. */
export const wholeSeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000 - 1e-6));

export function standingOf(policy: LimitPolicy, used: number, leftMs: number, wallMs: number): LimitStanding {
  const { name, limit } = policy;
  const { startsMs, endsMs } = policy.kind === 'quota' ? periodAt(policy.period, wallMs) : { startsMs: 0, endsMs: policy.windowS * 1000 };
  const standing = {
    name,
    limit,
    windowS: (endsMs - startsMs) / 1000,
    remaining: Math.max(0, limit - used),
    resetS: wholeSeconds(leftMs),
  };
  return countsBytes(policy) ? { ...standing, unit: 'bytes' } : standing;
}

/** The same of a rate that is counted otherwise. */
export function smoothStanding(table: LimitTable, policy: SmoothPolicy, key: WindowKey, share: Share): LimitStanding {
  const { name, limit, windowS } = policy;
  const { remaining, leftMs } = countingOf(table, policy, key, share).standing();
  return { name, limit, windowS, remaining, resetS: wholeSeconds(leftMs) };
}

const clockOf = ({ kind }: LimitPolicy): WindowClock => (kind === 'rate_limit' ? 'monotonic' : 'wall');

/** When a window that begins now ends, by the clock that `nowMs` was read from. */
const endOf = (policy: LimitPolicy, nowMs: number): number =>
  policy.kind === 'rate_limit' ? nowMs + policy.windowS * 1000 : periodAt(policy.period, nowMs).endsMs;
