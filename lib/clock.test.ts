import { expect, it } from 'vitest';
import { createForwardClock } from './clock.ts';

it('follows the wall clock ahead, and by the monotonic clock when the wall clock is set back', () => {
  let [wall, monotonic] = [1_000_000, 50];
  const now = createForwardClock(
    () => wall,
    () => monotonic,
  );
  const pass = (ms: number) => {
    wall += ms;
    monotonic += ms;
  };
  expect(now()).toBe(1_000_000);
  pass(500);
  expect(now()).toBe(1_000_500);
  wall -= 3_600_000;
  expect(now()).toBe(1_000_500);
  pass(1000);
  expect(now()).toBe(1_001_500);
  wall += 7_200_000;
  expect(now()).toBe(wall);
});
