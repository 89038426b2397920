import { expect, it } from 'vitest';
import { IntervalPolicy, leaseTtlS } from './interval-policy.ts';

const after = (...fleets: number[]) => {
  const policy = new IntervalPolicy({ shortestS: 30, heartbeatsPerSecond: 100 });
  return fleets.map((instances) => {
    policy.fleetIs(instances);
    return policy.intervalS;
  });
};

it('grows with the fleet, so that the load does not, between the shortest and ten minutes', () => {
  expect(after(0, 3_000, 6_000, 30_000, 1_000_000)).toEqual([30, 30, 60, 300, 600]);
});

it('does not waver with small changes of the fleet, and comes back to the shortest', () => {
  expect(after(6_000, 6_500, 7_000, 7_300, 3_100, 2_900)).toEqual([60, 60, 60, 73, 31, 30]);
});

it('gives a lease of three intervals and ten seconds', () => {
  expect(leaseTtlS(30)).toBe(100);
});
