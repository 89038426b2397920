import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Experiment } from '../experiment.ts';
import { done } from '../lab/ask.ts';
import { seconds } from '../lab/until.ts';

const instances = 2_000;
const maxAttempts = 20;

export const herd: Experiment = {
  id: 'herd',
  criterion: '2,000 instances that register and beat at once are all taken in within 100 s, obeying Retry-After.',
  async run(lab) {
    const { ask } = await lab.plane();
    const { secret } = await done(ask<{ secret: string }>('POST', '/v1/gateway-keys', { name: 'herd' }));
    let refused = 0;
    const persist = async <T>(path: string, body: unknown): Promise<T | undefined> => {
      for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
        const answer = await ask<T>('POST', `/v1/internal/gateways/${path}`, body, secret).catch(() => undefined);
        if (answer?.status === 200) return answer.body;
        refused += 1;
        await delay((Number(answer?.headers.get('retry-after') ?? 1) + Math.random()) * 1000);
      }
      return undefined;
    };
    const since = performance.now();
    const taken = await Promise.all(
      Array.from({ length: instances }, async (_, n) => {
        const instance = {
          instance_name: `herd-${n}`,
          gateway_mode: 'edge_mcp',
          version: '1',
          features: [],
          environment: 'herd',
          boot_id: randomUUID(),
        };
        const registered = await persist<{ gateway_id: string }>('register', instance);
        const beat = { status: 'healthy', uptime_s: 1, metrics: {} };
        return registered !== undefined && (await persist(`${registered.gateway_id}/heartbeat`, beat)) !== undefined;
      }),
    );
    const tookS = (performance.now() - since) / 1000;
    const all = taken.filter(Boolean).length;
    return { figure: `${all} in ${seconds(tookS)}, ${refused} told to come later`, passed: all === instances && tookS <= 100 };
  },
};
