import registration from '@stoa/generated/registration.openapi.json' with { type: 'json' };
import { expect, it } from 'vitest';
import { bucketOf, quantileMs, upperBoundsS } from './latency-buckets.ts';

const empty = (): number[] => Array.from({ length: upperBoundsS.length + 1 }, () => 0);

it('counts a duration below the bound that it does not exceed', () => {
  expect([0, 0.5, 0.51, 30_000, 30_001].map(bucketOf)).toEqual([0, 0, 1, 14, 15]);
});

it('are those that the contract tells', () => {
  const { latency } = registration.components.schemas.UsageRecord.properties;
  expect(latency.description.match(/\d+(\.\d+)?/g)?.map(Number)).toEqual(upperBoundsS);
  expect(latency.maxItems).toBe(upperBoundsS.length + 1);
});

it('estimates a share within its bucket, knows no more than the highest bound, and nothing of nothing', () => {
  const counts = empty();
  counts[4] = 10;
  expect([0.5, 1].map((share) => quantileMs(counts, share))).toEqual([7.5, 10]);
  counts[15] = 10;
  expect(quantileMs(counts, 0.99)).toBe(30_000);
  expect(quantileMs(empty(), 0.5)).toBeNaN();
});
