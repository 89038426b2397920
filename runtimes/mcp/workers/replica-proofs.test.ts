import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLogger } from '@stoa/lib/log.ts';
import { endRedisAfterAll, missingRedis, RedisProcess } from '../decide/replicas/testing/redis-process.ts';
import { configOf, headersFor, modern, operations, rpc } from '../doors/mcp/testing/fixture.ts';
import { startRuntime } from '../start.ts';
import type { Runtime } from '../start.ts';
import { fakeConnection } from '../testing/fake-connection.ts';
import { Holder } from '../testing/holder.ts';
import { TestIssuer } from '../testing/issuer.ts';
import { testOptions } from './testing/options.ts';

const log = createLogger({ program: 'test', level: 'silent' });
const publicUrl = 'https://gateway.example';
const resource = `${publicUrl}/mcp`;

describe.skipIf(missingRedis !== undefined || process.platform !== 'linux')(
  'a proof (DPoP) at a runtime with two workers and its replica, which share one Redis',
  () => {
    endRedisAfterAll();
    const issuer = new TestIssuer();
    const runtimes: Runtime[] = [];
    let holder: Holder;
    let redis: RedisProcess;
    let token = '';

    const startReplica = async (workers: string): Promise<void> => {
      const connection = fakeConnection();
      const options = testOptions({ STOA_WORKERS: workers, STOA_REDIS_URL: redis.url, STOA_REDIS_TIMEOUT: '5s', STOA_PUBLIC_URL: publicUrl });
      const entry = new URL('./testing/worker.ts', import.meta.url);
      runtimes.push(await startRuntime({ ...options, entry, log, connect: connection.connect }));
      const trusted = issuer.item({ consumers: [{ claim: 'azp', value: 'helpdesk', consumer: 'agent' }] });
      await connection.apply(configOf([operations.getOrder], 'http://127.0.0.1:9', [trusted], 1));
    };
    const prove = (): Promise<string> => holder.prove(token, 'POST', resource);
    const statusAt = async (replica: number, dpop: string): Promise<number> => {
      const message = rpc(modern, 'tools/list');
      const { authorization: _, ...headers } = headersFor(modern, message) as Record<string, string>;
      const shown = { ...headers, authorization: `DPoP ${token}`, dpop };
      const response = await fetch(`${(runtimes[replica] as Runtime).url}/mcp`, { method: 'POST', headers: shown, body: JSON.stringify(message) });
      await response.body?.cancel();
      return response.status;
    };

    beforeAll(async () => {
      await issuer.listen();
      await issuer.addKey();
      holder = await Holder.make();
      token = await issuer.sign({ aud: resource, cnf: { jkt: holder.jkt } });
      redis = await RedisProcess.start();
      vi.stubEnv('STOA_PUBLIC_URL', publicUrl);
      await startReplica('2');
      await startReplica('1');
      vi.unstubAllEnvs();
    });
    afterAll(async () => {
      await Promise.all(runtimes.map((runtime) => runtime.stop()));
      await issuer.close();
    });

    it('DPoP replay: lets in once, at whichever replica it comes first', async () => {
      for (const [first, second] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const proof = await prove();
        expect([await statusAt(first, proof), await statusAt(second, proof), await statusAt(first, proof)]).toEqual([200, 401, 401]);
      }
    });

    it('lets in once of many times that it comes to all threads of both at once', async () => {
      const proof = await prove();
      const statuses = await Promise.all(Array.from({ length: 24 }, (_, at) => statusAt(at % 2, proof)));
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(new Set(statuses)).toEqual(new Set([200, 401]));
    });

    it('lets nobody in while Redis is away, which is told, and is good again when it is back', async () => {
      await redis.kill();
      expect([await statusAt(0, await prove()), await statusAt(1, await prove())]).toEqual([503, 503]);
      for (const { url } of runtimes) expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^stoa_proofs_failures_total [1-9]/m);
      await redis.start();
      for (const replica of [0, 1])
        await vi.waitUntil(async () => (await statusAt(replica, await prove())) === 200, { timeout: 20_000, interval: 50 });
    });
  },
);
