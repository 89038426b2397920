import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import type { Effect, Failure } from './decide.ts';

const minute = 60_000;
const lowest = () => 0;
const highest = () => 1 - Number.EPSILON;

function waits(failure: Partial<Failure> & { status: Failure['status'] }, attempt: number): [number, number] {
  const whole = { detail: 'test', ...failure };
  return [decide(whole, attempt, lowest).afterMs, Math.round(decide(whole, attempt, highest).afterMs)];
}

describe('the status table', () => {
  const rows: [status: Failure['status'], effect: Effect, first: [number, number], late: [number, number]][] = [
    ['none', 'retry', [200, 1000], [200, minute]],
    [400, 'refuse-body', [5 * minute, 6 * minute], [5 * minute, 6 * minute]],
    [401, 'reread-credential', [200, 1000], [200, 5 * minute]],
    [403, 'stop-syncing', [5 * minute, 6 * minute], [5 * minute, 6 * minute]],
    [404, 'register', [200, 1000], [200, minute]],
    [409, 'fence', [200, 1000], [10 * minute, 12 * minute]],
    [410, 'end', [0, 0], [0, 0]],
    [413, 'drop-extras', [200, 1000], [200, 5 * minute]],
    [415, 'drop-extras', [200, 1000], [200, 5 * minute]],
    [422, 'drop-extras', [200, 1000], [200, 5 * minute]],
    [429, 'retry', [200, 1000], [200, minute]],
    [503, 'retry', [200, 1000], [200, minute]],
    [500, 'retry', [200, 1000], [200, minute]],
    [302, 'retry', [200, 1000], [200, minute]],
    [418, 'refuse-body', [5 * minute, 6 * minute], [5 * minute, 6 * minute]],
  ];
  it.each(rows)('answers %s with %s, after the right time', (status, effect, first, late) => {
    expect(decide({ status, detail: 'test' }, 0, lowest).effect).toBe(effect);
    expect(waits({ status }, 0)).toEqual(first);
    expect(waits({ status }, 1000)).toEqual(late);
  });

  it.each([429, 503] as const)('waits Retry-After and up to 20 %% more after %s, ten minutes at most', (status) => {
    expect(waits({ status, retryAfterMs: 40_000 }, 0)).toEqual([40_000, 48_000]);
    expect(waits({ status, retryAfterMs: 3_600_000 }, 0)).toEqual([10 * minute, 10 * minute]);
  });

  it.each([429, 503] as const)('never asks again without a pause after %s, though Retry-After is nothing or over', (status) => {
    expect(waits({ status, retryAfterMs: 0 }, 0)).toEqual([200, 1000]);
    expect(waits({ status, retryAfterMs: 900 }, 3)).toEqual([900, 8000]);
    expect(waits({ status, retryAfterMs: 1000 }, 5)).toEqual([1000, 1200]);
  });

  it('lesson 4: spreads retries over the whole of an interval that doubles up to a minute', () => {
    const upper = [0, 1, 2, 3, 4, 5, 6, 7].map((attempt) => waits({ status: 'none' }, attempt)[1]);
    expect(upper).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('lets a process that was fenced twice yield for minutes', () => {
    expect(waits({ status: 409 }, 1)).toEqual([2.5 * minute, 3 * minute]);
  });
});
