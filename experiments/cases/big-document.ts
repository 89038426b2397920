import { randomUUID } from 'node:crypto';
import type { Experiment } from '../experiment.ts';
import { asker, done } from '../lab/ask.ts';
import { milliseconds, slowestWhile } from '../lab/until.ts';

const bytes = 13_000_000;

export const bigDocument: Experiment = {
  id: 'big-document',
  criterion: 'A heartbeat is answered in less than 100 ms while a document of 13 MB is imported.',
  async run(lab) {
    const system = await lab.system();
    const { control_plane_url: url, gateway_key: key } = system.up;
    const ask = asker(url, system.up.admin_token);
    const instance = {
      instance_name: 'beats',
      gateway_mode: 'edge_mcp',
      version: '1',
      features: [],
      environment: 'laboratory',
      boot_id: randomUUID(),
    };
    const { gateway_id: id } = await done(ask<{ gateway_id: string }>('POST', '/v1/internal/gateways/register', instance, key));
    const beat = () => ask('POST', `/v1/internal/gateways/${id}/heartbeat`, { status: 'healthy', uptime_s: 1, metrics: {} }, key);
    await beat();
    const imported = ask<{ api_id?: string }>('POST', '/v1/apis', bigApi());
    const slowestMs = await slowestWhile(imported, beat, 50);
    const { status, ms, body } = await imported;
    if (body.api_id !== undefined) await done(ask('DELETE', `/v1/apis/${body.api_id}`));
    await done(ask('DELETE', `/v1/gateways/${id}?forget=true`));
    return { figure: `${milliseconds(slowestMs)}; the import: ${status} after ${milliseconds(ms)}`, passed: slowestMs < 100 && status === 201 };
  },
};

/** As large as the largest that are published: many operations, each with much to say. */
function bigApi(): string {
  const one = (n: number) => ({
    get: {
      operationId: `operation${n}`,
      summary: `Operation ${n}`,
      description: 'What this operation does, at length. '.repeat(30),
      parameters: [{ name: 'id', in: 'query', schema: { type: 'string', description: 'An identifier. '.repeat(20) } }],
      responses: {
        200: { description: 'OK', content: { 'application/json': { schema: { type: 'object', properties: { id: { type: 'string' } } } } } },
      },
    },
  });
  const size = JSON.stringify(one(1)).length;
  const paths = Object.fromEntries(Array.from({ length: Math.ceil(bytes / size) }, (_, n) => [`/path${n}`, one(n)]));
  const document = { openapi: '3.1.0', info: { title: 'Big', version: '1' }, servers: [{ url: 'http://127.0.0.1:9' }], paths };
  return JSON.stringify({ name: 'big', document });
}
