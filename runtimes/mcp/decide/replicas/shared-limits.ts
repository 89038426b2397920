import type { LimitPolicy } from '../../model.ts';
import { LimitTable } from '../limit-table.ts';
import type { WindowKey } from '../limit-table.ts';
import { countsBytes, smoothStanding, standingOf, wholeSeconds } from '../limits.ts';
import type { Limits, LimitVerdict } from '../limits.ts';
import { periodAt } from '../period.ts';
import { countingOf, isSmooth } from '../smooth-limits.ts';
import type { Share } from '../smooth-limits.ts';
import { keyFor, subjectOf, variantOf, WindowKeys } from '../window-keys.ts';
import { LeaseTable } from './lease-table.ts';
import type { LeaseSource } from './lessor.ts';

export type SharedLimitsOptions = {
  /** Wall-clock time that never goes back. */
  readonly now: () => number;
  readonly memory: SharedArrayBuffer;
  readonly leaseMemory: SharedArrayBuffer;
  /** Tells this thread from the others, from 1. */
  readonly owner: number;
  readonly source: LeaseSource;
};

const allowed: LimitVerdict = { allowed: true };
/** More would mean that others always take what was asked for. */
const maxQuestions = 16;

/** What a call finds of one limit: room, none, nobody to ask, or that somebody has to be asked. */
type Finding = 'room' | 'full' | 'uncounted' | 'ask';

/** The windows of one call that have to be asked for first, by the places of their policies. */
type Short = { readonly ask: readonly number[] };

/** Of a period too: one that is edited begins anew. */
const nameOf = (policy: LimitPolicy, subject: string): string => JSON.stringify([policy.policyId, windowNameOf(policy), subject]);

function windowNameOf(policy: LimitPolicy): number | string | undefined {
  if (policy.kind === 'rate_limit') return variantOf(policy);
  return policy.unit === undefined ? policy.period : `${policy.period} ${policy.unit}`;
}

/**
 * Limits that replicas count together. A call takes what this replica was granted before, in the memory that its threads share, and waits for more only where that is used
 * up. While the store is away, the replica lets through its share of what was left when it was last heard of, or what the policy says.
 */
