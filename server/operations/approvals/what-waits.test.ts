import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Approval, Deployment, Environment, Policy } from '@stoa/generated/schemas.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import { approvalsBench } from '../../testing/approvals-bench.ts';

const bench = approvalsBench();
const { nextName, as, document, demand, approve, deploy, limit } = bench;

describe('an environment', () => {
  it('demands nothing until somebody says so, and lists what is named', async () => {
    expect((await as<Environment>(bench.ada, 'GET', `/v1/environments/${bench.environment}`)).body).toEqual({
      environment: bench.environment,
      four_eyes: [],
    });
    expect((await deploy({ revision: 'newest' })).status).toBe(201);
    const set = await demand(bench.environment, ['policies', 'deployments']);
    expect([set.status, set.body]).toMatchObject([200, { environment: bench.environment, four_eyes: ['deployments', 'policies'] }]);
    const { items } = (await as<{ items: Environment[] }>(bench.ada, 'GET', '/v1/environments')).body;
    expect(items).toContainEqual({ environment: bench.environment, four_eyes: ['deployments', 'policies'] });
    expect((await demand(bench.environment, [], bench.ada)).status).toBe(403);
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
    await demand(bench.environment, ['deployments', 'policies']);
    const { status, body } = await demand(bench.environment, ['deployments'], bench.bob);
    expect([status, body]).toMatchObject([202, { demand: 'four_eyes', environments: [bench.environment], operation: 'setEnvironment' }]);
    expect(await approve(bench.bob, body)).toMatchObject({ status: 403, body: { code: 'own_request' } });
    expect((await approve(bench.plane.adminToken, body)).body.state).toBe('applied');
    expect((await as<Environment>(bench.ada, 'GET', `/v1/environments/${bench.environment}`)).body.four_eyes).toEqual(['deployments']);
  });

  it('that demands it for deployments pins what follows the newest revision, and takes none that would', async () => {
    const { body: following } = await deploy({ revision: 'newest' });
    await demand(bench.environment, ['deployments']);
    expect((await as<Deployment>(bench.ada, 'GET', `/v1/deployments/${following.deployment_id}`)).body.revision).toBe(1);
    const newest = expect.objectContaining({
      pointer: '/body/revision',
      message: expect.stringContaining(`in ${bench.environment} a second person`),
    });
    expect(await deploy({ revision: 'newest', targets: { environments: [bench.environment], modes: ['connect'] } })).toMatchObject({
      status: 422,
      body: { errors: [newest] },
    });
    expect(await as(bench.ada, 'PATCH', `/v1/deployments/${following.deployment_id}`, { revision: 'newest' })).toMatchObject({ status: 422 });
    expect((await as(bench.ada, 'PUT', `/v1/apis/${bench.api.api_id}`, { name: bench.api.name, document: document('2') })).status).toBe(200);
  });
});

describe('policies', () => {
  it('wait where they guard: by environment, by API, by plan, and when an API is to be opened', async () => {
    await deploy();
    const { body: policy } = await as<Policy>(bench.ada, 'POST', '/v1/policies', {
      name: `p-${bench.environment}`,
      policy: limit(5),
      attached_to: [{ api_id: bench.api.api_id }],
    });
    const { body: part } = await as<Policy>(bench.ada, 'POST', '/v1/policies', { name: `q-${bench.environment}`, policy: limit(5), attached_to: [] });
    const { body: plan } = await as<{ plan_id: string }>(bench.ada, 'POST', '/v1/plans', {
      name: `plan-${bench.environment}`,
      api_ids: [bench.api.api_id],
      policy_ids: [part.policy_id],
    });
    await demand(bench.environment, ['policies']);
    const statusOf = async (method: string, path: string, body?: object) => (await as(bench.ada, method, path, body)).status;
    const edited = (name: string) => ({ name, policy: limit(500), attached_to: [] });
    expect([
      await statusOf('POST', '/v1/policies', { name: `r-${bench.environment}`, policy: limit(5), attached_to: [{ environment: bench.environment }] }),
      await statusOf('PUT', `/v1/policies/${policy.policy_id}`, edited(policy.name)),
      await statusOf('DELETE', `/v1/policies/${policy.policy_id}`),
      await statusOf('PUT', `/v1/policies/${part.policy_id}`, edited(part.name)),
      await statusOf('PATCH', `/v1/plans/${plan.plan_id}`, { policy_ids: [] }),
      await statusOf('DELETE', `/v1/plans/${plan.plan_id}`),
      await statusOf('PATCH', `/v1/apis/${bench.api.api_id}`, { open_to_all_consumers: true }),
      await statusOf('PUT', `/v1/apis/${bench.api.api_id}`, { name: bench.api.name, document: document(), open_to_all_consumers: true }),
    ]).toEqual([202, 202, 202, 202, 202, 202, 202, 409]);
  });
});

