import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api, DeploymentDryRun, DeploymentList, DryRunQuestion, MintedGatewayKey, RegisterReply } from '@stoa/generated/schemas.ts';
import type { Pool } from 'pg';
import { AskedStates } from '../../deployments/asked-about.ts';
import type { HeldGateway } from '../../fleet/holders.ts';
import { asGateway } from '../../testing/gateways.ts';
import { giveAway, revisionOf } from '../../testing/refusals.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { Answer, TestControlPlane } from '../../testing/test-control-plane.ts';

let plane: TestControlPlane;
let replica: TestControlPlane;
let key: string;
let connect: RegisterReply;
let api: Api;
beforeAll(async () => {
  plane = await startTestControlPlane();
  replica = await plane.startAnother();
  key = await plane.mintGatewayKey();
  connect = await register('kong-01', 'connect', ['subscriptions', 'plans', 'dry_run'], { boot_id: randomUUID() });
  const document = { openapi: '3.1.0', info: { title: 'Orders', version: '1' }, servers: [{ url: 'https://api.example.com' }], paths: {} };
  api = (await plane.request<Api>('POST', '/v1/apis', { body: { name: 'orders', document } })).body;
  const spec = { kind: 'api_key_auth', config: { header: 'X-API-Key' } };
  await plane.request('POST', '/v1/policies', { body: { name: 'keys', policy: spec, attached_to: [{ api_id: api.api_id }] } });
  await plane.request('POST', '/v1/consumers', { body: { name: 'agent' } });
});
afterAll(async () => {
  await replica.close();
  await plane.close();
});

const register = async (name: string, gateway_mode: string, features: string[], more = {}): Promise<RegisterReply> =>
  (await asGateway(plane, key).register(name, { gateway_mode, features, ...more })).body;
const ask = (targets: object, more = {}): Promise<Answer<DeploymentDryRun>> =>
  plane.request('POST', '/v1/deployments?dry_run=true', { body: { api_id: api.api_id, targets, ...more } });
const pathOf = ({ gateway_id }: RegisterReply) => `/v1/internal/gateways/${gateway_id}/dry-run`;
const take = (at: TestControlPlane, gateway = connect, waitS = 20, epoch = gateway.lease_epoch): Promise<Answer<DryRunQuestion>> =>
  at.request('GET', `${pathOf(gateway)}?wait_s=${waitS}&lease_epoch=${epoch}`, { token: key });
const answer = (at: TestControlPlane, dry_run_id: string, body: object, gateway = connect) =>
  at.request('POST', pathOf(gateway), {
    token: key,
    body: { lease_epoch: gateway.lease_epoch, dry_run_id, state: 'applied', items: [], writes: [], ...body },
  });

