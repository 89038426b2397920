import type { LimitPolicy } from '../model.ts';
import type { LimitTable, WindowKey } from './limit-table.ts';

/** A rate that is counted otherwise than in windows that begin with their first call. */
export type SmoothPolicy = Extract<LimitPolicy, { kind: 'rate_limit' }> & Required<Pick<Extract<LimitPolicy, { kind: 'rate_limit' }>, 'algorithm'>>;

export const isSmooth = (policy: LimitPolicy): policy is SmoothPolicy => policy.kind === 'rate_limit' && policy.algorithm !== undefined;

/** What of a limit is this replica's. */
export type Share = (whole: number) => number;

type Standing = { readonly remaining: number; readonly leftMs: number };

/** How a rate is counted. Only with the lock of the table. */
type Counting = {
  /** Milliseconds until one more call may come; 0 when it may now. */
  waitMs(): number;
  take(): void;
  standing(): Standing;
};

/** What a number of halves and thirds may be off by. */
const slack = 1e-6;
const noRoom = 'There is no room left to count limits: more consumers call under them than one process can count.';

/** Only with the lock of the table. Throws when there is no room to count. */
export function countingOf(table: LimitTable, policy: SmoothPolicy, key: WindowKey, share: Share): Counting {
  return policy.algorithm === 'token_bucket' ? tokenBucket(table, policy, key, share) : slidingWindow(table, policy, key, share);
}

function slotOf(table: LimitTable, key: WindowKey): number {
  const slot = table.find(key);
  if (slot === undefined) throw new Error(noRoom);
  return slot;
}

/**
 * A bucket is one moment: that at which it is full again (the generic cell rate algorithm). It is over once that has passed, so that a full bucket needs no place.
 */
function tokenBucket(table: LimitTable, { limit, windowS, burst = limit }: SmoothPolicy, key: WindowKey, share: Share): Counting {
  const slot = slotOf(table, key);
  const nowMs = table.now('monotonic');
  const [rate, size] = [share(limit), share(burst)];
  const everyMs = (windowS * 1000) / rate;
  const lacksMs = Math.max(0, table.endsAt(slot) - nowMs);
  return {
    waitMs() {
      if (rate === 0 || size === 0) return windowS * 1000;
      const leftMs = lacksMs + everyMs - size * everyMs;
      return leftMs > slack * everyMs ? leftMs : 0;
    },
    take: () => table.setEnd(slot, nowMs + lacksMs + everyMs),
    standing: () => ({ remaining: rate === 0 ? 0 : Math.max(0, Math.floor(size - lacksMs / everyMs + slack)), leftMs: lacksMs }),
  };
}

/** Of windows one after the other by the clock, this and the one before: of that, the part that the last `windowS` seconds reach into. */
function slidingWindow(table: LimitTable, { limit: whole, windowS }: SmoothPolicy, key: WindowKey, share: Share): Counting {
  const [limit, windowMs, nowMs] = [share(whole), windowS * 1000, table.now('monotonic')];
  const index = Math.floor(nowMs / windowMs);
  const [even, odd] = [key, key.twin ?? key];
  // Each has its place until it is no longer the one before.
  const [slot, earlier] = (index % 2 === 0 ? [even, odd] : [odd, even]).map((each) => slotOf(table, each)) as [number, number];
  if (table.endsAt(slot) !== (index + 2) * windowMs) table.begin(slot, (index + 2) * windowMs);
  const current = table.count(slot);
  const before = table.endsAt(earlier) === (index + 1) * windowMs ? table.count(earlier) : 0;
  const elapsed = nowMs / windowMs - index;
  const used = current + before * (1 - elapsed);
  /** How much of a window has to be over until so many of a count are left that one more fits beside `others`. */
  const until = (count: number, others: number): number => (count <= 0 ? 0 : 1 - Math.max(0, limit - 1 - others) / count);
  return {
    waitMs() {
      if (used + 1 <= limit + slack) return 0;
      if (limit === 0) return windowMs;
      return windowMs * (current < limit ? until(before, current) - elapsed : 1 - elapsed + until(current, 0));
    },
    take: () => table.add(slot),
    standing: () => ({ remaining: Math.max(0, Math.floor(limit - used + slack)), leftMs: windowMs * (1 - elapsed) }),
  };
}
