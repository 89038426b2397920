import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Experiment } from '../experiment.ts';
import { done } from '../lab/ask.ts';

export const lostReplies: Experiment = {
  id: 'lost-replies',
  criterion: 'A registration and a usage batch whose replies are lost, and which come again, count once.',
  async run(lab) {
    const { ask, url } = await lab.plane();
    const { secret } = await done(ask<{ secret: string }>('POST', '/v1/gateway-keys', { name: 'lost' }));
    /** Sends, and goes away before the answer can be read. */
    const sendAndLeave = async (path: string, body: unknown) => {
      const sent = request(`${url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' } });
      sent.on('error', () => {});
      await new Promise<void>((resolve) => sent.end(JSON.stringify(body), resolve));
      await delay(20);
      sent.destroy();
    };
    const boot_id = randomUUID();
    const instance = { instance_name: 'lost', gateway_mode: 'edge_mcp', version: '1', features: [], environment: 'lost', boot_id };
    type Registered = { gateway_id: string; lease_epoch: number };
    const register = () => done(ask<Registered>('POST', '/v1/internal/gateways/register', instance, secret));
    await sendAndLeave('/v1/internal/gateways/register', instance);
    const [first, second] = [await register(), await register()];
    const path = `/v1/internal/gateways/${first.gateway_id}/usage`;
    const batch = { boot_id, seq: 0, records: [] };
    await sendAndLeave(path, batch);
    await done(ask('POST', path, batch, secret));
    const { duplicate } = await done(ask<{ duplicate: boolean }>('POST', path, batch, secret));
    const isOnce = first.gateway_id === second.gateway_id && first.lease_epoch === second.lease_epoch && duplicate;
    return { figure: isOnce ? 'one instance, one epoch, one batch' : JSON.stringify({ first, second, duplicate }), passed: isOnce };
  },
};
