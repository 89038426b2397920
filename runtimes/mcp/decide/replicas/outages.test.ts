import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createLogger } from '@stoa/lib/log.ts';
import { Secret } from '@stoa/lib/settings.ts';
import { fleetOfTests, passed, passedByAll, perHour, untilShared } from './testing/fleet.ts';
import { endRedisAfterAll, freePort, missingRedis, RedisProcess } from './testing/redis-process.ts';
import { SlowProxy } from './testing/slow-proxy.ts';

describe.skipIf(missingRedis !== undefined)('a Redis that goes away', () => {
  endRedisAfterAll();
  const fleet = fleetOfTests();
  let redis: RedisProcess;

  beforeAll(async () => {
    redis = await RedisProcess.start();
  });

  it('leaves each replica its share of what was left, and doubles nothing when it comes back empty', async () => {
    const both = await fleet.two(redis.url);
    const [policy, fresh, open, closed] = [
      perHour(400),
      perHour(5),
      perHour(10, { onStoreUnavailable: 'fail_open' }),
      perHour(10, { onStoreUnavailable: 'fail_closed' }),
    ];
    expect(await passedByAll(both, policy, 50)).toBe(100);
    await redis.kill();
    await untilShared(false, ...both);
    const meanwhile = await passedByAll(both, policy, 500);
    expect(meanwhile).toBeGreaterThan(200);
    expect(100 + meanwhile).toBeLessThanOrEqual(400 + 100);
    // Of what nobody has used, exactly all of it.
    expect(await passedByAll(both, fresh, 20)).toBe(5);
    expect(await passedByAll(both, open, 20)).toBe(40);
    expect(await both[0].limits.consume([closed], 'consumer')).toEqual({ allowed: false, isUncounted: true, policy: 'hourly' });

    await redis.start();
    await untilShared(true, ...both);
    expect(await passedByAll(both, fresh, 20)).toBe(0);
    expect(await passedByAll(both, open, 20)).toBe(0);
    expect(await passedByAll(both, closed, 20)).toBe(10);
    expect(100 + meanwhile + (await passedByAll(both, policy, 500))).toBeLessThanOrEqual(500);
  });

  it('for a moment, again and again, lets through exactly the limit: calls wait for the next connection', async () => {
    const proxies = [await SlowProxy.before(redis.port), await SlowProxy.before(redis.port)] as const;
    const both = await fleet.two([proxies[0].url, proxies[1].url]);
    const policy = perHour(1000);
    let count = 0;
    for (let times = 0; times < 5; times += 1) {
      const calls = passedByAll(both, policy, 100);
      proxies[times % 2]?.cut();
      count += await calls;
      await untilShared(true, ...both);
    }
    expect(count).toBe(1000);
    expect(await passedByAll(both, policy, 100)).toBe(0);
    for (const proxy of proxies) proxy.close();
  });

  it('and is slower than may be waited for is as good as away', async () => {
    const proxy = await SlowProxy.before(redis.port);
    const replica = await fleet.one(proxy.url, { timeoutMs: 300 });
    proxy.delayMs = 5_000;
    expect(await passed(replica, perHour(10), 20)).toBe(10);
    expect(replica.replicas.isShared).toBe(false);
    proxy.delayMs = 0;
    proxy.cut();
    await untilShared(true, replica);
    proxy.close();
  });

  it('is not waited for at the start: it is told once that it is away, and that it came', async () => {
    const lines: string[] = [];
    const log = createLogger({ program: 'test', level: 'info', destination: { write: (line: string) => void lines.push(line) } });
    const port = await freePort();
    const replica = await fleet.one(`redis://user:pass%20word@127.0.0.1:${port}`, { log });
    expect(await passed(replica, perHour(10), 20)).toBe(10);
    await vi.waitUntil(() => replica.replicas.counts.failures >= 3, { timeout: 20_000 });
    expect(lines.filter((line) => line.includes('Redis cannot be asked'))).toHaveLength(1);
    await RedisProcess.start(['--user', 'user', 'on', '>pass word', '~stoa:*', '+@all'], port);
    await untilShared(true, replica);
    expect(lines.at(-1)).toContain('Limits are counted in Redis');
    expect(lines.join('')).not.toMatch(/pass.{0,3}word/);
  });

  it('is asked with the password that is in the file now', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'stoa-secret-')), 'password');
    writeFileSync(file, 'old');
    const guarded = await RedisProcess.start(['--requirepass', 'new']);
    const replica = await fleet.one(guarded.url, { password: Secret.fromFile(file) });
    expect(replica.replicas.isShared).toBe(false);
    writeFileSync(file, 'new');
    await untilShared(true, replica);
  });
});
