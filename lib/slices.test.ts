import { expect, it } from 'vitest';
import { atOnce, inSlices, sorted } from './slices.ts';
import type { Steps } from './slices.ts';

const ascending = (a: number, b: number): number => a - b;

it('sorts as a sort does, in steps', () => {
  const numbers = Array.from({ length: 5000 }, (_, index) => (index * 7919) % 5003);
  const expected = [...numbers].sort(ascending);
  const steps = sorted(numbers, ascending);
  let count = 0;
  for (let step = steps.next(); ; step = steps.next(), count += 1) {
    if (step.done !== true) continue;
    expect(step.value).toEqual(expected);
    break;
  }
  expect(count).toBeGreaterThan(50);
  expect([atOnce(sorted([], ascending)), atOnce(sorted([2, 1], ascending))]).toEqual([[], [1, 2]]);
});

/** Steps that take as long as the clock says. */
function* stepsOf(count: number, done: { steps: number }): Steps<string> {
  for (; done.steps < count; done.steps += 1) yield;
  return 'done';
}

it('gives others their turn when a slice is used up, and goes on after it', async () => {
  const done = { steps: 0 };
  let now = 0;
  const turns: number[] = [];
  const turn = async () => void turns.push(done.steps);
  const result = await inSlices(stepsOf(10, done), { turn, now: () => (now += 1) });
  expect(result).toBe('done');
  expect(turns.length).toBeGreaterThan(1);
});

it('passes on what the work throws', async () => {
  const failing = function* (): Steps<void> {
    yield;
    throw new Error('no');
  };
  await expect(inSlices(failing())).rejects.toThrow('no');
});
