import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createLimitMemory, LimitTable } from './limit-table.ts';
import { createLimits } from './limits.ts';
import type { LimitPolicy } from '../model.ts';

const rate: LimitPolicy = { kind: 'rate_limit', policyId: 'p1', name: 'rate', limit: 2, windowS: 10 };
const monthly: LimitPolicy = { kind: 'quota', policyId: 'p2', name: 'monthly', limit: 1, period: 'month' };
const allowed = { allowed: true };

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-11-22T18:00:00.000Z') }));
afterEach(() => void vi.useRealTimers());

it('lesson 29: says in whole seconds when the window is over, and lets calls through again then', () => {
  const limits = createLimits();
  expect([limits.consume([rate], 'a'), limits.consume([rate], 'a')]).toEqual([allowed, allowed]);
  vi.advanceTimersByTime(2_500);
  expect(limits.consume([rate], 'a')).toEqual({ allowed: false, retryAfterS: 8, policy: 'rate' });
  vi.advanceTimersByTime(7_500);
  expect(limits.consume([rate], 'a')).toEqual(allowed);
});

it('counts by policy and consumer, and an edit of the limit keeps what was counted', () => {
  const limits = createLimits();
  limits.consume([rate], 'a');
  expect(limits.consume([{ ...rate, limit: 1 }], 'a')).toMatchObject({ allowed: false });
  expect(limits.consume([{ ...rate, limit: 1 }], 'b')).toEqual(allowed);
  expect(limits.consume([{ ...rate, policyId: 'p3' }], 'a')).toEqual(allowed);
});

it('refused calls are not counted: raising a limit helps whoever kept on asking', () => {
  const limits = createLimits();
  for (let count = 0; count < 10; count += 1) limits.consume([rate], 'a');
  expect(limits.consume([{ ...rate, limit: 3 }], 'a')).toEqual(allowed);
  expect(limits.consume([{ ...rate, limit: 3 }], 'a')).toMatchObject({ allowed: false });
});

it('lesson 29: lets through exactly the limit of calls that come at once', () => {
  const limits = createLimits();
  const verdicts = Array.from({ length: 50 }, () => limits.consume([monthly, rate], 'a'));
  expect(verdicts.filter((verdict) => verdict.allowed)).toHaveLength(1);
  const freed = Array.from({ length: 50 }, () => limits.consume([rate], 'a'));
  expect(freed.filter((verdict) => verdict.allowed)).toHaveLength(1);
});

it('a quota lasts for its calendar period, longer than any timer', async () => {
  const limits = createLimits();
  vi.setSystemTime('2026-12-01T00:00:00.000Z');
  expect(limits.consume([monthly], 'a')).toEqual(allowed);
  await vi.advanceTimersByTimeAsync(30 * 86_400_000);
  expect(limits.consume([monthly], 'a')).toEqual({ allowed: false, retryAfterS: 86_400, policy: 'monthly' });
  await vi.advanceTimersByTimeAsync(86_400_000);
  expect(limits.consume([monthly], 'a')).toEqual(allowed);
});

it('a wall clock that is set back, or ahead, neither frees nor holds anybody', () => {
  const limits = createLimits();
  const daily: LimitPolicy = { ...monthly, policyId: 'p3', period: 'day' };
  vi.setSystemTime('2026-12-02T00:00:01.000Z');
  expect([limits.consume([rate, daily], 'a'), limits.consume([rate], 'a')]).toEqual([allowed, allowed]);
  for (const clock of ['2026-12-01T23:59:59.000Z', '2026-12-02T12:00:00.000Z', '2026-11-01T00:00:00.000Z']) {
    vi.setSystemTime(clock);
    expect(limits.consume([rate], 'a')).toEqual({ allowed: false, retryAfterS: 10, policy: 'rate' });
    expect(limits.consume([daily], 'a')).toMatchObject({ allowed: false });
  }
  vi.advanceTimersByTime(10_000);
  expect(limits.consume([rate], 'a')).toEqual(allowed);
});

it('a policy that was gone and is back goes on where it was: taking it away for a moment frees nobody', () => {
  const limits = createLimits();
  limits.consume([monthly], 'a');
  limits.retain(new Set(['p1']));
  expect(limits.consume([monthly], 'a')).toMatchObject({ allowed: false });
});

it('takes no call that it has no room to count, and has room again when a window is over', () => {
  const limits = createLimits({ memory: createLimitMemory(4) });
  const consumers = ['a', 'b', 'c', 'd'];
  expect(consumers.map((consumer) => limits.consume([rate], consumer))).toEqual(consumers.map(() => allowed));
  expect(() => limits.consume([rate], 'e')).toThrow('There is no room left to count limits');
  expect(limits.consume([rate], 'd')).toEqual(allowed);
  expect(limits.consume([rate], 'd')).toMatchObject({ allowed: false });
  vi.advanceTimersByTime(10_000);
  expect(limits.consume([rate], 'e')).toEqual(allowed);
});

it('threads that share its memory count as one, and none of them can hold up the others by its end', () => {
  const memory = createLimitMemory();
  const [one, other] = [createLimits({ memory, owner: 1 }), createLimits({ memory, owner: 2 })];
  expect([one.consume([rate], 'a'), other.consume([rate], 'a')]).toEqual([allowed, allowed]);
  expect([one.consume([rate], 'a'), other.consume([rate], 'a')]).toMatchObject([{ allowed: false }, { allowed: false }]);
  // As the third does that is ended in the middle of its work.
  new Int32Array(memory)[0] = 3;
  new LimitTable(memory, 4, Date.now).release(3);
  expect(one.consume([rate], 'b')).toEqual(allowed);
});
