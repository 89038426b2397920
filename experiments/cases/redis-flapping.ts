import { RedisProcess } from '@stoa/mcp/decide/replicas/testing/redis-process.ts';
import { SlowProxy } from '@stoa/mcp/decide/replicas/testing/slow-proxy.ts';
import type { Experiment } from '../experiment.ts';
import { figureOf, withTwoGateways } from '../lab/replicas.ts';

const limit = 400;

export const redisFlapping: Experiment = {
  id: 'redis-flapping',
  criterion: 'Connections to Redis that break every 200 ms, of one Gateway and then of the other, let exactly the limit through; no call fails.',
  async run(lab) {
    const redis = await RedisProcess.start();
    const proxies = [await SlowProxy.before(redis.port), await SlowProxy.before(redis.port)] as const;
    let cuts = 0;
    try {
      return await withTwoGateways(lab, { redisUrls: [proxies[0].url, proxies[1].url], limit }, async ({ spend, untilShared }) => {
        const cutting = setInterval(() => {
          proxies[cuts % 2]?.cut();
          cuts += 1;
        }, 200);
        const spent = await spend(800).finally(() => clearInterval(cutting));
        await untilShared(true);
        const after = await spend(160);
        const passed = spent.passed + after.passed;
        const failed = spent.failed + after.failed;
        const figure = `${figureOf(passed, limit, { failed, slowestMs: spent.slowestMs })}, ${cuts} cuts`;
        return { figure, passed: passed === limit && failed === 0 };
      });
    } finally {
      for (const proxy of proxies) proxy.close();
      await redis.end();
    }
  },
};
