import { describe, expect, it } from 'vitest';
import { beyondIdleMs } from '../system/cost.ts';
import { Histogram } from './histogram.ts';
import { interleave } from './interleave.ts';
import { median } from './median.ts';

describe('a histogram', () => {
  it('gives quantiles to within its resolution', () => {
    const histogram = new Histogram();
    for (let value = 1; value <= 10_000; value += 1) histogram.record(value);
    for (const q of [0.01, 0.5, 0.9, 0.99, 1]) {
      const share = histogram.quantile(q) / (q * 10_000);
      expect(share).toBeGreaterThan(0.98);
      expect(share).toBeLessThan(1.02);
    }
  });

  it('adds up with another that crossed a process boundary', () => {
    const a = new Histogram();
    const b = new Histogram();
    for (let i = 0; i < 10; i += 1) a.record(100);
    for (let i = 0; i < 30; i += 1) b.record(5000);
    const sum = new Histogram().add(JSON.parse(JSON.stringify(a)) as [number, number][]).add(b.toJSON());
    expect(sum.total).toBe(40);
    expect(sum.quantile(0.25)).toBe(a.quantile(0.5));
    expect(sum.quantile(0.26)).toBe(b.quantile(0.5));
  });

  it('is 0 when nothing was recorded, and holds values below its unit', () => {
    const histogram = new Histogram();
    expect(histogram.quantile(0.5)).toBe(0);
    histogram.record(0);
    histogram.record(0.2);
    expect(histogram.total).toBe(2);
    expect(histogram.quantile(1)).toBeLessThan(1.02);
  });
});

describe('the median', () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('leaves the order of its values alone, and does not exist for none', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
    expect(() => median([])).toThrow('no median');
  });
});

describe('interleaving', () => {
  it('gives each subject a turn in every round', async () => {
    const order: string[] = [];
    const turn = (name: string) => async () => order.push(name);
    const values = await interleave(3, { ours: turn('a'), theirs: turn('b') });
    expect(order).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
    expect(values).toEqual({ ours: [1, 3, 5], theirs: [2, 4, 6] });
  });
});

describe('the cost of a change', () => {
  it('is what was used beyond what is used when nothing happens', () => {
    // 10 ms in a second of nothing, 80 ms in the two seconds of the change.
    expect(beyondIdleMs(1, 1.01, 1.09, 2)).toBeCloseTo(60);
  });

  it('is never less than nothing', () => {
    expect(beyondIdleMs(1, 1.01, 1.01, 2)).toBe(0);
  });
});
