import { RedisProcess } from '@stoa/mcp/decide/replicas/testing/redis-process.ts';
import type { Experiment } from '../experiment.ts';
import { withIssuer } from '../lab/issuer.ts';
import { figureOf, withTwoGateways } from '../lab/replicas.ts';
import { secondsUntil } from '../lab/until.ts';

const limit = 100;
const skewMs = 20_000;

export const clockSkew: Experiment = {
  id: 'clock-skew',
  criterion:
    'Gateways whose clocks are 20 s behind and ahead let in tokens of this moment and refuse those of five minutes ago and ahead; an hour apart they let exactly the limit through together.',
  async run(lab) {
    const { ask } = await lab.tools();
    const redis = await RedisProcess.start();
    try {
      return await withTwoGateways(lab, { redisUrls: [redis.url, redis.url], limit }, ({ letsIn, setClock, spend }) =>
        withIssuer(ask, async (issuer) => {
          const now = Math.floor(Date.now() / 1000);
          await Promise.all([setClock(0, -skewMs), setClock(1, skewMs)]);
          const good = await issuer.sign();
          const over = await issuer.sign({ iat: now - 900, exp: now - 300 });
          const early = await issuer.sign({ nbf: now + 300, exp: now + 900 });
          await secondsUntil(async () => (await letsIn(0, good)) && (await letsIn(1, good)), 30);
          const wrong: string[] = [];
          for (const gateway of [0, 1] as const) {
            if (await letsIn(gateway, over)) wrong.push(`an old one at ${gateway}`);
            if (await letsIn(gateway, early)) wrong.push(`an early one at ${gateway}`);
          }
          await setClock(1, 3_600_000);
          const spent = await spend(320);
          const figure = `${figureOf(spent.passed, limit, spent)}; let in wrongly: ${wrong.length === 0 ? 'none' : wrong.join(', ')}`;
          return { figure, passed: wrong.length === 0 && spent.passed === limit && spent.failed === 0 };
        }),
      );
    } finally {
      await redis.end();
    }
  },
};
