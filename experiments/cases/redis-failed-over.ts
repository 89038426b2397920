import { RedisProcess } from '@stoa/mcp/decide/replicas/testing/redis-process.ts';
import type { Experiment } from '../experiment.ts';
import { figureOf, withTwoGateways } from '../lab/replicas.ts';
import { secondsUntil } from '../lab/until.ts';

const limit = 200;

export const redisFailedOver: Experiment = {
  id: 'redis-failed-over',
  criterion:
    'When the primary is killed and sentinels name another, two Gateways count on together there: of a limit half used exactly the rest passes; no call fails.',
  async run(lab) {
    const primary = await RedisProcess.start();
    const second = await RedisProcess.start(['--replicaof', '127.0.0.1', String(primary.port)]);
    const sentinel = await RedisProcess.sentinel(primary.port);
    const url = `redis+sentinel://127.0.0.1:${sentinel.port}/primary`;
    try {
      return await withTwoGateways(lab, { redisUrls: [url, url], limit, timeout: '2s' }, async ({ spend, untilShared }) => {
        await secondsUntil(() => second.ask('INFO replication').includes('master_link_status:up'), 30);
        const before = await spend(96);
        await primary.kill();
        await secondsUntil(() => second.ask('ROLE').startsWith('master'), 30);
        await untilShared(true);
        const after = await spend(320);
        const failed = before.failed + after.failed;
        const figure = figureOf(before.passed + after.passed, limit, { failed, slowestMs: after.slowestMs });
        return { figure, passed: before.passed === 96 && before.passed + after.passed === limit && failed === 0 };
      });
    } finally {
      for (const each of [sentinel, second, primary]) await each.end();
    }
  },
};
