import { RedisProcess } from '@stoa/mcp/decide/replicas/testing/redis-process.ts';
import type { Experiment } from '../experiment.ts';
import { figureOf, withTwoGateways } from '../lab/replicas.ts';

const limit = 100;

export const redisAway: Experiment = {
  id: 'redis-away',
  criterion:
    'While Redis is away two Gateways let through exactly a limit that nobody had used, and nothing more once it is back, empty; no call fails or takes 2 s.',
  async run(lab) {
    const redis = await RedisProcess.start();
    try {
      return await withTwoGateways(lab, { redisUrls: [redis.url, redis.url], limit }, async ({ spend, untilShared }) => {
        await redis.kill();
        await untilShared(false);
        const away = await spend(320);
        await redis.start();
        await untilShared(true);
        const back = await spend(160);
        const failed = away.failed + back.failed;
        const slowestMs = Math.max(away.slowestMs, back.slowestMs);
        const figure = `${figureOf(away.passed, limit, { failed, slowestMs })}, ${back.passed} more when it was back`;
        return { figure, passed: away.passed === limit && back.passed === 0 && failed === 0 && slowestMs < 2_000 };
      });
    } finally {
      await redis.end();
    }
  },
};
