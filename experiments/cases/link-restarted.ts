import { Agent, get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Experiment } from '../experiment.ts';
import { statusOf } from '../lab/ask.ts';
import { pidOf } from '../lab/system.ts';
import { secondsUntil } from '../lab/until.ts';

const clients = 8;

export const linkRestarted: Experiment = {
  id: 'link-restarted',
  criterion: 'A restart of Link under load denies no call: a gateway gets permissions, a limit with the time to come again, a 503, or no connection.',
  async run(lab) {
    const system = await lab.system();
    const origin = new URL(system.up.mcp.link_url).origin;
    const agent = new Agent({ keepAlive: true });
    const authorization = { 'x-api-key': system.up.mcp.token, 'x-original-method': 'GET', 'x-original-uri': '/orders' };
    const ask = () =>
      new Promise<Verdict>((resolve) => {
        get(`${origin}/authz`, { agent, headers: authorization, timeout: 5_000 }, (answer) => {
          answer.resume().once('end', () => resolve(verdictOf(answer)));
        }).once('error', () => resolve('no connection'));
      });
    const counts = new Map<Verdict, number>();
    let isOver = false;
    const load = Array.from({ length: clients }, async () => {
      while (!isOver) {
        const verdict = await ask();
        counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
        await delay(verdict === 'no connection' ? 20 : 2);
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
    const told = [...counts].map(([verdict, count]) => `${count} × ${verdict}`).join(', ');
    return { figure: told, passed: !counts.has('denied') && (counts.get('permitted') ?? 0) > 100 };
  },
};

type Verdict = 'permitted' | 'denied' | 'over its limit' | 'not ready' | 'no connection';

/** A gateway that knows no other refusal is told of a limit by 403, with the time after which to come again: nothing was denied there that was not to be. */
function verdictOf({ statusCode = 0, headers }: IncomingMessage): Verdict {
  if (statusCode < 300) return 'permitted';
  if (statusCode === 503) return 'not ready';
  return headers['retry-after'] === undefined ? 'denied' : 'over its limit';
}
