import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { builtProgram } from '@stoa/bench/system/control-plane.ts';
import { freePort } from '@stoa/bench/system/processes.ts';
import type { Experiment } from '../experiment.ts';
import { seconds } from '../lab/until.ts';

export const stuckStateDirectory: Experiment = {
  id: 'stuck-state-directory',
  criterion: 'A state directory that does not answer ends the start within 15 s, with a sentence, before anything listens.',
  run: (lab) =>
    lab.bench(async ({ directory }) => {
      const stateDir = join(directory, 'state');
      await mkdir(stateDir);
      // Whoever opens a pipe to read waits, as for a file on a network that is away.
      execFileSync('mkfifo', [join(stateDir, 'signing-keys.json')]);
      const { command, args } = builtProgram('stoa-gateway');
      const env = {
        STOA_CONTROL_PLANE_URL: 'http://127.0.0.1:9',
        STOA_GATEWAY_KEY: 'k',
        STOA_STATE_DIR: stateDir,
        STOA_LISTEN: `127.0.0.1:${await freePort()}`,
      };
      const since = performance.now();
      const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      const cut = setTimeout(() => child.kill('SIGKILL'), 40_000);
      await once(child, 'close');
      clearTimeout(cut);
      const tookS = (performance.now() - since) / 1000;
      const isTold = said.includes('does not answer within 10 s') && !said.includes('listens');
      return { figure: `${seconds(tookS)}, ${isTold ? 'told' : 'not told'}`, passed: tookS <= 15 && isTold };
    }),
};
