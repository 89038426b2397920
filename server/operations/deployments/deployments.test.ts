import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api, ApiList, Deployment, DeploymentList, GatewayConfig, RegisterReply } from '@stoa/generated/schemas.ts';
import { expectGuarded, foreignTenant, revisionOf } from '../../testing/refusals.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

const nowhere = '00000000-0000-4000-8000-000000000000';
let plane: TestControlPlane;
let key: string;
let names = 0;

async function createApi(): Promise<string> {
  const document = { openapi: '3.1.0', info: { title: 'Things', version: '1' }, servers: [{ url: 'https://api.example.com' }], paths: {} };
  return (await plane.request<{ api_id: string }>('POST', '/v1/apis', { body: { name: `api-${(names += 1)}`, document } })).body.api_id;
}
async function register(
  instance_name: string,
  gateway_mode: string,
  environment: string,
  labels = {},
  features = ['subscriptions'],
): Promise<string> {
  const body = { instance_name, gateway_mode, environment, labels, version: '1.0.0', features };
  return (await plane.request<RegisterReply>('POST', '/v1/internal/gateways/register', { token: key, body })).body.gateway_id;
}
const deploy = (api_id: string, targets: object) =>
  plane.request<Deployment & { code?: string; errors?: { pointer: string }[] }>('POST', '/v1/deployments', { body: { api_id, targets } });
const withoutWarnings = ({ warnings: _warnings, ...deployment }: Deployment) => deployment;
const show = async (id: string) => (await plane.request<Deployment>('GET', `/v1/deployments/${id}`)).body;

beforeAll(async () => {
  plane = await startTestControlPlane();
  key = await plane.mintGatewayKey();
});
afterAll(() => plane.close());

describe('the name of a deployment', () => {
  it('is that of its API, with a number from the second on, or the one that is given, and is found by', async () => {
    const api_id = await createApi();
    const name = (await plane.request<Api>('GET', `/v1/apis/${api_id}`)).body.name;
    const names = [(await deploy(api_id, { environments: ['a'] })).body.name, (await deploy(api_id, { environments: ['b'] })).body.name];
    expect(names).toEqual([name, `${name}-2`]);
    const given = { api_id, name: `${name}-live`, targets: { environments: ['c'] } };
    const made = await plane.request<Deployment>('POST', '/v1/deployments', { body: given });
    expect(made.body.name).toBe(given.name);
    const found = await plane.request<DeploymentList>('GET', `/v1/deployments?name=${given.name}`);
    expect(found.body.items.map(({ deployment_id }) => deployment_id)).toEqual([made.body.deployment_id]);
    const taken = await plane.request('POST', '/v1/deployments', { body: { ...given, targets: { environments: ['d'] } } });
    expect([taken.status, taken.body['code']]).toEqual([409, 'name_taken']);
    const path = `/v1/deployments/${made.body.deployment_id}`;
    expect((await plane.request('PATCH', path, { body: { name } })).status).toBe(409);
    expect((await plane.request<Deployment>('PATCH', path, { body: { name: `${name}-new` } })).body.name).toBe(`${name}-new`);
    await plane.request('DELETE', `/v1/apis/${api_id}`);
  });
});

