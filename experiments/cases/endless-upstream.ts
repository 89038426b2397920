import type { Experiment } from '../experiment.ts';
import { milliseconds, slowestWhile } from '../lab/until.ts';

export const endlessUpstream: Experiment = {
  id: 'endless-upstream',
  criterion: 'An answer without an end is cut off at a bound, and /healthz answers in less than 250 ms meanwhile.',
  async run(lab) {
    const tools = await lab.tools();
    const call = tools.call('endless');
    const slowestMs = await slowestWhile(call, () => tools.isHealthy());
    const { isError, text } = await call;
    return { figure: `${milliseconds(slowestMs)}; ${text.slice(0, 80)}`, passed: isError && text.includes('is larger than') && slowestMs < 250 };
  },
};
