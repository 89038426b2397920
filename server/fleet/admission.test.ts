import { expect, it } from 'vitest';
import { Admission } from './admission.ts';

function measured(perS: number) {
  let now = 0;
  const admission = new Admission(() => now);
  for (let batch = 0; batch < 50; batch += 1) {
    admission.done(perS / 10, true);
    now += 100;
  }
  return { admission, wait: (ms: number) => (now += ms) };
}

it('measures what is worked off while more waits, and learns nothing from a pause', () => {
  const { admission, wait } = measured(4000);
  expect(Math.round(admission.perS)).toBe(4000);
  expect(admission.maxWaiting).toBe(8000);
  admission.done(400, false);
  wait(60_000);
  admission.done(1, true);
  expect(Math.round(admission.perS)).toBe(4000);
});

it('spreads a herd over the time that it takes, everybody with a time of its own', () => {
  const { admission } = measured(4000);
  const told = Array.from({ length: 40_000 }, () => admission.retryAfterS(8000));
  const bySecond = Map.groupBy(told, (seconds) => seconds);
  expect(told).toEqual(told.toSorted((a, b) => a - b));
  // Two seconds' worth waits here already; ten more are spread, a tenth sooner than their turn, for clients wait a little longer than told.
  expect([...bySecond.keys()].length).toBeGreaterThanOrEqual(9);
  expect(told[0]).toBe(2);
  expect(told.at(-1)).toBe(11);
  expect(Math.max(...[...bySecond.values()].map(({ length }) => length))).toBeLessThanOrEqual(4000 * 1.15);
});

it('gives those who come again after their time a new one that begins at present', () => {
  const { admission, wait } = measured(1000);
  for (let n = 0; n < 5000; n += 1) admission.retryAfterS(0);
  expect(admission.retryAfterS(0)).toBe(5);
  wait(60_000);
  expect(admission.retryAfterS(0)).toBe(1);
});
