import { existsSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtProgram } from '@stoa/bench/system/control-plane.ts';
import { freePort } from '@stoa/bench/system/processes.ts';
import type { Experiment } from '../experiment.ts';
import { statusOf } from '../lab/ask.ts';

export const forgedSnapshot: Experiment = {
  id: 'forged-snapshot',
  criterion: 'A Gateway serves what it kept while the Control Plane is away, and nothing of it once the list of what it kept was changed.',
  async run(lab) {
    const { stateDir, up } = await lab.system();
    return lab.bench(async ({ directory, processes }) => {
      const startedFrom = async (name: string, change: (text: string) => string) => {
        const copy = join(directory, name);
        await cp(join(stateDir, 'gateway'), copy, { recursive: true });
        for (const lock of ['lock.1', 'lock.2', 'lock.3', 'lock.4', 'lock.5']) await rm(join(copy, lock), { force: true });
        // A Control Plane of an older version gives one document in place of a list and its items.
        const [file = ''] = ['manifest', 'last-known-good.json'].map((kept) => join(copy, kept)).filter(existsSync);
        await writeFile(file, change(await readFile(file, 'utf8')));
        const url = `http://127.0.0.1:${await freePort()}`;
        const env = {
          STOA_CONTROL_PLANE_URL: 'http://127.0.0.1:9',
          STOA_GATEWAY_KEY: up.gateway_key,
          STOA_ENVIRONMENT: 'demo',
          STOA_INSTANCE_NAME: 'gateway-demo',
          STOA_LISTEN: new URL(url).host,
          STOA_STATE_DIR: copy,
        };
        await processes.start({
          name,
          ...builtProgram('stoa-gateway'),
          cores: undefined,
          env,
          isReady: async () => (await statusOf(`${url}/healthz`)) === 200,
        });
        return statusOf(`${url}/readyz`);
      };
      const asKept = await startedFrom('as-kept', (text) => text);
      const changed = await startedFrom('changed', (text) => text.replaceAll(/(?<=sha256:)[0-9a-f]/g, (digit) => (digit === '0' ? '1' : '0')));
      return { figure: `/readyz ${asKept} as kept, ${changed} changed`, passed: asKept === 200 && changed === 503 };
    });
  },
};
