import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Api, Approval, ApprovalList, AuditRecordList, CallApprovalAnswer, Consumer } from '@stoa/generated/schemas.ts';
import { asGateway } from '../../testing/gateways.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

let plane: TestControlPlane;
let bob: string;
let gateways: { id: string; token: string }[];
let api: Api;
let names = 0;

const as = async <T>(token: string, method: string, path: string, body?: object) =>
  plane.request<T & { code?: string }>(method, path, { token, ...(body === undefined ? {} : { body }) });
const made = async <T>(path: string, body: object) => (await as<T>(plane.adminToken, 'POST', path, body)).body;

beforeAll(async () => {
  plane = await startTestControlPlane();
  bob = (await made<{ secret: string }>('/v1/operator-tokens', { name: 'bob', role: 'admin' })).secret;
  const token = await plane.mintGatewayKey({ name: 'asks' });
  const register = async (name: string) => ({ id: (await asGateway(plane, token).register(name)).body.gateway_id, token });
  gateways = [await register('one'), await register('two')];
  const document = { openapi: '3.1.0', info: { title: 'Orders', version: '1' }, servers: [{ url: 'https://api.example.com' }], paths: {} };
  api = await made<Api>('/v1/apis', { name: 'orders', document });
});
afterAll(() => plane.close());

let consumer: Consumer;
beforeEach(async () => {
  consumer = await made<Consumer>('/v1/consumers', { name: `agent-${(names += 1)}` });
});

const hashOf = (letter: string) => `sha256:${letter.repeat(64)}`;
const ask = async (more: object = {}, { id, token } = gateways[0] as (typeof gateways)[number]) =>
  as<CallApprovalAnswer>(token, 'POST', `/v1/internal/gateways/${id}/call-approvals`, {
    claim_id: randomUUID(),
    policy: 'a-person-says-yes',
    api_id: api.api_id,
    operation_id: 'deleteOrder',
    tool: 'orders_deleteOrder',
    method: 'DELETE',
    path: '/orders/{order_id}',
    consumer_id: consumer.consumer_id,
    arguments: { order_id: 'secret-order' },
    arguments_hash: hashOf('a'),
    wait_s: 3600,
    valid_s: 900,
    ...more,
  });
const told = async (id = '') => (await as<Approval>(plane.adminToken, 'GET', `/v1/approvals/${id}`)).body;
const approve = (id = '', token = bob) => as<Approval>(token, 'POST', `/v1/approvals/${id}/approve`, {});
const deny = (id = '', body = {}) => as<Approval>(bob, 'POST', `/v1/approvals/${id}/deny`, body);
const over = (id = '') => plane.store.pool.query("UPDATE approval SET expires_at = now() - interval '1 second' WHERE id = $1", [id]);

