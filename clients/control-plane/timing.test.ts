import { describe, expect, it } from 'vitest';
import { clampIntervalS, firstBeatMs, nextBeatMs, requestTimeoutMs, retryAfterMs } from './timing.ts';

const highest = () => 1 - Number.EPSILON;

describe('the timing rules', () => {
  it.each([
    [1, 5],
    [4.6, 5],
    [30, 30],
    [29.5, 30],
    [100_000, 3600],
  ])('keeps an interval of %s s within [5, 3600] s: %s s', (asked, kept) => {
    expect(clampIntervalS(asked)).toBe(kept);
  });

  it('spreads the first beat over one interval and the later ones over 10 % around it', () => {
    expect([firstBeatMs(30, () => 0), Math.round(firstBeatMs(30, highest))]).toEqual([0, 30_000]);
    expect([nextBeatMs(30, () => 0), Math.round(nextBeatMs(30, highest))]).toEqual([27_000, 33_000]);
  });

  it('gives a request a third of the interval, ten seconds at most', () => {
    expect([requestTimeoutMs(undefined), requestTimeoutMs(5), requestTimeoutMs(600)]).toEqual([10_000, 5000 / 3, 10_000]);
  });

  it('reads Retry-After as seconds or as a date, and ignores what is neither', () => {
    expect(retryAfterMs('120', 0)).toBe(120_000);
    expect(retryAfterMs('Sun, 22 Nov 2026 18:24:30 GMT', Date.parse('2026-11-22T18:24:00Z'))).toBe(30_000);
    expect(retryAfterMs('Sun, 22 Nov 2026 18:24:30 GMT', Date.parse('2026-11-22T19:24:00Z'))).toBe(0);
    expect([retryAfterMs(null, 0), retryAfterMs('soon', 0)]).toEqual([undefined, undefined]);
  });
});
