import { once } from 'node:events';
import type { Experiment } from '../experiment.ts';
import { freePorts, makeStateDir, processesOf, runUp } from '../../tests/system/running-system.ts';

export const twoSignals: Experiment = {
  id: 'two-signals',
  criterion: 'A second signal while everything is being started leaves no program behind.',
  async run() {
    const state = await makeStateDir();
    try {
      const { process: up, output } = runUp(state.path, await freePorts());
      const exited = once(up, 'exit');
      await new Promise<void>((resolve) => up.stdout?.on('data', () => output().includes('Starting Example') && resolve()));
      up.kill('SIGINT');
      up.kill('SIGTERM');
      await exited;
      const left = await processesOf(state.path);
      return { figure: left.length === 0 ? 'none left' : left.join('; '), passed: left.length === 0 };
    } finally {
      await state.remove();
    }
  },
};