describe('a dry run of a deployment', () => {
  it('says of a Gateway that it does not use a public path', async () => {
    await register('edge-of-paths', 'edge_mcp', ['subscriptions', 'plans']);
    const { body } = await ask({ instance_names: ['edge-of-paths'] }, { public_path: { prefix: '/shop' } });
    expect(body.gateways).toMatchObject([{ told_by: 'capability', reason: expect.stringMatching(/^The public path is not used here/) }]);
  });

  it('is answered by the running Connect, whichever replica it waits at, from the state that would be, and saves nothing', async () => {
    const before = await revisionOf(plane);
    const polling = take(replica);
    const asking = ask({ instance_names: ['kong-01'] }, { drift: 'report' });
    const { status, body: question } = await polling;
    expect(status).toBe(200);
    expect(question.items.map(({ kind }) => kind)).toEqual(['api', 'policy']);
    expect(question.items[0]).toMatchObject({ name: 'orders', drift: 'report', subscription_required: true });
    const items = [
      { id: `api:${api.api_id}`, state: 'applied_with_warnings', phase: 'render', reason: 'Slowly.' },
      { id: `api:${randomUUID()}`, state: 'rejected', phase: 'render', reason: 'Another matter.' },
    ];
    const writes = [{ action: 'put', object: 'service stoa-orders', detail: 'missing', item_id: `api:${api.api_id}` }];
    expect((await answer(replica, question.dry_run_id, { items, writes, more_writes: 2 })).status).toBe(204);
    const { status: answered, body } = await asking;
    expect(answered).toBe(200);
    expect(body.deployment).toMatchObject({ name: 'orders', drift: 'report', targets: { instance_names: ['kong-01'] } });
    expect(body.gateways).toEqual([
      {
        gateway_id: connect.gateway_id,
        instance_name: 'kong-01',
        gateway_mode: 'connect',
        environment: 'production',
        liveness: 'online',
        state: 'planned',
        told_by: 'gateway',
        writes,
        more_writes: 2,
        items: [items[0]],
      },
    ]);
    expect(await revisionOf(plane)).toBe(before);
    expect((await plane.request<DeploymentList>('GET', '/v1/deployments')).body.items).toEqual([]);
    expect((await plane.store.pool.query('SELECT FROM dry_run')).rowCount).toBe(0);
    // What is asked about is no state that it could be given.
    expect(await asGateway(plane, key).items(connect.gateway_id)).toEqual([]);
  });

  it('is about a catalog that is loaded once, however many gateways are asked', async () => {
    let loaded = 0;
    const { pool } = plane.store;
    const counting = { connect: () => ((loaded += 1), pool.connect()) } as Pool;
    const states = new AskedStates(counting, plane.context.keys);
    const gateway = (await plane.context.holders.load(connect.gateway_id)) as HeldGateway;
    const taken = { id: randomUUID(), ask_id: randomUUID(), question: { adopt: { object_id: 'x', api_id: api.api_id } } };
    const [one, other] = await Promise.all([states.itemsOf(gateway, taken), states.itemsOf(gateway, { ...taken, id: randomUUID() })]);
    expect([one, loaded]).toEqual([other, 1]);
    await states.itemsOf(gateway, { ...taken, ask_id: randomUUID() });
    expect(loaded).toBe(2);
  });

  it('is rejected with the reason where the gateway cannot express it, and unknown where it could not be read', async () => {
    const reason = 'Kong cannot express it.';
    const told = async (body: object) => {
      const polling = take(plane);
      const asking = ask({ instance_names: ['kong-01'] });
      await answer(plane, (await polling).body.dry_run_id, body);
      return (await asking).body.gateways;
    };
    const items = [{ id: `api:${api.api_id}`, state: 'rejected', phase: 'render', reason }];
    expect(await told({ items })).toMatchObject([{ state: 'rejected', reason, items }]);
    expect(await told({ unavailable: 'It does not answer.' })).toMatchObject([
      { state: 'unknown', told_by: 'gateway', reason: 'It does not answer.', writes: [] },
    ]);
    expect(await told({})).toMatchObject([{ state: 'unchanged' }]);
  });

  it('says of a gateway that does not answer in time, that is offline or too old, when it was seen last; others are told by what they can', async () => {
    const old = await register('kong-old', 'connect', ['subscriptions']);
    await asGateway(plane, key).heartbeat(old.gateway_id);
    await register('edge-01', 'edge_mcp', ['subscriptions', 'plans']);
    await register('edge-old', 'edge_mcp', ['mcp']);
    const { body } = await ask({ environments: ['production'] });
    expect(Object.fromEntries(body.gateways.map((gateway) => [gateway.instance_name, gateway]))).toMatchObject({
      'kong-01': { state: 'unknown', told_by: 'nobody', reason: 'It did not answer within 8 s.' },
      'kong-old': { state: 'unknown', told_by: 'nobody', reason: expect.stringContaining('too old'), last_seen_at: expect.any(String) },
      'edge-01': {
        state: 'planned',
        told_by: 'capability',
        writes: [
          { action: 'put', object: 'api orders', detail: 'new', item_id: `api:${api.api_id}` },
          { action: 'put', object: 'consumer agent' },
          { action: 'put', object: 'policy keys' },
        ],
      },
      'edge-old': { state: 'rejected', told_by: 'capability', reason: expect.stringContaining('needs a subscription') },
    });
  });

  it('finds the faults that the deployment would have', async () => {
    expect((await ask({ labels: {} })).status).toBe(422);
    expect((await ask({ modes: ['connect'] }, { revision: 7 })).status).toBe(422);
    expect((await ask({ environments: ['nowhere'] })).body.gateways).toEqual([]);
  });

  it('is given out once, and taken back by nobody else: another gateway, an older process, another tenant', async () => {
    const other = await register('kong-02', 'connect', ['subscriptions', 'plans', 'dry_run'], { boot_id: randomUUID() });
    const polls = [take(plane), take(replica)];
    const asking = ask({ instance_names: ['kong-01'] });
    const first = await Promise.race(polls);
    await answer(plane, first.body.dry_run_id, { writes: [{ action: 'put', object: 'nonsense' }] }, other);
    await answer(plane, first.body.dry_run_id, {});
    expect((await asking).body.gateways).toMatchObject([{ state: 'unchanged' }]);
    const next = await register('kong-01', 'connect', ['subscriptions', 'plans', 'dry_run'], { boot_id: randomUUID() });
    expect((await take(plane, connect, 0)).status).toBe(409);
    connect = next;
    expect((await take(plane, connect, 0)).status).toBe(204);
    await giveAway(plane, other.gateway_id);
    expect((await take(plane, other, 0)).status).toBe(404);
    expect((await ask({ instance_names: ['kong-02'] })).body.gateways).toEqual([]);
  });
});

it('tells a gateway key that was revoked while it waited neither what is asked nor what is deployed', async () => {
  const { key: minted, secret } = (await plane.request<MintedGatewayKey>('POST', '/v1/gateway-keys', { body: { name: 'to be revoked' } })).body;
  const gateway = asGateway(replica, secret);
  const { gateway_id } = (await gateway.register('kong-revoked', { gateway_mode: 'connect', features: ['subscriptions', 'plans', 'dry_run'] })).body;
  const etag = (await gateway.config(gateway_id)).headers.get('etag');
  const waiting = [
    gateway.config(gateway_id, { query: '?wait_s=20', etag }),
    replica.request('GET', `/v1/internal/gateways/${gateway_id}/dry-run?wait_s=20`, { token: secret }),
  ];
  await setTimeout(300);
  await plane.request('DELETE', `/v1/gateway-keys/${minted.key_id}`);
  const targets = { instance_names: ['kong-revoked'] };
  const asking = ask(targets);
  const deployed = await plane.request<{ deployment_id: string }>('POST', '/v1/deployments', { body: { api_id: api.api_id, targets } });
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([401, 401]);
  await asking;
  await plane.request('DELETE', `/v1/deployments/${deployed.body.deployment_id}`);
});
