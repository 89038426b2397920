import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtProgram } from '@stoa/bench/system/control-plane.ts';
import { answers, freePort } from '@stoa/bench/system/processes.ts';
import type { Experiment } from '../experiment.ts';
import { done } from '../lab/ask.ts';
import { callTool } from '../lab/tools.ts';
import { secondsUntil } from '../lab/until.ts';

export const clockStep: Experiment = {
  id: 'clock-step',
  criterion: 'A key that has expired or was revoked stays dead when the wall clock of a Gateway goes back by an hour.',
  async run(lab) {
    const tools = await lab.tools();
    const { ask, system } = tools;
    return lab.bench(async ({ directory, processes }) => {
      const clock = join(directory, 'clock');
      await writeFile(clock, '0');
      await cp(join(import.meta.dirname, '../lab/stepped-clock.mjs'), join(directory, 'stepped-clock.mjs'));
      const url = `http://127.0.0.1:${await freePort()}`;
      await processes.start({
        name: 'gateway',
        ...builtProgram('stoa-gateway', ['--import', join(directory, 'stepped-clock.mjs')]),
        cores: undefined,
        env: {
          CLOCK_FILE: clock,
          STOA_CONTROL_PLANE_URL: system.up.control_plane_url,
          STOA_GATEWAY_KEY: system.up.gateway_key,
          STOA_INSTANCE_NAME: 'stepped',
          STOA_LISTEN: new URL(url).host,
          STOA_STATE_DIR: join(directory, 'state'),
        },
        isReady: () => answers(`${url}/readyz`),
      });
      const { consumer_id } = await done(ask<{ consumer_id: string }>('POST', '/v1/consumers', { name: 'stepped' }));
      const mint = (body: object) => done(ask<{ key: { key_id: string }; secret: string }>('POST', `/v1/consumers/${consumer_id}/keys`, body));
      const expiring = await mint({ expires_at: new Date(Date.now() + 15_000).toISOString() });
      const revoked = await mint({});
      const works = async ({ secret }: { secret: string }) => !(await callTool(`${url}/mcp`, 'lab_good', {}, secret)).isError;
      await secondsUntil(async () => (await works(revoked)) && (await works(expiring)), 30);
      await done(ask('DELETE', `/v1/consumers/${consumer_id}/keys/${revoked.key.key_id}`));
      await secondsUntil(async () => !(await works(expiring)) && !(await works(revoked)), 30);
      await writeFile(clock, String(-3_600_000));
      const alive: string[] = [];
      for (let attempt = 0; attempt < 20; attempt += 1) {
        if (await works(expiring)) alive.push('the expired');
        if (await works(revoked)) alive.push('the revoked');
      }
      return { figure: alive.length === 0 ? 'both stay dead' : `${[...new Set(alive)].join(' and ')} came back`, passed: alive.length === 0 };
    });
  },
};