describe('deployments', () => {
  it('are made, listed by API, paged, and ended', async () => {
    const [one, other] = [await createApi(), await createApi()];
    const before = await revisionOf(plane);
    const { status, body } = await deploy(one, { environments: ['production'], modes: ['edge_mcp', 'sidecar'] });
    expect(status).toBe(201);
    expect(body).toEqual({
      deployment_id: expect.any(String),
      name: expect.stringMatching(/^api-\d+$/),
      api_id: one,
      targets: { environments: ['production'], modes: ['edge_mcp', 'sidecar'] },
      revision: 'newest',
      drift: 'repair',
      state: 'unmatched',
      warnings: [expect.stringMatching(/^No gateway fits/)],
      created_at: expect.any(String),
      created_by: { kind: 'token', id: expect.any(String), name: 'first owner' },
      updated_by: { kind: 'token', id: expect.any(String), name: 'first owner' },
    });
    expect(await revisionOf(plane)).toBe(before + 1n);
    await deploy(other, { modes: ['connect'] });
    expect((await plane.request<DeploymentList>('GET', `/v1/deployments?api_id=${one}`)).body).toEqual({
      items: [{ ...withoutWarnings(body), gateway_states: {}, api_name: expect.stringMatching(/^api-\d+$/) }],
      next_cursor: null,
    });
    const page = await plane.request<DeploymentList>('GET', '/v1/deployments?limit=1');
    const rest = await plane.request<DeploymentList>('GET', `/v1/deployments?cursor=${page.body.next_cursor}`);
    expect([...page.body.items, ...rest.body.items].map((item) => item.api_id)).toEqual([one, other]);
    expect((await plane.request('DELETE', `/v1/deployments/${body.deployment_id}`)).status).toBe(204);
    expect(await revisionOf(plane)).toBe(before + 3n);
    for (const method of ['GET', 'DELETE']) expect((await plane.request(method, `/v1/deployments/${body.deployment_id}`)).status).toBe(404);
  });

  it('are refused with 400, 409 and 422', async () => {
    const api = await createApi();
    const { body } = await deploy(api, { labels: { region: 'eu', team: 'a' } });
    expect(await deploy(api, { labels: { team: 'a', region: 'eu' } })).toMatchObject({
      status: 409,
      body: {
        code: 'already_deployed',
        detail: expect.stringMatching(new RegExp(`${body.deployment_id}.*(follows the newest revision|PATCH /v1/deployments/)`)),
      },
    });
    const foreign = await plane.store.prisma.api.create({
      data: {
        tenant_id: await foreignTenant(plane),
        name: 'x',
        title: 'x',
        version: '1',
        document: {},
        upstream_url: 'http://x',
        operations: [],
        loss_report: [],
      },
    });
    for (const id of [nowhere, foreign.id])
      expect(await deploy(id, { modes: ['connect'] })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/body/api_id' }] } });
    expect(await deploy(api, { labels: {} })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/body/targets' }] } });
    for (const targets of [{}, { modes: ['edge-mcp'] }, { unknown: 1 }, { modes: [] }, { labels: { a: '\0' } }])
      expect((await deploy(api, targets)).status).toBe(400);
    for (const path of ['/v1/deployments?api_id=x', '/v1/deployments?limit=0', '/v1/deployments/none'])
      expect((await plane.request('GET', path)).status).toBe(400);
  });

  it('say where third-party gateways expose the API, which a Connect that does not know of it is not given', async () => {
    const api_id = await createApi();
    const public_path = { prefix: '/shop', host: 'api.example.com', strip: false };
    const targets = { environments: ['public'] };
    const { body: made, status } = await plane.request<Deployment>('POST', '/v1/deployments', { body: { api_id, targets, public_path } });
    expect([status, made.public_path]).toEqual([201, public_path]);
    const knows = ['subscriptions', 'plans', 'public_path'];
    const [kong, old, edge] = [
      await register('kong-public', 'connect', 'public', {}, knows),
      await register('kong-before', 'connect', 'public', {}, knows.slice(0, 2)),
      await register('edge-public', 'edge_mcp', 'public', {}, knows.slice(0, 2)),
    ];
    const itemsOf = async (id: string) =>
      (await plane.request<GatewayConfig>('GET', `/v1/internal/gateways/${id}/config`, { token: key })).body.items.filter(
        ({ id: item }) => item === `api:${api_id}`,
      );
    expect(await itemsOf(kong)).toMatchObject([{ public_path }]);
    expect(await itemsOf(old)).toEqual([]);
    expect(await itemsOf(edge)).toMatchObject([{ public_path }]);
    expect((await show(made.deployment_id)).gateways).toMatchObject([
      { instance_name: 'kong-public', state: 'pending' },
      { instance_name: 'kong-before', state: 'rejected', phase: 'render', reason: expect.stringMatching(/too old.*public path.*Update/) },
      { instance_name: 'edge-public', state: 'pending' },
    ]);
    const path = `/v1/deployments/${made.deployment_id}`;
    const change = async (body: object) => (await plane.request<Deployment>('PATCH', path, { body })).body.public_path;
    expect(await change({ drift: 'report' })).toEqual(public_path);
    expect(await change({ public_path: { host: 'eu.example.com' } })).toEqual({ host: 'eu.example.com' });
    expect(await change({ public_path: null })).toBeUndefined();
    expect(await itemsOf(old)).toHaveLength(1);
    expect((await itemsOf(kong))[0]).not.toHaveProperty('public_path');
  });

  it.each([
    [{}, 400],
    [{ prefix: 'shop' }, 400],
    [{ prefix: '/' }, 400],
    [{ prefix: '/shop/' }, 400],
    [{ prefix: '/../admin' }, 400],
    [{ prefix: '/a/./b' }, 400],
    [{ prefix: '/a//b' }, 400],
    [{ prefix: '/{id}' }, 400],
    [{ prefix: '/a%2Fb' }, 400],
    [{ host: 'API.example.com' }, 400],
    [{ host: 'api.example.com:8443' }, 400],
    [{ host: '*.example.com' }, 400],
    [{ prefix: '/shop', path: '/shop' }, 400],
    [{ strip: false }, 422],
    [{ host: 'api.example.com', strip: true }, 422],
  ])('are refused with the public path %j', async (public_path, status) => {
    const body = { api_id: nowhere, targets: { modes: ['connect'] }, public_path };
    const refused = await plane.request<{ errors: { pointer: string }[] }>('POST', '/v1/deployments', { body });
    expect([refused.status, refused.body.errors[0]?.pointer.startsWith('/body/public_path')]).toEqual([status, true]);
  });

  it('show the gateways that their targets choose, now and later', async () => {
    const api = await createApi();
    await register('gw-1', 'edge_mcp', 'choose', { region: 'eu' });
    await register('kong-1', 'connect', 'choose', { region: 'eu' });
    await register('gw-2', 'edge_mcp', 'choose', { region: 'us' });
    const chosen = async (targets: object) =>
      (await show((await deploy(api, targets)).body.deployment_id)).gateways?.map((gateway) => gateway.instance_name);
    expect(await chosen({ environments: ['choose'] })).toEqual(['gw-1', 'kong-1', 'gw-2']);
    expect(await chosen({ environments: ['choose'], modes: ['edge_mcp'] })).toEqual(['gw-1', 'gw-2']);
    expect(await chosen({ environments: ['choose'], labels: { region: 'eu' } })).toEqual(['gw-1', 'kong-1']);
    expect(await chosen({ instance_names: ['gw-2', 'gw-3'] })).toEqual(['gw-2']);
    const later = (await deploy(api, { environments: ['later'] })).body.deployment_id;
    expect((await show(later)).gateways).toEqual([]);
    const gateway_id = await register('gw-9', 'edge_mcp', 'later');
    expect((await show(later)).gateways).toEqual([
      { gateway_id, instance_name: 'gw-9', gateway_mode: 'edge_mcp', environment: 'later', liveness: 'online', state: 'pending' },
    ]);
    await plane.request('DELETE', `/v1/gateways/${gateway_id}`);
    expect((await show(later)).gateways).toEqual([]);
  });

  it('give their state in lists, and warn while no gateway fits their targets', async () => {
    const api = await createApi();
    const { deployment_id, warnings } = (await deploy(api, { environments: ['listed'] })).body;
    expect(warnings).toEqual([expect.stringMatching(/^No gateway fits the targets at present/)]);
    const listed = async () => (await plane.request<DeploymentList>('GET', `/v1/deployments?api_id=${api}`)).body.items.map(({ state }) => state);
    expect(await listed()).toEqual(['unmatched']);
    await register('gw-old', 'edge_mcp', 'listed');
    const gateway = await register('gw-listed', 'edge_mcp', 'listed');
    expect([await listed(), (await show(deployment_id)).warnings]).toEqual([['pending'], []]);
    for (const name of ['gw-listed', 'gw-old']) {
      const id = name === 'gw-listed' ? gateway : await register('gw-old', 'edge_mcp', 'listed');
      const { generation, hash } = (await plane.request<GatewayConfig>('GET', `/v1/internal/gateways/${id}/config`, { token: key })).body;
      const state = name === 'gw-listed' ? 'applied' : 'rejected';
      const body = { generation, hash, state: 'applied_with_warnings', items: [{ id: `api:${api}`, state }] };
      await plane.request('POST', `/v1/internal/gateways/${id}/config/ack`, { token: key, body });
      expect(await listed()).toEqual([name === 'gw-listed' ? 'pending' : 'rejected']);
    }
    expect(await show(deployment_id)).toMatchObject({ state: 'rejected', gateway_states: { rejected: 1, applied: 1 } });
  });

  it('give the worst state of all gateways that they choose, however many, in lists of deployments and of APIs', async () => {
    const api = await createApi();
    const body = { api_id: api, targets: { environments: ['crowd'] } };
    const { deployment_id } = (await plane.request<Deployment>('POST', '/v1/deployments', { body })).body;
    const other = { api_id: api, targets: { environments: ['crowd'], instance_names: ['crowd-1'] } };
    await plane.request('POST', '/v1/deployments', { body: other });
    const stateOf = async () => [
      (await plane.request<DeploymentList>('GET', `/v1/deployments?api_id=${api}`)).body.items.map(({ state }) => state),
      (await plane.request<ApiList>('GET', '/v1/apis?limit=500')).body.items.find(({ api_id: id }) => id === api)?.state,
      (await plane.request<Api>('GET', `/v1/apis/${api}`)).body.state,
      (await show(deployment_id)).state,
    ];
    expect(await stateOf()).toEqual([['unmatched', 'unmatched'], 'unmatched', 'unmatched', 'unmatched']);
    const count = 1001;
    await plane.store.pool.query(
      `WITH g AS (INSERT INTO gateway (tenant_id, environment, instance_name, gateway_mode, version, features, unknown_fields, takeovers, registered_at)
         SELECT d.tenant_id, 'crowd', 'crowd-' || n, 'edge_mcp', '1', '{subscriptions}', '{}', '{}', now() + n * interval '1 ms'
         FROM deployment d, generate_series(1, ${count}) n WHERE d.id = $1 RETURNING id, tenant_id, instance_name),
       l AS (INSERT INTO gateway_lease (gateway_id, heartbeat_interval_s, lease_until) SELECT id, 30, now() + interval '1 h' FROM g),
       s AS (INSERT INTO config_state (tenant_id, key, class, hash, generation) SELECT tenant_id, 'crowd', '{}', 'h', 1 FROM deployment WHERE id = $1 RETURNING id)
       INSERT INTO gateway_config (gateway_id, state_id, acked_generation, acked_hash, acked_state, acked_items)
       SELECT g.id, s.id, 1, 'h', 'applied', jsonb_build_array(jsonb_build_object('id', 'api:' || $2::text, 'state',
         CASE g.instance_name WHEN 'crowd-${count}' THEN 'rejected' ELSE 'applied' END)) FROM g, s`,
      [deployment_id, api],
    );
    // Once the states have been made from the newest catalog.
    await expect.poll(stateOf, { timeout: 20_000 }).toEqual([['rejected', 'applied'], 'rejected', 'rejected', 'rejected']);
    expect((await show(deployment_id)).gateways).toHaveLength(1000);
    await plane.store.pool.query(`DELETE FROM gateway WHERE environment = 'crowd'`);
    expect((await plane.request<Api>('GET', `/v1/apis/${await createApi()}`)).body.state).toBe('undeployed');
  });

  it('lesson 12: say applied only when the gateway has acknowledged this API in the newest generation', async () => {
    const api = await createApi();
    const { deployment_id } = (await deploy(api, { environments: ['acks'] })).body;
    const gateway = await register('gw-ack', 'edge_mcp', 'acks');
    const config = async () => (await plane.request<GatewayConfig>('GET', `/v1/internal/gateways/${gateway}/config`, { token: key })).body;
    const ack = ({ generation, hash }: GatewayConfig, state: string, items: object[]) =>
      plane.request('POST', `/v1/internal/gateways/${gateway}/config/ack`, { token: key, body: { generation, hash, state, items } });
    const state = async () => (await show(deployment_id)).gateways?.[0];
    const first = await config();
    expect(first.items.map((item) => item.id)).toEqual([`api:${api}`]);
    expect(await state()).toMatchObject({ state: 'pending' });
    await ack(first, 'rejected', [{ id: `api:${api}`, state: 'rejected', phase: 'render', reason: 'Cannot.' }]);
    expect(await state()).toMatchObject({ state: 'rejected', phase: 'render', reason: 'Cannot.' });
    await ack(first, 'applied', [{ id: `api:${api}`, state: 'applied' }]);
    expect(await state()).toMatchObject({ state: 'applied' });
    await deploy(await createApi(), { environments: ['acks'] });
    const second = await config();
    expect(second.generation).toBe(first.generation + 1);
    expect(await state()).toMatchObject({ state: 'pending' });
    await ack(second, 'rejected', []);
    expect(await state()).toMatchObject({ state: 'rejected', reason: expect.any(String) });
  });

  it('lesson 16: the last API can be undeployed, and is removed from the desired state', async () => {
    const api = await createApi();
    const gateway = await register('gw-last', 'edge_mcp', 'last');
    const items = async () =>
      (await plane.request<GatewayConfig>('GET', `/v1/internal/gateways/${gateway}/config`, { token: key })).body.items.length;
    const { body } = await deploy(api, { environments: ['last'] });
    expect(await items()).toBe(1);
    await plane.request('DELETE', `/v1/deployments/${body.deployment_id}`);
    expect(await items()).toBe(0);
  });

  it('of another tenant do not exist', async () => {
    const { prisma } = plane.store;
    const tenant_id = await foreignTenant(plane);
    const api = await prisma.api.create({
      data: { tenant_id, name: 'x', title: 'x', version: '1', document: {}, upstream_url: 'http://x', operations: [], loss_report: [] },
    });
    const foreign = await prisma.deployment.create({ data: { tenant_id, api_id: api.id, targets: {} } });
    for (const method of ['GET', 'DELETE']) expect((await plane.request(method, `/v1/deployments/${foreign.id}`)).status).toBe(404);
  });
});

it('every operation on deployments is for operators, writing for administrators', async () => {
  const body = { api_id: nowhere, targets: { modes: ['connect'] } };
  await expectGuarded(plane, [
    { method: 'GET', path: '/v1/deployments' },
    { method: 'POST', path: '/v1/deployments', body },
    { method: 'GET', path: `/v1/deployments/${nowhere}` },
    { method: 'PATCH', path: `/v1/deployments/${nowhere}`, body: { revision: 1 } },
    { method: 'DELETE', path: `/v1/deployments/${nowhere}` },
  ]);
});
