import type { Experiment } from '../experiment.ts';
import { asker, statusOf } from '../lab/ask.ts';
import { pidOf } from '../lab/system.ts';
import { secondsUntil } from '../lab/until.ts';

type Consumers = { items: { name: string }[]; next_cursor: string | null };
const writers = 8;
const untilKilled = 40;

export const controlPlaneKilled: Experiment = {
  id: 'control-plane-killed',
  criterion: 'The Control Plane killed under writes: everything that it acknowledged is there afterwards.',
  async run(lab) {
    const system = await lab.system();
    const ask = asker(system.up.control_plane_url, system.up.admin_token);
    const acknowledged: string[] = [];
    const pid = await pidOf(system, 'control-plane');
    await Promise.all(
      Array.from({ length: writers }, async (_, writer) => {
        for (let n = 0; ; n += 1) {
          const name = `kept-${writer}-${n}`;
          const answer = await ask('POST', '/v1/consumers', { name }).catch(() => undefined);
          if (answer?.status !== 201) return;
          acknowledged.push(name);
          if (acknowledged.length === untilKilled) process.kill(pid, 'SIGKILL');
        }
      }),
    );
    await secondsUntil(async () => (await statusOf(`${system.up.control_plane_url}/readyz`)) === 200, 60);
    const found = new Set<string>();
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body }: { body: Consumers } = await ask<Consumers>('GET', `/v1/consumers?limit=500${cursor === '' ? '' : `&cursor=${cursor}`}`);
      for (const { name } of body.items) found.add(name);
      cursor = body.next_cursor;
    }
    const lost = acknowledged.filter((name) => !found.has(name));
    return { figure: `${lost.length} of ${acknowledged.length} lost`, passed: lost.length === 0 && acknowledged.length >= untilKilled };
  },
};
