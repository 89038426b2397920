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

const smooth = { kind: 'rate_limit', policyId: 'smooth', name: 'smooth', limit: 3, windowS: 9 } as const;

/** Limits, a moment after one of the windows of nine seconds into which the monotonic clock falls has begun. */
function atStartOfWindow() {
  vi.advanceTimersByTime(9000 - (Number(process.hrtime.bigint() / 1_000_000n) % 9000));
  const limits = createLimits();
  const passes = (policy: LimitPolicy, calls: number): number =>
    Array.from({ length: calls }, () => limits.consume([policy], 'a')).filter((verdict) => verdict.allowed).length;
  return { limits, passes, pass: (ms: number) => void vi.advanceTimersByTime(ms) };
}

it('a token bucket gives back its calls one by one, and holds as many as it may', () => {
  const { limits, passes, pass } = atStartOfWindow();
  const bucket = { ...smooth, algorithm: 'token_bucket' } as const;
  expect(passes(bucket, 9)).toBe(3);
  expect(limits.consume([bucket], 'a')).toEqual({ allowed: false, retryAfterS: 3, policy: 'smooth' });
  pass(2999);
  expect(passes(bucket, 9)).toBe(0);
  pass(1);
  expect(passes(bucket, 9)).toBe(1);
  expect(limits.standing([bucket], 'a')).toEqual([{ name: 'smooth', limit: 3, windowS: 9, remaining: 0, resetS: 9 }]);
  pass(100_000);
  expect(passes(bucket, 9)).toBe(3);
  expect(passes({ ...bucket, policyId: 'wide', burst: 7 }, 20)).toBe(7);
});

it('a token bucket of a rate that no millisecond divides loses nothing over a thousand seconds', () => {
  const { passes, pass } = atStartOfWindow();
  const bucket = { ...smooth, limit: 7, windowS: 1, algorithm: 'token_bucket', burst: 3 } as const;
  let count = passes(bucket, 10);
  for (let steps = 0; steps < 10_000; steps += 1) {
    pass(100);
    count += passes(bucket, 3);
  }
  expect(count).toBe(3 + 7000);
});

it('a sliding window lets no more through in any of its length than it says, where a fixed one lets twice as much at its end', () => {
  const { limits, passes, pass } = atStartOfWindow();
  const window = { ...smooth, algorithm: 'sliding_window' } as const;
  pass(8000);
  expect(passes(window, 9)).toBe(3);
  expect(limits.consume([window], 'a')).toEqual({ allowed: false, retryAfterS: 4, policy: 'smooth' });
  pass(2000);
  expect(passes(window, 9)).toBe(0);
  pass(2000);
  expect(passes(window, 9)).toBe(1);
  expect(limits.standing([window], 'a')).toMatchObject([{ remaining: 0 }]);
  pass(18_000);
  expect(passes(window, 9)).toBe(3);
});

it('a call takes nothing from any limit when one of another kind refuses it', () => {
  const { limits, passes } = atStartOfWindow();
  const [bucket, window] = [
    { ...smooth, algorithm: 'token_bucket' } as const,
    { ...smooth, policyId: 'w', limit: 1, algorithm: 'sliding_window' } as const,
  ];
  expect([1, 2, 3].map(() => limits.consume([bucket, window, rate], 'a').allowed)).toEqual([true, false, false]);
  expect(passes(bucket, 9)).toBe(2);
  expect(passes(rate, 9)).toBe(1);
});

it('counts by what a policy says: each consumer, tool, API, or all together', () => {
  const limits = createLimits();
  const called = (api: string, operationId: string) => ({ api: { id: api }, operationId });
  const calls = [
    ['a', called('x', 'get')],
    ['a', called('x', 'put')],
    ['b', called('x', 'get')],
    ['b', called('y', 'get')],
  ] as const;
  const passing = (limitBy: Exclude<LimitPolicy['limitBy'], undefined>): boolean[] =>
    calls.map(([consumer, what]) => limits.consume([{ ...rate, limit: 1, policyId: limitBy, limitBy }], consumer, what).allowed);
  expect(passing('consumer_and_tool')).toEqual([true, true, true, true]);
  expect(passing('tool')).toEqual([true, true, false, true]);
  expect(passing('api')).toEqual([true, false, false, true]);
  expect(passing('tenant')).toEqual([true, false, false, false]);
  expect(() => limits.consume([{ ...rate, limitBy: 'tool' }], 'a')).toThrow('counts by what is called');
});

it('a quota of bytes lets calls through until they have passed, and takes none for a call', () => {
  const limits = createLimits({ now: () => Date.UTC(2026, 0, 1, 12) });
  const bytes = { kind: 'quota', policyId: 'bytes', name: 'bytes', limit: 1000, period: 'day', unit: 'bytes' } as const;
  const what = { api: { id: 'x' }, operationId: 'get' };
  for (let calls = 0; calls < 5; calls += 1) expect(limits.consume([bytes], 'a', what)).toEqual(allowed);
  limits.charge([bytes, rate], 'a', what, 999);
  expect(limits.standing([bytes], 'a', what)).toEqual([{ name: 'bytes', limit: 1000, windowS: 86_400, remaining: 1, resetS: 43_200, unit: 'bytes' }]);
  expect(limits.consume([bytes], 'a', what)).toEqual(allowed);
  limits.charge([bytes, rate], 'a', what, 5000);
  expect(limits.consume([bytes], 'a', what)).toEqual({ allowed: false, retryAfterS: 43_200, policy: 'bytes' });
  expect(limits.consume([bytes, rate], 'b', what)).toEqual(allowed);
});
