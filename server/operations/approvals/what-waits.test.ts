import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Api, Approval, Deployment, Environment, Policy } from '@stoa/generated/schemas.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

let plane: TestControlPlane;
let ada: string;
let bob: string;
let names = 0;

type Refused = { code?: string; detail?: string; errors?: { pointer: string; message: string }[] };
const as = async <T>(token: string, method: string, path: string, body?: object, headers = {}) =>
  plane.request<T & Refused>(method, path, { token, headers, ...(body === undefined ? {} : { body }) });
const mint = async (more: object, token = plane.adminToken) =>
  (await as<{ secret: string; token: { token_id: string } }>(token, 'POST', '/v1/operator-tokens', { name: `token-${(names += 1)}`, ...more })).body;
const document = (version = '1') => ({
  openapi: '3.1.0',
  info: { title: 'Things', version },
  servers: [{ url: 'https://api.example.com' }],
  paths: {},
});
const demand = (environment: string, four_eyes: string[], token = plane.adminToken) =>
  as<Environment & Approval>(token, 'PUT', `/v1/environments/${environment}`, { four_eyes });
const approve = (token: string, { approval_id: id }: Approval, body = {}) => as<Approval>(token, 'POST', `/v1/approvals/${id}/approve`, body);
const limit = (count: number) => ({ kind: 'rate_limit', config: { limit: count, window_s: 60 } });

beforeAll(async () => {
  plane = await startTestControlPlane();
  [ada, bob] = (await Promise.all([mint({ role: 'publisher' }), mint({ role: 'admin' })])).map(({ secret }) => secret) as [string, string];
});
afterAll(() => plane.close());

let environment: string;
let api: Api;
beforeEach(async () => {
  environment = `env-${(names += 1)}`;
  api = (await as<Api>(plane.adminToken, 'POST', '/v1/apis', { name: `api-${(names += 1)}`, document: document() })).body;
});
const deploy = (more: object = {}) =>
  as<Deployment & Approval>(ada, 'POST', '/v1/deployments', { api_id: api.api_id, targets: { environments: [environment] }, revision: 1, ...more });

describe('an environment', () => {
  it('demands nothing until somebody says so, and lists what is named', async () => {
    expect((await as<Environment>(ada, 'GET', `/v1/environments/${environment}`)).body).toEqual({ environment, four_eyes: [] });
    expect((await deploy({ revision: 'newest' })).status).toBe(201);
    const set = await demand(environment, ['policies', 'deployments']);
    expect([set.status, set.body]).toMatchObject([200, { environment, four_eyes: ['deployments', 'policies'] }]);
    const { items } = (await as<{ items: Environment[] }>(ada, 'GET', '/v1/environments')).body;
    expect(items).toContainEqual({ environment, four_eyes: ['deployments', 'policies'] });
    expect((await demand(environment, [], ada)).status).toBe(403);
  });

  it('warns who would be the only one to approve, and of what it pins', async () => {
    const alone = await startTestControlPlane();
    try {
      const set = async (four_eyes: string[]) =>
        (await alone.request<Environment>('PUT', '/v1/environments/alone', { body: { four_eyes } })).body.warnings ?? [];
      expect(await set(['deployments', 'reveals'])).toEqual([
        expect.stringMatching(/^Nobody else could approve at present what waits in alone for deployments, reveals, .*stoactl users invite/),
      ]);
      const { id: tenantId } = await alone.store.prisma.tenant.findFirstOrThrow();
      const other = (roles: string[]) =>
        alone.store.prisma.operator_token.create({
          data: { tenant_id: tenantId, name: roles.join(), roles, hmac: randomBytes(32), hint: 'hint' },
        });
      await other(['publisher']);
      expect(await set(['deployments', 'reveals'])).toEqual([expect.stringContaining('in alone for reveals, ')]);
      await other(['admin']);
      expect(await set(['deployments', 'reveals'])).toEqual([]);
    } finally {
      await alone.close();
    }
  });

  it('demands less only when a second person agrees', async () => {
    await demand(environment, ['deployments', 'policies']);
    const { status, body } = await demand(environment, ['deployments'], bob);
    expect([status, body]).toMatchObject([202, { demand: 'four_eyes', environments: [environment], operation: 'setEnvironment' }]);
    expect(await approve(bob, body)).toMatchObject({ status: 403, body: { code: 'own_request' } });
    expect((await approve(plane.adminToken, body)).body.state).toBe('applied');
    expect((await as<Environment>(ada, 'GET', `/v1/environments/${environment}`)).body.four_eyes).toEqual(['deployments']);
  });

  it('that demands it for deployments pins what follows the newest revision, and takes none that would', async () => {
    const { body: following } = await deploy({ revision: 'newest' });
    await demand(environment, ['deployments']);
    expect((await as<Deployment>(ada, 'GET', `/v1/deployments/${following.deployment_id}`)).body.revision).toBe(1);
    const newest = expect.objectContaining({ pointer: '/body/revision', message: expect.stringContaining(`in ${environment} a second person`) });
    expect(await deploy({ revision: 'newest', targets: { environments: [environment], modes: ['connect'] } })).toMatchObject({
      status: 422,
      body: { errors: [newest] },
    });
    expect(await as(ada, 'PATCH', `/v1/deployments/${following.deployment_id}`, { revision: 'newest' })).toMatchObject({ status: 422 });
    expect((await as(ada, 'PUT', `/v1/apis/${api.api_id}`, { name: api.name, document: document('2') })).status).toBe(200);
  });
});

