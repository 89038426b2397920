import { RedisProcess } from '@stoa/mcp/decide/replicas/testing/redis-process.ts';
import { SlowProxy } from '@stoa/mcp/decide/replicas/testing/slow-proxy.ts';
import type { Experiment } from '../experiment.ts';
import { figureOf, withTwoGateways } from '../lab/replicas.ts';

const limit = 100;

export const redisSlow: Experiment = {
  id: 'redis-slow',
  criterion:
    'A Redis that takes 5 s to answer holds no call for 3 s and lets no more than the limit through, now or when it is quick again; no call fails.',
  async run(lab) {
    const redis = await RedisProcess.start();
    const proxy = await SlowProxy.before(redis.port);
    try {
      return await withTwoGateways(lab, { redisUrls: [proxy.url, proxy.url], limit, timeout: '300ms' }, async ({ spend, untilShared }) => {
        proxy.delayMs = 5_000;
        const slow = await spend(320);
        proxy.delayMs = 0;
        proxy.cut();
        await untilShared(true);
        const quick = await spend(160);
        const passed = slow.passed + quick.passed;
        const failed = slow.failed + quick.failed;
        const isSound = passed <= limit && passed >= 0.9 * limit && failed === 0 && slow.slowestMs < 3_000;
        return { figure: figureOf(passed, limit, { failed, slowestMs: slow.slowestMs }), passed: isSound };
      });
    } finally {
      proxy.close();
      await redis.end();
    }
  },
};
