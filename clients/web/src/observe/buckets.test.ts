import { expect, it } from 'vitest';
import { bucketsOf } from './buckets.ts';

it('puts sums into the hours that they began in, those of several doors together, and zeros where nobody called', () => {
  const items = [
    { start: '2026-11-22T10:00:00.000Z', calls: 3, errors: 1, denied: 0 },
    { start: '2026-11-22T10:00:00.000Z', calls: 2, errors: 0, denied: 1 },
    { start: '2026-11-22T12:00:00.000Z', calls: 7, errors: 0, denied: 0 },
  ];
  const { at, calls, errors, denied } = bucketsOf(items, '2026-11-22T10:20:00.000Z', 'hour', new Date('2026-11-22T12:30:00.000Z'));
  expect(at.map((second) => new Date(second * 1000).toISOString().slice(11, 16))).toEqual(['10:00', '11:00', '12:00']);
  expect([calls, errors, denied]).toEqual([
    [5, 0, 7],
    [1, 0, 0],
    [1, 0, 0],
  ]);
});
