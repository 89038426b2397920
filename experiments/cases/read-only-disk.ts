import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { builtProgram } from '@stoa/bench/system/control-plane.ts';
import { freePort } from '@stoa/bench/system/processes.ts';
import type { Experiment } from '../experiment.ts';
import { statusOf } from '../lab/ask.ts';
import { callTool } from '../lab/tools.ts';

/** Its first argument is a directory that is read-only to what the others start, and to nobody else. */
const readOnly = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"';

export const readOnlyDisk: Experiment = {
  id: 'read-only-disk',
  criterion: 'A Gateway whose state directory is on a disk that cannot be written starts alone from what is on it, answers calls, and says so.',
  async run(lab) {
    const { stateDir, up } = await lab.system();
    return lab.bench(async ({ directory, processes }) => {
      const state = join(directory, 'state');
      await cp(join(stateDir, 'gateway'), state, { recursive: true });
      for (const lock of ['lock.1', 'lock.2', 'lock.3', 'lock.4', 'lock.5']) await rm(join(state, lock), { force: true });
      const { command, args } = builtProgram('stoa-gateway');
      const url = `http://127.0.0.1:${await freePort()}`;
      await processes.start({
        name: 'gateway',
        command: 'unshare',
        args: ['--map-root-user', '--mount', 'sh', '-c', readOnly, state, command, ...args],
        cores: undefined,
        env: {
          STOA_CONTROL_PLANE_URL: 'http://127.0.0.1:9',
          STOA_GATEWAY_KEY: up.gateway_key,
          STOA_ENVIRONMENT: 'demo',
          STOA_INSTANCE_NAME: 'gateway-demo',
          STOA_LISTEN: new URL(url).host,
          STOA_STATE_DIR: state,
        },
        isReady: async () => (await statusOf(`${url}/healthz`)) === 200,
      });
      const ready = await statusOf(`${url}/readyz`);
      const { isError } = await callTool(`${url}/mcp`, 'orders_getOrder', { orderId: 'ord_1001' }, up.mcp.token);
      const isTold = (await readFile(join(directory, 'gateway.log'), 'utf8')).includes('Nothing can be written to the state directory');
      const figure = `/readyz ${ready}, a call ${isError ? 'failed' : 'answered'}, ${isTold ? 'told' : 'not told'}`;
      return { figure, passed: ready === 200 && !isError && isTold };
    });
  },
};
