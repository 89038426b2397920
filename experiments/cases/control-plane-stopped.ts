import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Experiment } from '../experiment.ts';
import { asker, done, statusOf } from '../lab/ask.ts';
import { pidOf } from '../lab/system.ts';
import { milliseconds, secondsUntil } from '../lab/until.ts';

const internal = '/v1/internal/gateways';

export const controlPlaneStopped: Experiment = {
  id: 'control-plane-stopped',
  criterion: 'A SIGTERM answers long polls that wait within 1.5 s, with runtimes connected.',
  async run(lab) {
    const system = await lab.system();
    const { control_plane_url: url, gateway_key: key } = system.up;
    const ask = asker(url, system.up.admin_token);
    const instance = {
      instance_name: 'waits',
      gateway_mode: 'edge_mcp',
      version: '1',
      features: [],
      environment: 'laboratory',
      boot_id: randomUUID(),
    };
    const { gateway_id: id } = await done(ask<{ gateway_id: string }>('POST', `${internal}/register`, instance, key));
    const etag = (await ask('GET', `${internal}/${id}/config`, undefined, key)).headers.get('etag') ?? '';
    const poll = fetch(`${url}${internal}/${id}/config?wait_s=55`, { headers: { authorization: `Bearer ${key}`, 'if-none-match': etag } });
    await delay(500);
    const since = performance.now();
    process.kill(await pidOf(system, 'control-plane'), 'SIGTERM');
    const { status } = await poll;
    const tookMs = performance.now() - since;
    await secondsUntil(async () => (await statusOf(`${url}/readyz`)) === 200, 60);
    await done(ask('DELETE', `/v1/gateways/${id}?forget=true`));
    return { figure: `${status} after ${milliseconds(tookMs)}`, passed: status === 304 && tookMs <= 1_500 };
  },
};
