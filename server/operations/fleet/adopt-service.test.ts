import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adoption, Api, Deployment, DryRunQuestion, RegisterReply } from '@stoa/generated/schemas.ts';
import { asGateway } from '../../testing/gateways.ts';
import { expectGuarded, giveAway } from '../../testing/refusals.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { Answer, TestControlPlane } from '../../testing/test-control-plane.ts';

let plane: TestControlPlane;
let key: string;
let connect: RegisterReply;
const features = ['subscriptions', 'plans', 'dry_run'];
beforeAll(async () => {
  plane = await startTestControlPlane();
  key = await plane.mintGatewayKey();
  connect = (await asGateway(plane, key).register('kong-01', { gateway_mode: 'connect', features })).body;
});
afterAll(() => plane.close());

const objects = [
  { kind: 'service', id: 's-1', label: 'service Billing', fields: { name: 'Billing', host: 'billing.example' } },
  { kind: 'route', id: 'r-1', label: 'route bills', fields: { name: 'bills', paths: ['/bills'] } },
];
const adoption = {
  name: 'Billing EU',
  upstream_url: 'http://billing.example:80',
  operations: [{ method: 'GET', path: '/bills/{id}' }],
  objects,
  stays: ['plugin rate-limiting'],
};
const writes = [{ action: 'patch', object: 'service Billing', detail: 'tags: none → stoa-managed' }];
const internal = `/v1/internal/gateways`;

/** Asks for it while a Connect answers so. */
async function adopt(
  answer: object,
  { query = '', body = {} }: { query?: string; body?: object } = {},
): Promise<{ question: DryRunQuestion; answer: Answer<Adoption & { code?: string; detail?: string }> }> {
  const path = `${internal}/${connect.gateway_id}/dry-run`;
  const polling = plane.request<DryRunQuestion>('GET', `${path}?wait_s=20`, { token: key });
  const asking = plane.request<Adoption>('POST', `/v1/gateways/${connect.gateway_id}/adoptions${query}`, { body: { object_id: 'Billing', ...body } });
  const { body: question } = await polling;
  const planned = writes.map((write) => ({ ...write, item_id: `api:${question.adopt?.api_id}` }));
  const given = { dry_run_id: question.dry_run_id, state: 'applied', items: [], writes: planned, ...answer };
  await plane.request('POST', path, { token: key, body: given });
  return { question, answer: await asking };
}

describe('adoptService', () => {
  it('asks the running Connect, shows what would come of it, and saves nothing in a dry run', async () => {
    const { question, answer } = await adopt({ adoption }, { query: '?dry_run=true' });
    expect(question).toEqual({ dry_run_id: expect.any(String), items: [], adopt: { object_id: 'Billing', api_id: expect.any(String) } });
    expect(answer).toMatchObject({
      status: 201,
      body: { writes, stays: ['plugin rate-limiting'], api: { name: 'billing-eu', upstream_url: 'http://billing.example' } },
    });
    for (const list of ['apis', 'deployments']) expect((await plane.request<{ items: [] }>('GET', `/v1/${list}`)).body.items).toEqual([]);
  });

  it('makes an API of the service and a deployment to this gateway alone, which is given the objects as they were', async () => {
    const { answer } = await adopt({ adoption });
    expect(answer.status).toBe(201);
    const { api, deployment } = answer.body;
    expect(answer.body.writes.map(({ item_id }) => item_id)).toEqual([`api:${api.api_id}`]);
    expect(api).toMatchObject({ name: 'billing-eu', open_to_all_consumers: true, revision: 1, tools: 1 });
    expect(deployment).toMatchObject({ revision: 1, adopted: true, targets: { environments: ['production'], instance_names: ['kong-01'] } });
    const [item] = await asGateway(plane, key).items(connect.gateway_id);
    expect(item).toMatchObject({ kind: 'api', api_id: api.api_id, adopted: objects });
    const other = (await asGateway(plane, key).register('kong-02', { gateway_mode: 'connect', features })).body;
    expect(await asGateway(plane, key).items(other.gateway_id)).toEqual([]);
    expect((await plane.request<Api>('GET', `/v1/apis/${api.api_id}`)).body.document).toMatchObject({ paths: { '/bills/{id}': { get: {} } } });
    const again = await adopt({ adoption });
    expect([again.answer.status, again.answer.body.code]).toEqual([409, 'name_taken']);
    expect((await adopt({ adoption }, { body: { name: 'bills' }, query: '?dry_run=true' })).answer.body.api.name).toBe('bills');

    // Another revision is exposed as any API is, and this one as it was taken over.
    const document = { openapi: '3.1.0', info: { title: 'B', version: '2' }, servers: [{ url: 'http://billing.example' }], paths: {} };
    await plane.request('PUT', `/v1/apis/${api.api_id}`, { body: { document } });
    const adoptedNow = async () => (await asGateway(plane, key).items(connect.gateway_id)).map((given) => 'adopted' in given);
    expect(await adoptedNow()).toEqual([true]);
    const path = `/v1/deployments/${deployment.deployment_id}`;
    expect((await plane.request('PATCH', path, { body: { targets: { modes: ['connect'] } } })).status).toBe(422);
    await plane.request<Deployment>('PATCH', path, { body: { revision: 'newest' } });
    expect(await adoptedNow()).toEqual([false]);
    await plane.request('DELETE', path);
  });

  it('says why something cannot be taken over: by the gateway, by a policy for everything, by a second person', async () => {
    const refusal = 'No route leads to it.';
    expect((await adopt({ adoption: { refusal } })).answer).toMatchObject({ status: 422, body: { detail: refusal } });
    expect((await adopt({ unavailable: 'Kong does not answer.' })).answer).toMatchObject({ status: 503, body: { detail: 'Kong does not answer.' } });
    const limit = { kind: 'rate_limit', config: { limit: 5, window_s: 60 } };
    const { body: policy } = await plane.request<{ policy_id: string }>('POST', '/v1/policies', {
      body: { name: 'everywhere', policy: limit, attached_to: [{ environment: 'production' }] },
    });
    expect((await adopt({ adoption }, { body: { name: 'guarded' } })).answer).toMatchObject({ status: 409, body: { code: 'policy_applies' } });
    await plane.request('DELETE', `/v1/policies/${policy.policy_id}`);
    await plane.request('PUT', '/v1/environments/production', { body: { four_eyes: ['deployments'] } });
    const path = `/v1/gateways/${connect.gateway_id}/adoptions`;
    expect(await plane.request('POST', path, { body: { object_id: 'Billing' } })).toMatchObject({ status: 409, body: { code: 'second_person' } });
  });

  it('is for a Connect of this tenant, and for who may deploy', async () => {
    const { body: edge } = await asGateway(plane, key).register('edge-01', {});
    const ask = (id: string) => plane.request('POST', `/v1/gateways/${id}/adoptions`, { body: { object_id: 'x' } });
    expect((await ask(edge.gateway_id)).status).toBe(422);
    expect((await ask(randomUUID())).status).toBe(404);
    await expectGuarded(plane, [{ method: 'POST', path: `/v1/gateways/${edge.gateway_id}/adoptions`, body: { object_id: 'x' } }]);
    await giveAway(plane, edge.gateway_id);
    expect((await ask(edge.gateway_id)).status).toBe(404);
  });
});