describe('policies', () => {
  it('wait where they guard: by environment, by API, by plan, and when an API is to be opened', async () => {
    await deploy();
    const { body: policy } = await as<Policy>(ada, 'POST', '/v1/policies', {
      name: `p-${environment}`,
      policy: limit(5),
      attached_to: [{ api_id: api.api_id }],
    });
    const { body: part } = await as<Policy>(ada, 'POST', '/v1/policies', { name: `q-${environment}`, policy: limit(5), attached_to: [] });
    const { body: plan } = await as<{ plan_id: string }>(ada, 'POST', '/v1/plans', {
      name: `plan-${environment}`,
      api_ids: [api.api_id],
      policy_ids: [part.policy_id],
    });
    await demand(environment, ['policies']);
    const statusOf = async (method: string, path: string, body?: object) => (await as(ada, method, path, body)).status;
    const edited = (name: string) => ({ name, policy: limit(500), attached_to: [] });
    expect([
      await statusOf('POST', '/v1/policies', { name: `r-${environment}`, policy: limit(5), attached_to: [{ environment }] }),
      await statusOf('PUT', `/v1/policies/${policy.policy_id}`, edited(policy.name)),
      await statusOf('DELETE', `/v1/policies/${policy.policy_id}`),
      await statusOf('PUT', `/v1/policies/${part.policy_id}`, edited(part.name)),
      await statusOf('PATCH', `/v1/plans/${plan.plan_id}`, { policy_ids: [] }),
      await statusOf('DELETE', `/v1/plans/${plan.plan_id}`),
      await statusOf('PATCH', `/v1/apis/${api.api_id}`, { open_to_all_consumers: true }),
      await statusOf('PUT', `/v1/apis/${api.api_id}`, { name: api.name, document: document(), open_to_all_consumers: true }),
    ]).toEqual([202, 202, 202, 202, 202, 202, 202, 409]);
  });
});

describe('a revealing act', () => {
  it('is done by who asked for it, once, after a second person approved, and shows the secret to nobody else', async () => {
    await demand(environment, ['reveals']);
    const ask = (more: object = {}) =>
      as<Approval & { secret?: string }>(bob, 'POST', '/v1/gateway-keys', { name: `key-${environment}`, environments: [environment], ...more });
    const { status, body } = await ask();
    expect([status, body.demand]).toEqual([202, 'reveals']);
    const approved = await approve(plane.adminToken, body);
    expect(approved.body).toMatchObject({ state: 'approved' });
    expect(JSON.stringify(approved.body)).not.toContain('stoa_gk_');
    expect((await ask({ name: 'another' })).status).toBe(202);
    expect(await ask()).toMatchObject({ status: 201, body: { secret: expect.stringMatching(/^stoa_gk_/) } });
    expect((await as<Approval>(bob, 'GET', `/v1/approvals/${body.approval_id}`)).body.state).toBe('applied');
    expect((await ask()).status).toBe(202);
    await deploy();
    const { body: agent } = await as<{ consumer_id: string }>(bob, 'POST', '/v1/consumers', { name: `agent-${environment}` });
    const mintKey = () => as<Approval>(bob, 'POST', `/v1/consumers/${agent.consumer_id}/keys`, {});
    const minted = await mintKey();
    expect(minted.status).toBe(201);
    await as(bob, 'POST', '/v1/subscriptions', { api_id: api.api_id, consumer_id: agent.consumer_id });
    expect((await mintKey()).status).toBe(202);
    // What takes the place of a key is revealed as well.
    const key = minted.body as unknown as { key: { key_id: string } };
    expect((await as(bob, 'POST', `/v1/consumers/${agent.consumer_id}/keys/${key.key.key_id}/rotate`, {})).status).toBe(202);
    const [made] = (await as<{ items: { key_id: string }[] }>(bob, 'GET', `/v1/gateway-keys?search=key-${environment}`)).body.items;
    expect((await as(bob, 'POST', `/v1/gateway-keys/${made?.key_id}/rotate`, {})).status).toBe(202);
  });

  it('is to make a consumer of certificates that may call at once, and not to make one of none', async () => {
    await deploy();
    const create = (more: object) => as<Approval>(bob, 'POST', '/v1/consumers', { name: `certified-${(names += 1)}`, ...more });
    const certificates = (name: string) => ({ name: `of-${name}`, certificates: [`DNS:${name}.bank.example`] });
    await demand(environment, ['reveals']);
    expect((await create(certificates(`closed-${environment}`))).status).toBe(201);
    await as(plane.adminToken, 'PATCH', `/v1/apis/${api.api_id}`, { open_to_all_consumers: true });
    expect([(await create({})).status, (await create({ certificates: [] })).status]).toEqual([201, 201]);
    const { status, body } = await create(certificates(environment));
    expect([status, body]).toMatchObject([202, { demand: 'reveals', environments: [environment], operation: 'createConsumer' }]);
    expect((await approve(plane.adminToken, body)).body).toMatchObject({ state: 'approved' });
    expect((await create(certificates(environment))).status).toBe(201);
  });
});