export function createSharedLimits({ now, memory, leaseMemory, owner, source }: SharedLimitsOptions): Limits {
  const table = new LimitTable(memory, owner, now);
  const leases = new LeaseTable(leaseMemory);
  const keys = new WindowKeys((policy, subject) => keyFor(policy, nameOf(policy, subject), 'monotonic'));
  /** The shares of all replicas add up to the whole. */
  const share: Share = (whole) => Math.floor(whole / leases.replicas) + (leases.rank < whole % leases.replicas ? 1 : 0);

  /** The place of the window that a call falls into. It ends by this replica's own clock until the store says when. */
  const windowOf = (policy: LimitPolicy, key: WindowKey): number => {
    const slot = table.find(key);
    if (slot === undefined) throw new Error('There is no room left to count limits: more consumers call under them than one process can count.');
    const nowMs = table.now('monotonic');
    if (table.endsAt(slot) <= nowMs) {
      table.begin(slot, nowMs + lengthOf(policy, nowMs));
      leases.clear(slot);
    }
    return slot;
  };

  const lengthOf = (policy: LimitPolicy, nowMs: number): number => {
    if (policy.kind === 'rate_limit') return policy.windowS * 1000;
    const storeNowMs = leases.storeOffsetMs === 0 ? table.now('wall') : leases.storeOffsetMs + nowMs;
    return periodAt(policy.period, storeNowMs).endsMs - storeNowMs;
  };

  const find = (policy: LimitPolicy, slot: number): Finding => {
    const { limit } = policy;
    const count = table.count(slot);
    if (count >= limit && policy.onStoreUnavailable !== 'fail_open') return 'full';
    if (count < leases.get(slot, 'granted')) return 'room';
    if (leases.isAway) return findAlone(policy, slot, count);
    const isEmpty = limit <= leases.get(slot, 'emptyFor') && table.now('monotonic') < leases.get(slot, 'emptyUntil');
    return isEmpty || count >= limit ? 'full' : 'ask';
  };

  const findAlone = (policy: LimitPolicy, slot: number, count: number): Finding => {
    if (policy.onStoreUnavailable === 'fail_open') return 'room';
    if (policy.onStoreUnavailable === 'fail_closed') return 'uncounted';
    if (leases.get(slot, 'shared') === 0) {
      const { replicas, rank } = leases;
      const left = Math.max(0, policy.limit - Math.max(leases.get(slot, 'total'), count));
      leases.set(slot, 'granted', count + Math.floor(left / replicas) + (rank < left % replicas ? 1 : 0));
      leases.set(slot, 'shared', 1);
    }
    return count < leases.get(slot, 'granted') ? 'room' : 'full';
  };

  const refusal = (policy: LimitPolicy, slot: number, finding: Finding): LimitVerdict => {
    if (finding === 'uncounted') return { allowed: false, isUncounted: true, policy: policy.name };
    const leftMs = table.endsAt(slot) - table.now('monotonic');
    return { allowed: false, retryAfterS: wholeSeconds(leftMs), policy: policy.name };
  };

  const take = (policies: readonly LimitPolicy[], windowKeys: readonly WindowKey[]): LimitVerdict | Short => {
    for (const [index, policy] of policies.entries()) {
      const leftMs = isSmooth(policy) ? countingOf(table, policy, windowKeys[index] as WindowKey, share).waitMs() : 0;
      if (leftMs > 0) return { allowed: false, retryAfterS: wholeSeconds(leftMs), policy: policy.name };
    }
    const slots = policies.map((policy, index) => (isSmooth(policy) ? -1 : windowOf(policy, windowKeys[index] as WindowKey)));
    const findings = policies.map((policy, index) => (isSmooth(policy) ? 'room' : find(policy, slots[index] as number)));
    const refusing = findings.findIndex((finding) => finding === 'full' || finding === 'uncounted');
    if (refusing >= 0) return refusal(policies[refusing] as LimitPolicy, slots[refusing] as number, findings[refusing] as Finding);
    const ask = findings.flatMap((finding, index) => (finding === 'ask' ? [index] : []));
    if (ask.length > 0) return { ask };
    for (const [index, policy] of policies.entries()) {
      if (isSmooth(policy)) countingOf(table, policy, windowKeys[index] as WindowKey, share).take();
      else if (!countsBytes(policy)) table.add(slots[index] as number);
    }
    return allowed;
  };

  const askAndTake = async (
    policies: readonly LimitPolicy[],
    nameAt: (index: number) => string,
    windowKeys: readonly WindowKey[],
    first: Short,
  ): Promise<LimitVerdict> => {
    let short = first;
    for (let questions = 0; questions < maxQuestions; questions += 1) {
      await Promise.all(short.ask.map((index) => source.lease({ name: nameAt(index), policy: policies[index] as LimitPolicy, waiting: 1 })));
      const taken = table.locked(() => take(policies, windowKeys));
      if ('allowed' in taken) return taken;
      short = taken;
    }
    throw new Error('A call waited in vain for its part of a limit: others took each that came.');
  };

  return {
    consume(policies, consumerId, called) {
      const windowKeys = policies.map((policy) => keys.of(policy, consumerId, called));
      const taken = table.locked(() => take(policies, windowKeys));
      if ('allowed' in taken) return taken;
      const nameAt = (index: number): string => {
        const policy = policies[index] as LimitPolicy;
        return nameOf(policy, subjectOf(policy, consumerId, called));
      };
      return askAndTake(policies, nameAt, windowKeys, taken);
    },
    charge(policies, consumerId, called, bytes) {
      const counting = policies.filter(countsBytes);
      const windowKeys = counting.map((policy) => keys.of(policy, consumerId, called));
      table.locked(() => {
        for (const [index, policy] of counting.entries()) table.add(windowOf(policy, windowKeys[index] as WindowKey), bytes);
      });
    },
    standing(policies, consumerId, called) {
      const windowKeys = policies.map((policy) => keys.of(policy, consumerId, called));
      return table.locked(() =>
        policies.map((policy, index) => {
          const key = windowKeys[index] as WindowKey;
          if (isSmooth(policy)) return smoothStanding(table, policy, key, share);
          const slot = windowOf(policy, key);
          const count = table.count(slot);
          // What this replica holds and has not let through is still there for its callers.
          const unused = Math.max(0, leases.get(slot, 'granted') - count);
          const used = Math.max(count, leases.get(slot, 'total') - unused);
          return standingOf(policy, used, table.endsAt(slot) - table.now('monotonic'), table.now('wall'));
        }),
      );
    },
    retain(policyIds) {
      keys.retain(policyIds);
    },
  };
}
