import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { builtProgram } from '@stoa/bench/system/control-plane.ts';
import { answers, freePort } from '@stoa/bench/system/processes.ts';
import type { Experiment } from '../experiment.ts';
import { callTool } from '../lab/tools.ts';
import { secondsUntil } from '../lab/until.ts';

const calls = 50;

export const diskFull: Experiment = {
  id: 'disk-full',
  criterion: 'A Gateway that can write to no disk, neither its state nor its log, starts and answers every call.',
  async run(lab) {
    const { system } = await lab.tools();
    return lab.bench(async ({ directory, processes }) => {
      const { command, args } = builtProgram('stoa-gateway');
      const url = `http://127.0.0.1:${await freePort()}`;
      await processes.start({
        name: 'gateway',
        command: '/bin/sh',
        // No file may grow: what a full disk does, without filling one. The log goes to the device that is always full.
        args: ['-c', 'ulimit -f 0; exec "$@" 2>/dev/full', 'sh', command, ...args],
        cores: undefined,
        env: {
          STOA_CONTROL_PLANE_URL: system.up.control_plane_url,
          STOA_GATEWAY_KEY: system.up.gateway_key,
          STOA_INSTANCE_NAME: 'full-disk',
          STOA_LISTEN: new URL(url).host,
          STOA_STATE_DIR: join(directory, 'state'),
          STOA_LOG_LEVEL: 'trace',
        },
        isReady: () => answers(`${url}/readyz`),
      });
      const call = () => callTool(`${url}/mcp`, 'lab_good', {}, system.up.mcp.token);
      await secondsUntil(async () => !(await call()).isError, 30);
      let failed = 0;
      for (let n = 0; n < calls; n += 1) {
        if ((await call()).isError) failed += 1;
        await delay(10);
      }
      return { figure: `${failed} of ${calls} failed`, passed: failed === 0 };
    });
  },
};
