import { expect, it } from 'vitest';
import { Durations } from './durations.ts';

it('durations are counted in the bucket that they fit into, each set of attributes by itself', () => {
  const durations = new Durations('d', '', [0.1, 1]);
  for (const seconds of [0.05, 0.1, 0.5, 7]) durations.add(['a', 1], seconds, () => ({ of: 'a' }));
  durations.add(['b', 1], 1, () => ({ of: 'b' }));
  expect([...durations.series]).toMatchObject([
    { attributes: { of: 'a' }, counts: [2, 1, 1], count: 4, min: 0.05, max: 7 },
    { attributes: { of: 'b' }, counts: [0, 1, 0], count: 1 },
  ]);
});

it('whatever callers make up, there are two thousand series at most, and the rest is counted together', () => {
  const durations = new Durations('d', '', [1]);
  for (let key = 0; key < 5000; key += 1) durations.add([key], 0.5, () => ({ key }));
  const series = [...durations.series];
  expect(series).toHaveLength(2000);
  expect(series.at(-1)).toMatchObject({ attributes: { 'otel.metric.overflow': true }, count: 5000 - 1999 });
});