describe('a revealing act', () => {
  it('is done by who asked for it, once, after a second person approved, and shows the secret to nobody else', async () => {
    await demand(bench.environment, ['reveals']);
    const ask = (more: object = {}) =>
      as<Approval & { secret?: string }>(bench.bob, 'POST', '/v1/gateway-keys', {
        name: `key-${bench.environment}`,
        environments: [bench.environment],
        ...more,
      });
    const { status, body } = await ask();
    expect([status, body.demand]).toEqual([202, 'reveals']);
    const approved = await approve(bench.plane.adminToken, body);
    expect(approved.body).toMatchObject({ state: 'approved' });
    expect(JSON.stringify(approved.body)).not.toContain('stoa_gk_');
    expect((await ask({ name: 'another' })).status).toBe(202);
    expect(await ask()).toMatchObject({ status: 201, body: { secret: expect.stringMatching(/^stoa_gk_/) } });
    expect((await as<Approval>(bench.bob, 'GET', `/v1/approvals/${body.approval_id}`)).body.state).toBe('applied');
    expect((await ask()).status).toBe(202);
    await deploy();
    const { body: agent } = await as<{ consumer_id: string }>(bench.bob, 'POST', '/v1/consumers', { name: `agent-${bench.environment}` });
    const mintKey = () => as<Approval>(bench.bob, 'POST', `/v1/consumers/${agent.consumer_id}/keys`, {});
    const minted = await mintKey();
    expect(minted.status).toBe(201);
    await as(bench.bob, 'POST', '/v1/subscriptions', { api_id: bench.api.api_id, consumer_id: agent.consumer_id });
    expect((await mintKey()).status).toBe(202);
    // What takes the place of a key is revealed as well.
    const key = minted.body as unknown as { key: { key_id: string } };
    expect((await as(bench.bob, 'POST', `/v1/consumers/${agent.consumer_id}/keys/${key.key.key_id}/rotate`, {})).status).toBe(202);
    const [made] = (await as<{ items: { key_id: string }[] }>(bench.bob, 'GET', `/v1/gateway-keys?search=key-${bench.environment}`)).body.items;
    expect((await as(bench.bob, 'POST', `/v1/gateway-keys/${made?.key_id}/rotate`, {})).status).toBe(202);
  });

  it('is to make a consumer of certificates that may call at once, and not to make one of none', async () => {
    await deploy();
    const create = (more: object) => as<Approval>(bench.bob, 'POST', '/v1/consumers', { name: nextName('certified'), ...more });
    const certificates = (name: string) => ({ name: `of-${name}`, certificates: [`DNS:${name}.bank.example`] });
    await demand(bench.environment, ['reveals']);
    expect((await create(certificates(`closed-${bench.environment}`))).status).toBe(201);
    await as(bench.plane.adminToken, 'PATCH', `/v1/apis/${bench.api.api_id}`, { open_to_all_consumers: true });
    expect([(await create({})).status, (await create({ certificates: [] })).status]).toEqual([201, 201]);
    const { status, body } = await create(certificates(bench.environment));
    expect([status, body]).toMatchObject([202, { demand: 'reveals', environments: [bench.environment], operation: 'createConsumer' }]);
    expect((await approve(bench.plane.adminToken, body)).body).toMatchObject({ state: 'approved' });
    expect((await create(certificates(bench.environment))).status).toBe(201);
  });
});
