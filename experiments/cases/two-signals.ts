import { once } from 'node:events';
import type { Experiment } from '../experiment.ts';
import { freePorts, makeStateDir, processesOf, runUp } from '../../tests/system/running-system.ts';

/** What `make up` says at them. */
const moments = ['Starting Example', 'Starting Kong simulator', 'Ready.'];

export const twoSignals: Experiment = {
  id: 'two-signals',
  criterion: 'A second signal while everything is being started, or once it runs, leaves no program behind.',
  async run() {
    const state = await makeStateDir();
    try {
      const left: string[] = [];
      for (const moment of moments) {
        const { process: up, output } = runUp(state.path, await freePorts());
        const exited = once(up, 'exit');
        await new Promise<void>((resolve) => up.stdout?.on('data', () => output().includes(moment) && resolve()));
        up.kill('SIGINT');
        up.kill('SIGTERM');
        await exited;
        left.push(...(await processesOf(state.path)));
      }
      return { figure: left.length === 0 ? 'none left' : left.join('; '), passed: left.length === 0 };
    } finally {
      await state.remove();
    }
  },
};
