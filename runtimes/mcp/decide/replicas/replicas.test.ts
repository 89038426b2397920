import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fleetOfTests, passed, passedByAll, perHour, sum } from './testing/fleet.ts';
import type { Replica } from './testing/fleet.ts';
import { endRedisAfterAll, missingRedis, RedisProcess } from './testing/redis-process.ts';
import { SlowProxy } from './testing/slow-proxy.ts';

it.skipIf(missingRedis === undefined || process.env['CI'] !== 'true')('CI has a redis-server', () => expect(missingRedis).toBeUndefined());

describe.skipIf(missingRedis !== undefined)('replicas that count in one Redis', () => {
  endRedisAfterAll();
  const fleet = fleetOfTests();
  let redis: RedisProcess;
  let proxy: SlowProxy;
  let both: [Replica, Replica];

  beforeAll(async () => {
    redis = await RedisProcess.start();
    proxy = await SlowProxy.before(redis.port);
    both = await fleet.two([redis.url, proxy.url]);
  });
  afterAll(() => proxy.close());

  it.each([800, 790, 7, 1])('let through exactly %i, whatever is asked of them at once', async (limit) => {
    expect(await passedByAll(both, perHour(limit), limit + 400)).toBe(limit);
  });

  it('ask for few calls one by one: a lease serves many', async () => {
    const questions = (): number => sum(both.map(({ replicas }) => replicas.counts.leases));
    const before = questions();
    expect(await passedByAll(both, perHour(800), 1000)).toBe(800);
    expect(questions() - before).toBeLessThan(160);
  });

  it('let through exactly the limit where Redis is slow for one of them', async () => {
    proxy.delayMs = 30;
    expect(await passedByAll(both, perHour(800), 1000)).toBe(800);
    proxy.delayMs = 0;
  });

  it('share out a rate that has no windows to lease from: together no more than it says', async () => {
    for (const algorithm of ['token_bucket', 'sliding_window'] as const) {
      expect(await passedByAll(both, perHour(7, { algorithm }), 30)).toBe(7);
      expect(await passedByAll(both, perHour(1, { algorithm }), 30)).toBe(1);
    }
  });

  it('tell each other within moments of bytes that have passed, whoever calls next', async () => {
    const bytes = { kind: 'quota', policyId: 'bytes', name: 'bytes', limit: 10_000_000, period: 'month', unit: 'bytes' } as const;
    const what = { api: { id: 'x' }, operationId: 'get' };
    const isLetIn = async ({ limits }: Replica): Promise<boolean> => (await limits.consume([bytes], 'one', what)).allowed;
    expect([await isLetIn(both[0]), await isLetIn(both[1])]).toEqual([true, true]);
    both[0].limits.charge([bytes], 'one', what, 6_000_000);
    both[1].limits.charge([bytes], 'one', what, 3_000_000);
    expect([await isLetIn(both[0]), await isLetIn(both[1])]).toEqual([true, true]);
    both[1].limits.charge([bytes], 'one', what, 2_000_000);
    await vi.waitUntil(async () => !(await isLetIn(both[0])), { timeout: 20_000, interval: 20 });
    await vi.waitUntil(async () => !(await isLetIn(both[1])), { timeout: 20_000, interval: 20 });
    expect((await both[0].limits.consume([bytes], 'other', what)).allowed).toBe(true);
  });

  it('take one call of each limit or of none', async () => {
    const [narrow, wide] = [perHour(30), perHour(100)];
    expect(await passedByAll(both, [wide, narrow], 200)).toBe(30);
    expect(await passedByAll(both, wide, 200)).toBe(70);
  });

  it('leave what one of them does not use to the other', async () => {
    const [one, other] = both;
    const policy = perHour(400);
    expect(await passed(one, policy, 1)).toBe(1);
    let others = 0;
    await vi.waitUntil(async () => (others += await passed(other, policy, 500)) === 399, { timeout: 20_000, interval: 50 });
  });

  it('see at once that a limit was raised, or lowered', async () => {
    const [one, other] = both;
    const policy = perHour(10);
    expect(await passed(one, policy, 20)).toBe(10);
    expect(await passed(other, policy, 20)).toBe(0);
    expect(await passed(other, { ...policy, limit: 15 }, 20)).toBe(5);
    expect(await passed(other, { ...policy, limit: 12 }, 20)).toBe(0);
  });

  it('of another environment count by themselves, under a policy of both too', async () => {
    const elsewhere = await fleet.one(redis.url);
    const policy = perHour(20);
    expect([await passedByAll(both, policy, 40), await passed(elsewhere, policy, 40)]).toEqual([20, 20]);
  });

  it('count quotas by calendar periods', async () => {
    const monthly = perHour(50, { kind: 'quota', name: 'monthly', period: 'month' });
    expect(await passedByAll(both, monthly, 60)).toBe(50);
    expect(await both[0].limits.consume([monthly], 'consumer')).toMatchObject({ allowed: false, policy: 'monthly' });
  });

  it('begin the next window together', async () => {
    const policy = perHour(20, { windowS: 2 });
    expect(await passedByAll(both, policy, 40)).toBe(20);
    await vi.waitUntil(async () => (await both[0].limits.consume([policy], 'consumer')).allowed, { timeout: 20_000, interval: 20 });
    expect(await passedByAll(both, policy, 40)).toBe(19);
  });

  it('lose none that a connection was asked for and broke before it answered', async () => {
    const policy = perHour(500);
    proxy.delayMs = 20;
    const calls = passedByAll(both, policy, 300);
    await vi.waitUntil(() => both[1].replicas.counts.leases > 0);
    proxy.cut();
    const first = await calls;
    proxy.delayMs = 0;
    await vi.waitUntil(() => both.every(({ replicas }) => replicas.isShared), { timeout: 20_000, interval: 20 });
    let more = 0;
    await vi.waitUntil(async () => (more += await passedByAll(both, policy, 300)) + first >= 500, { timeout: 20_000, interval: 50 });
    expect(first + more).toBe(500);
  });

  it('leave all that they do not use when they stop', async () => {
    const [one, other] = both;
    const policy = perHour(400);
    expect(await passed(one, policy, 1)).toBe(1);
    await one.replicas.stop();
    expect(await passed(other, policy, 500)).toBe(399);
  });
});
