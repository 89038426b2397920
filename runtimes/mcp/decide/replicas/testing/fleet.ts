import { afterAll, vi } from 'vitest';
import { createForwardClock } from '@stoa/lib/clock.ts';
import { createLogger } from '@stoa/lib/log.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Secret } from '@stoa/lib/settings.ts';
import type { LimitPolicy } from '../../../model.ts';
import type { Limits } from '../../limits.ts';
import { redisPlaceOf } from '../redis-url.ts';
import type { RedisPlace } from '../redis-url.ts';
import { Replicas } from '../replicas.ts';

export type Replica = { readonly limits: Limits; readonly replicas: Replicas };
export type ReplicaOptions = { readonly password?: Secret; readonly timeoutMs?: number; readonly log?: Logger };

const silent = createLogger({ program: 'test', level: 'silent' });
const soon = { timeout: 20_000, interval: 10 };

let policies = 0;
/** A limit that nobody has counted under. */
export function perHour(limit: number, more: Partial<LimitPolicy> = {}): LimitPolicy {
  policies += 1;
  return { kind: 'rate_limit', policyId: `p${policies}`, name: 'hourly', limit, windowS: 3600, ...more } as LimitPolicy;
}

/** How many calls of so many are let through, of which `atOnce` are always under way. */
export async function passed(replica: Replica, policy: LimitPolicy | readonly LimitPolicy[], calls: number, atOnce = 64): Promise<number> {
  const all = Array.isArray(policy) ? (policy as readonly LimitPolicy[]) : [policy as LimitPolicy];
  let [left, count] = [calls, 0];
  const call = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { allowed } = await replica.limits.consume(all, 'consumer');
      if (allowed) count += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, call));
  return count;
}

export const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

/** How many calls are let through by all of these together, which are asked at the same time. */
export const passedByAll = async (replicas: readonly Replica[], policy: Parameters<typeof passed>[1], calls: number): Promise<number> =>
  sum(await Promise.all(replicas.map((each) => passed(each, policy, calls))));

/** Starts replicas for the tests of one file, and stops them at its end. */
export function fleetOfTests() {
  const running: Replica[] = [];
  let groups = 0;
  afterAll(() => Promise.all(running.map(({ replicas }) => replicas.stop())));

  const start = async (url: string, group: string, options: ReplicaOptions = {}): Promise<Replica> => {
    const replicas = new Replicas({ place: redisPlaceOf(url) as RedisPlace, timeoutMs: 5_000, group, log: silent, ...options });
    await replicas.start();
    const started = { replicas, limits: replicas.limits(createForwardClock()) };
    running.push(started);
    return started;
  };
  return {
    one: (url: string, options?: ReplicaOptions) => start(url, `group ${(groups += 1)}`, options),
    /** Two that know of each other. */
    async two(urls: string | readonly [string, string], options?: ReplicaOptions): Promise<[Replica, Replica]> {
      const group = `group ${(groups += 1)}`;
      const [first, second] = typeof urls === 'string' ? [urls, urls] : urls;
      const both: [Replica, Replica] = [await start(first, group, options), await start(second, group, options)];
      await vi.waitUntil(() => both.every(({ replicas }) => replicas.known === 2), soon);
      return both;
    },
  };
}

export const untilShared = (isShared: boolean, ...all: readonly Replica[]): Promise<boolean> =>
  vi.waitUntil(() => all.every(({ replicas }) => replicas.isShared === isShared), soon);
