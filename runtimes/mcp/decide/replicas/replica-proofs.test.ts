import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Logger } from '@stoa/lib/log.ts';
import { ProofsAway } from '../proofs/proof-memory.ts';
import { RedisStore } from './redis-store.ts';
import { redisPlaceOf } from './redis-url.ts';
import type { RedisPlace } from './redis-url.ts';
import { ReplicaProofs } from './replica-proofs.ts';
import { endRedisAfterAll, missingRedis, RedisProcess } from './testing/redis-process.ts';

describe.skipIf(missingRedis !== undefined)('proofs in one Redis', () => {
  endRedisAfterAll();
  const stores: RedisStore[] = [];
  let redis: RedisProcess;
  const storeOf = (group = 'production', prefix?: string): RedisStore => {
    const store = new RedisStore({ place: redisPlaceOf(redis.url) as RedisPlace, password: undefined, timeoutMs: 5_000, group, prefix });
    stores.push(store);
    return store;
  };
  beforeAll(async () => {
    redis = await RedisProcess.start();
  });
  afterAll(() => stores.forEach((store) => store.close()));

  it('are of who asks first, who is told the same again after an answer that was lost', async () => {
    const [one, other, proof] = [storeOf(), storeOf(), randomUUID()];
    expect(await one.claimProof(proof, 'first', 60_000)).toBe(true);
    expect(await other.claimProof(proof, 'second', 60_000)).toBe(false);
    expect(await one.claimProof(proof, 'first', 60_000)).toBe(true);
  });

  it('and replicas are those of one prefix: tenants that share a Redis know nothing of each other', async () => {
    const [one, two, other, proof] = [storeOf('shared', 'acme'), storeOf('shared', 'acme'), storeOf('shared', 'bank'), randomUUID()];
    for (const store of [one, two, other]) await store.beat();
    expect([(await one.beat()).replicas, (await other.beat()).replicas]).toEqual([2, 1]);
    expect([await one.claimProof(proof, 'first', 60_000), await other.claimProof(proof, 'second', 60_000)]).toEqual([true, true]);
  });

  it('are forgotten once they would be too old, and are those of one environment', async () => {
    const [store, proof] = [storeOf(), randomUUID()];
    expect(await store.claimProof(proof, 'first', 60_000)).toBe(true);
    expect(await storeOf('staging').claimProof(proof, 'second', 60_000)).toBe(true);
    const short = randomUUID();
    expect(await store.claimProof(short, 'first', 20)).toBe(true);
    await vi.waitUntil(() => store.claimProof(short, 'second', 60_000), { timeout: 20_000, interval: 10 });
  });

  it('are nobody’s while it cannot be asked, which the log says once', async () => {
    const warn = vi.fn();
    const away = new RedisStore({
      place: redisPlaceOf('redis://127.0.0.1:9') as RedisPlace,
      password: undefined,
      timeoutMs: 5_000,
      group: 'production',
    });
    const proofs = new ReplicaProofs(away, { warn } as unknown as Logger);
    await expect(proofs.isFirstUse('a', 1000)).rejects.toThrow(ProofsAway);
    await expect(proofs.isFirstUse('b', 1000)).rejects.toThrow(ProofsAway);
    expect([warn.mock.calls.length, proofs.counts]).toEqual([1, { asked: 2, failures: 2 }]);
  });
});
