import type { Experiment } from '../experiment.ts';

export const lyingUpstream: Experiment = {
  id: 'lying-upstream',
  criterion: 'An upstream that breaks off, or calls HTML JSON, becomes an answer in words, and the next call is good.',
  async run(lab) {
    const tools = await lab.tools();
    const broken = await tools.call('truncated');
    const nonsense = await tools.call('nonsense');
    const next = await tools.call('good');
    const isTold = broken.isError && broken.text.includes('broke off') && nonsense.isError && nonsense.text.includes('is not valid JSON');
    const passed = isTold && !next.isError && (await tools.isHealthy());
    return { figure: `${broken.text.slice(0, 60)} / ${nonsense.text.slice(0, 60)}`.replaceAll('\n', ' '), passed };
  },
};
