import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLogger } from '@stoa/lib/log.ts';
import { endRedisAfterAll, missingRedis, RedisProcess } from '../decide/replicas/testing/redis-process.ts';
import { configOf, headersFor, limitedApi, modern, operations, rpc, startUpstream } from '../doors/mcp/testing/fixture.ts';
import type { Upstream } from '../doors/mcp/testing/fixture.ts';
import { startRuntime } from '../start.ts';
import type { Runtime } from '../start.ts';
import { fakeConnection } from '../testing/fake-connection.ts';
import { testOptions } from './testing/options.ts';

const log = createLogger({ program: 'test', level: 'silent' });
const limit = 150;

describe.skipIf(missingRedis !== undefined || process.platform !== 'linux')(
  'a runtime with two workers and its replica, which count in one Redis',
  () => {
    endRedisAfterAll();
    const runtimes: Runtime[] = [];
    let upstream: Upstream;

    const startReplica = async (workers: string, redis: RedisProcess): Promise<void> => {
      const connection = fakeConnection();
      const options = testOptions({ STOA_WORKERS: workers, STOA_REDIS_URL: redis.url, STOA_REDIS_TIMEOUT: '5s' });
      const entry = new URL('./testing/worker.ts', import.meta.url);
      runtimes.push(await startRuntime({ ...options, entry, log, connect: connection.connect }));
      const limited = limitedApi(upstream.url).map((item) =>
        item.kind === 'policy' ? { ...item, policy: { kind: 'rate_limit' as const, config: { limit, window_s: 3600 } } } : item,
      );
      await connection.apply(configOf([operations.getOrder], upstream.url, limited, 1));
    };
    const metrics = async ({ url }: Runtime): Promise<string> => (await fetch(`${url}/metrics`)).text();
    const isLetThrough = async ({ url }: Runtime): Promise<boolean> => {
      const message = rpc(modern, 'tools/call', { name: 'limited', arguments: { id: 'o1' } });
      const response = await fetch(`${url}/mcp`, { method: 'POST', headers: headersFor(modern, message) as never, body: JSON.stringify(message) });
      const { result } = (await response.json()) as { result: { isError?: boolean } };
      return result.isError !== true;
    };

    beforeAll(async () => {
      upstream = await startUpstream();
      const redis = await RedisProcess.start();
      await startReplica('2', redis);
      await startReplica('1', redis);
    });
    afterAll(async () => {
      await Promise.all(runtimes.map((runtime) => runtime.stop()));
      upstream.server.closeAllConnections();
      upstream.server.close();
    });

    it('let through exactly the limit of what comes to all threads of both at once, and tell so', async () => {
      await vi.waitUntil(async () => (await Promise.all(runtimes.map(metrics))).every((text) => text.includes('stoa_limits_replicas 2')), {
        timeout: 20_000,
        interval: 100,
      });
      const verdicts = await Promise.all(Array.from({ length: 3 * limit }, (_, at) => isLetThrough(runtimes[at % 2] as Runtime)));
      expect(verdicts.filter(Boolean)).toHaveLength(limit);
      for (const text of await Promise.all(runtimes.map(metrics))) {
        expect(text).toContain('stoa_limits_shared 1');
        expect(Number(/^stoa_limits_leases_total (\d+)$/m.exec(text)?.[1])).toBeLessThan(limit / 2);
      }
    });
  },
);
