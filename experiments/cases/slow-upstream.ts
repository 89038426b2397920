import { setTimeout as delay } from 'node:timers/promises';
import type { Experiment } from '../experiment.ts';
import { milliseconds, quantile } from '../lab/until.ts';

export const slowUpstream: Experiment = {
  id: 'slow-upstream',
  criterion: 'While 100 calls wait for an upstream that never answers, the p99 of other calls is below 500 ms.',
  async run(lab) {
    const tools = await lab.tools();
    const held = Array.from({ length: 100 }, () => tools.call('silent').catch(() => undefined));
    await delay(2_000);
    const took: number[] = [];
    let failed = 0;
    for (let call = 0; call < 100; call += 1) {
      const { isError, ms } = await tools.call('good');
      took.push(ms);
      if (isError) failed += 1;
    }
    await Promise.all(held);
    const p99 = quantile(took, 0.99);
    return { figure: `p99 ${milliseconds(p99)}, ${failed} failed`, passed: failed === 0 && p99 < 500 };
  },
};
