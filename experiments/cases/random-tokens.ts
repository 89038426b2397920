import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Experiment } from '../experiment.ts';
import { asker } from '../lab/ask.ts';
import { milliseconds, quantile } from '../lab/until.ts';

const liars = 8;
const honestCalls = 400;
const rounds = 3;

export const randomTokens: Experiment = {
  id: 'random-tokens',
  criterion: 'Eight clients with random tokens cost honest callers less than 1.5 × their p99.',
  async run(lab) {
    const { up } = await lab.system();
    const url = up.control_plane_url;
    const ask = asker(url, up.admin_token);
    const honest = async () => {
      const took: number[] = [];
      for (let call = 0; call < honestCalls; call += 1) took.push((await ask('GET', '/v1/session')).ms);
      return quantile(took, 0.99);
    };
    await honest();
    const ratios: { alone: number; beside: number }[] = [];
    // Interleaved, so that what else the machine does falls on both alike; the middle round counts.
    for (let round = 0; round < rounds; round += 1) {
      const alone = await honest();
      const attack = spawn(process.execPath, [join(import.meta.dirname, '../lab/liars.ts'), url, String(liars)], { stdio: 'ignore' });
      try {
        await delay(1_000);
        ratios.push({ alone, beside: await honest() });
      } finally {
        const ended = once(attack, 'exit');
        attack.kill('SIGKILL');
        await ended;
      }
    }
    const middle = ratios.sort((a, b) => a.beside / a.alone - b.beside / b.alone)[Math.floor(rounds / 2)] ?? { alone: 1, beside: Infinity };
    const ratio = middle.beside / middle.alone;
    return { figure: `${ratio.toFixed(2)} × (${milliseconds(middle.alone)} alone, ${milliseconds(middle.beside)} beside them)`, passed: ratio < 1.5 };
  },
};
