import type { Experiment } from '../experiment.ts';
import { milliseconds, quantile, secondsUntil } from '../lab/until.ts';

const waiting = 100;

export const slowUpstream: Experiment = {
  id: 'slow-upstream',
  criterion: 'While 100 calls wait for an upstream that never answers, the p99 of other calls is below 500 ms.',
  async run(lab) {
    const tools = await lab.tools();
    const before = tools.arrived('silent');
    const held = Array.from({ length: waiting }, () => tools.call('silent').catch(() => undefined));
    await secondsUntil(() => tools.arrived('silent') === before + waiting, 20);
    let ended = 0;
    for (const call of held) void call.then(() => (ended += 1));
    const took: number[] = [];
    let failed = 0;
    for (let call = 0; call < 100; call += 1) {
      const { isError, ms } = await tools.call('good');
      took.push(ms);
      if (isError) failed += 1;
    }
    const stillWaiting = waiting - ended;
    await Promise.all(held);
    const p99 = quantile(took, 0.99);
    const figure = `p99 ${milliseconds(p99)}, ${failed} failed, ${stillWaiting} waiting throughout`;
    return { figure, passed: failed === 0 && p99 < 500 && stillWaiting === waiting };
  },
};
