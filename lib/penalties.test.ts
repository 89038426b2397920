import { expect, it } from 'vitest';
import { Penalties } from './penalties.ts';

it('delays refusals after the tenth, longer each time and half a second at most, and forgives one a second', () => {
  let now = 0;
  const penalties = new Penalties(() => now);
  const delays = Array.from({ length: 30 }, () => penalties.count('a'));
  expect(delays.slice(0, 12)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 50, 100]);
  expect(delays.at(-1)).toBe(500);
  expect(penalties.count('b')).toBe(0);
  expect([penalties.isSpent('a'), penalties.isSpent('b'), penalties.isSpent('c')]).toEqual([true, false, false]);
  now += 5000;
  expect(penalties.count('a')).toBe(300);
  now += 60_000;
  expect(penalties.count('a')).toBe(0);
});

it('remembers ten thousand addresses and no more, those heard of last', () => {
  const penalties = new Penalties(() => 0);
  for (let round = 0; round < 15; round += 1) penalties.count('kept');
  for (let index = 0; index < 9_999; index += 1) penalties.count(`a${index}`);
  expect(penalties.count('kept')).toBe(300);
  for (let index = 0; index < 20_000; index += 1) penalties.count(`b${index}`);
  expect(penalties.size).toBe(10_000);
  expect(penalties.count('kept')).toBe(0);
});
