import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Experiment } from '../experiment.ts';
import { statusOf } from '../lab/ask.ts';
import { pidOf } from '../lab/system.ts';
import { secondsUntil } from '../lab/until.ts';

const clients = 8;

export const linkRestarted: Experiment = {
  id: 'link-restarted',
  criterion: 'A restart of Link under load denies no call: a gateway gets permissions, a 503, or no connection, never a 401 or 403.',
  async run(lab) {
    const system = await lab.system();
    const origin = new URL(system.up.mcp.link_url).origin;
    const agent = new Agent({ keepAlive: true });
    const authorization = { 'x-api-key': system.up.mcp.token, 'x-original-method': 'GET', 'x-original-uri': '/orders' };
    const ask = () =>
      new Promise<number>((resolve) => {
        get(`${origin}/authz`, { agent, headers: authorization, timeout: 5_000 }, (answer) => {
          answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
        }).once('error', () => resolve(0));
      });
    const counts = new Map<number, number>();
    let isOver = false;
    const load = Array.from({ length: clients }, async () => {
      while (!isOver) {
        const status = await ask();
        counts.set(status, (counts.get(status) ?? 0) + 1);
        await delay(status === 0 ? 20 : 2);
      }
    });
    await delay(500);
    const old = await pidOf(system, 'link');
    process.kill(old, 'SIGTERM');
    await secondsUntil(async () => (await pidOf(system, 'link')) !== old && (await statusOf(`${origin}/readyz`)) === 200, 60);
    await delay(500);
    isOver = true;
    await Promise.all(load);
    agent.destroy();
    const denied = (counts.get(401) ?? 0) + (counts.get(403) ?? 0);
    const permitted = (counts.get(200) ?? 0) + (counts.get(204) ?? 0);
    const told = [...counts].map(([status, count]) => `${count} × ${status === 0 ? 'no connection' : status}`).join(', ');
    return { figure: told, passed: denied === 0 && permitted > 100 };
  },
};