describe('a call that waits for a person', () => {
  it('waits once however often it is asked for, and is listed with who calls what, and how', async () => {
    const { body: first } = await ask();
    expect(first).toMatchObject({ state: 'pending', approve_at: `${plane.context.publicUrl()}/approvals#${first.approval_id}` });
    expect((await ask({}, gateways[1])).body.approval_id).toBe(first.approval_id);
    const { items } = (await as<ApprovalList>(plane.adminToken, 'GET', '/v1/approvals?state=pending&environment=production')).body;
    const { api_id } = api;
    const { consumer_id } = consumer;
    expect(items.find(({ approval_id: id }) => id === first.approval_id)).toMatchObject({
      ...{ state: 'pending', demand: 'calls', operation: 'callTool', requested_by: consumer.name, environments: ['production'] },
      call: {
        policy: 'a-person-says-yes',
        api_id,
        api: 'orders',
        tool: 'orders_deleteOrder',
        consumer_id,
        gateway: 'one',
        arguments: { order_id: 'secret-order' },
      },
    });
  });

  it('has its arguments sealed while it waits, and forgotten once it is decided', async () => {
    const { approval_id: id } = (await ask()).body;
    const row = async () =>
      (await plane.store.pool.query<{ text: string; secret: Buffer | null }>('SELECT a::text AS text, secret FROM approval a WHERE id = $1', [id]))
        .rows[0];
    expect((await row())?.text).not.toContain('secret-order');
    expect((await row())?.secret?.toString('latin1')).not.toContain('secret-order');
    await approve(id);
    expect((await row())?.secret).toBeNull();
    expect((await told(id)).call).not.toHaveProperty('arguments');
  });

  it('is granted exactly once over all instances that ask at the same time, and again only to the attempt that it was granted to', async () => {
    const { approval_id: id } = (await ask()).body;
    expect((await approve(id)).body).toMatchObject({ state: 'approved' });
    const claims = Array.from({ length: 12 }, () => randomUUID());
    const answers = await Promise.all(claims.map((claim_id, index) => ask({ claim_id }, gateways[index % 2])));
    const granted = claims.filter((_, index) => answers[index]?.body.state === 'granted');
    expect(granted).toHaveLength(1);
    expect(await told(id)).toMatchObject({ state: 'applied' });
    expect((await ask({ claim_id: granted[0] })).body.state).toBe('granted');
    expect((await ask()).body).toMatchObject({ state: 'pending', approval_id: expect.not.stringMatching(String(id)) as string });
  });

  it('is approved for no other call', async () => {
    await approve((await ask()).body.approval_id);
    const others = [{ arguments_hash: hashOf('b') }, { path: '/orders' }, { operation_id: 'deleteAll' }, { method: 'POST' }];
    for (const other of others) expect((await ask(other)).body.state).toBe('pending');
    const someone = await made<Consumer>('/v1/consumers', { name: `agent-${(names += 1)}` });
    expect((await ask({ consumer_id: someone.consumer_id })).body.state).toBe('pending');
    expect((await ask()).body.state).toBe('granted');
  });

  it('passes within its time alone, which begins with the yes', async () => {
    const { approval_id: id, expires_at: asked } = (await ask({ valid_s: 60 })).body;
    await approve(id);
    expect(Date.parse((await told(id)).expires_at)).toBeLessThan(Date.parse(asked ?? ''));
    await over(id);
    expect((await ask()).body.approval_id).not.toBe(id);
  });

  it('that was denied stays so for as long as it would have waited, with what was said', async () => {
    const { approval_id: id } = (await ask()).body;
    await deny(id, { reason: 'Not on a Monday' });
    expect((await ask()).body).toMatchObject({ state: 'denied', reason: 'Not on a Monday', approval_id: id });
    await over(id);
    expect((await ask()).body.state).toBe('pending');
  });

  it('waits beside nineteen others of its consumer, and not beside twenty', async () => {
    const letters = [...'0123456789abcdef'].flatMap((first) => ['0', '1'].map((second) => `sha256:${first.repeat(63)}${second}`));
    for (const arguments_hash of letters.slice(0, 20)) expect((await ask({ arguments_hash })).body.state).toBe('pending');
    expect((await ask({ arguments_hash: letters[20] })).body).toEqual({ state: 'full' });
    expect((await ask({ arguments_hash: letters[0] })).body.state).toBe('pending');
  });

  it('ends with the policy that demanded it, also where it was approved and not made yet', async () => {
    const attached_to = [{ api_id: api.api_id }];
    const policyOf = (name: string) => made<{ policy_id: string }>('/v1/policies', { name, policy: { kind: 'approval', config: {} }, attached_to });
    const { policy_id: gone } = await policyOf('goes');
    const { policy_id: renamed } = await policyOf('is-renamed');
    const { approval_id: approved } = (await ask({ policy: 'goes' })).body;
    await approve(approved);
    const { approval_id: waiting } = (await ask({ policy: 'goes', arguments_hash: hashOf('b') })).body;
    const { approval_id: under } = (await ask({ policy: 'is-renamed', arguments_hash: hashOf('c') })).body;
    const { approval_id: other } = (await ask({ arguments_hash: hashOf('d') })).body;
    await as(plane.adminToken, 'DELETE', `/v1/policies/${gone}`);
    await as(plane.adminToken, 'PUT', `/v1/policies/${renamed}`, { name: 'has-another-name', policy: { kind: 'approval', config: {} }, attached_to });
    expect(await Promise.all([approved, waiting, under, other].map(async (id) => (await told(id)).state))).toEqual([
      'expired',
      'expired',
      'expired',
      'pending',
    ]);
    expect(await approve(waiting)).toMatchObject({ status: 409, body: { code: 'not_pending' } });
    const { rows } = await plane.store.pool.query('SELECT 1 FROM approval WHERE secret IS NOT NULL AND id = ANY($1)', [[approved, waiting, under]]);
    expect(rows).toEqual([]);
  });

  it('is decided on by a person alone', async () => {
    const { approval_id: id } = (await ask()).body;
    const minted = async (role: string) =>
      made<{ secret: string; token: { token_id: string } }>('/v1/operator-tokens', { name: `token-${(names += 1)}`, role });
    const { secret, token } = await minted('admin');
    await plane.store.pool.query('UPDATE operator_token SET minted_by_user = $1 WHERE id = $2', [randomUUID(), token.token_id]);
    expect(await approve(id, secret)).toMatchObject({ status: 403, body: { code: 'person_needed' } });
    expect(await approve(id, (await minted('viewer')).secret)).toMatchObject({ status: 403, body: { code: 'missing_permission' } });
    expect((await told(id)).state).toBe('pending');
  });

  it('is of this tenant and of a gateway that holds its lease', async () => {
    expect((await ask({ consumer_id: randomUUID() })).status).toBe(404);
    expect((await ask({ api_id: randomUUID() })).status).toBe(404);
    expect((await ask({ lease_epoch: 999 })).status).toBe(409);
    expect((await ask({}, { id: gateways[0]?.id ?? '', token: plane.adminToken })).status).toBe(403);
  });

  it('leaves a record of each step, without its arguments', async () => {
    const { approval_id: id } = (await ask()).body;
    await approve(id);
    await ask();
    const { items } = (await as<AuditRecordList>(plane.adminToken, 'GET', `/v1/audit?object=${id}`)).body;
    const steps = items.toReversed().map(({ action, actor, detail }) => [action, actor.kind, actor.name, (detail as { decision: string }).decision]);
    expect(steps).toEqual([
      ['askCallApproval', 'consumer', consumer.name, 'pending'],
      ['approveApproval', 'token', 'bob', 'approved'],
      ['askCallApproval', 'consumer', consumer.name, 'applied'],
    ]);
    expect(JSON.stringify(items)).not.toContain('secret-order');
  });

  it('of a consumer who is erased names nobody, and waits no more', async () => {
    const { approval_id: id } = (await ask()).body;
    const { pseudonym } = await made<{ pseudonym: string }>('/v1/consumers/erase', { name: consumer.name });
    expect(await told(id)).toMatchObject({ state: 'expired', requested_by: pseudonym });
    expect((await told(id)).call).not.toHaveProperty('arguments');
  });
});
