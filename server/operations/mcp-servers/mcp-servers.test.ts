import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Approval, Consumer, McpServer, McpServerItem, McpServerList, Policy, PolicyItem, Subscription } from '@stoa/generated/schemas.ts';
import { documentOf, makerIn, nowhere, perMinute } from '../../testing/catalog.ts';
import type { Refused } from '../../testing/catalog.ts';
import { asGateway } from '../../testing/gateways.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

let plane: TestControlPlane;
let gateways: ReturnType<typeof asGateway>;
let make: ReturnType<typeof makerIn>;
beforeAll(async () => {
  plane = await startTestControlPlane();
  make = makerIn(plane);
  gateways = asGateway(plane, await plane.mintGatewayKey());
});
afterAll(() => plane.close());

const path = '/v1/mcp-servers';
const features = ['mcp', 'subscriptions', 'plans', 'mcp_servers'];
const bodyOf = (more: object = {}) => ({
  name: make.nextName('server'),
  http: { url: 'http://127.0.0.1:9/mcp' },
  targets: { environments: ['production'] },
  ...more,
});
const register = (more: object = {}) => make.post<McpServer & Refused>(path, bodyOf(more));
const replace = (id: string, body: object) => plane.request<McpServer & Refused>('PUT', `${path}/${id}`, { body });
const read = async (id: string) => (await plane.request<McpServer>('GET', `${path}/${id}`)).body;
const pointers = ({ errors = [] }: Refused) => errors.map(({ pointer }) => pointer);
const enroll = async (more: object = {}) => (await gateways.register(make.nextName('gateway'), { features, ...more })).body.gateway_id;
const given = async (gatewayId: string, id: string) =>
  (await gateways.items(gatewayId)).find((item): item is McpServerItem => item.kind === 'mcp_server' && item.mcp_server_id === id);

describe('MCP servers', () => {
  it('are registered, shown, listed, replaced and deleted, and never show their credentials', async () => {
    const credentials = [{ header: 'Authorization', value: 'Bearer not-to-be-seen' }, { kind: 'assertion' }];
    const { status, body } = await register({ http: { url: 'https://127.0.0.1:9/mcp', credentials }, title: 'Tickets', labels: { of: 'support' } });
    expect({ status, body }).toMatchObject({ status: 201, body: { pinning: 'manual', subscription_required: true, title: 'Tickets' } });
    const { mcp_server_id: id, name, prefix } = body;
    expect(prefix).toBe(`${name}_`);
    const shown = await read(id);
    expect(shown).toMatchObject({ state: 'unmatched', definitions: { approved: 0, pending: 0, rejected: 0 }, gateways: [] });
    expect(shown.http?.credentials).toEqual([
      { in: 'header', name: 'Authorization' },
      { in: 'header', name: 'X-Stoa-Assertion', kind: 'assertion' },
    ]);
    expect(JSON.stringify([body, shown])).not.toContain('not-to-be-seen');
    const listed = (await plane.request<McpServerList>('GET', `${path}?search=${name}&label=of%3Dsupport`)).body.items;
    expect(listed).toMatchObject([{ mcp_server_id: id, state: 'unmatched' }]);
    const changed = await replace(id, bodyOf({ name, stdio: { command: 'tickets' }, http: undefined, subscription_required: false }));
    expect(changed.body).toMatchObject({ stdio: { command: 'tickets' }, subscription_required: false, labels: { of: 'support' } });
    expect(changed.body).not.toHaveProperty('http');
    expect((await plane.request('DELETE', `${path}/${id}`)).status).toBe(204);
    expect((await plane.request('GET', `${path}/${id}`)).status).toBe(404);
    expect((await plane.request('GET', `${path}/${nowhere}`)).status).toBe(404);
  });

  it('are refused with the place of what is wrong', async () => {
    const wrong: [more: object, status: number, pointer: string][] = [
      [{ http: undefined }, 400, '/body/http'],
      [{ stdio: { command: 'tickets' } }, 400, '/body/stdio'],
      [{ stdio: { command: '/bin/sh -c x' }, http: undefined }, 400, '/body/stdio/command'],
      [{ http: { url: 'http://user:word@127.0.0.1:9/mcp' } }, 422, '/body/http/url'],
      [{ http: { url: 'http://169.254.169.254/mcp' } }, 422, '/body/http/url'],
      [{ targets: { labels: {} } }, 422, '/body/targets'],
      [{ targets: { modes: ['edge_mcp', 'connect'] } }, 422, '/body/targets/modes'],
      [{ stdio: { command: 'tickets' }, http: undefined, targets: { modes: ['edge_mcp'] } }, 422, '/body/targets/modes'],
      [{ name: '1-more' }, 422, '/body/prefix'],
      [{ http: { url: 'http://127.0.0.1:9/mcp', credentials: [{ in: 'query', name: 'key', value: 'x' }] } }, 422, '/body/http/credentials/0'],
      [{ http: { url: 'http://127.0.0.1:9/mcp', credentials: [{ scheme: 'key', value: 'x' }] } }, 422, '/body/http/credentials/0'],
      [{ http: { url: 'http://127.0.0.1:9/mcp', credentials: [{ header: 'Host', value: 'x' }] } }, 422, '/body/http/credentials/0/header'],
    ];
    const answers = await Promise.all(wrong.map(([more]) => register(more)));
    expect(answers.map(({ status, body }) => [status, ...pointers(body)])).toEqual(wrong.map(([, status, pointer]) => [status, pointer]));
  });

  it('have a prefix that is no other’s, nor that of an API’s tools, whichever came first', async () => {
    const { body } = await register({ prefix: 'desk_' });
    expect((await register({ name: body.name })).body.code).toBe('name_taken');
    expect((await register({ prefix: 'Desk_' })).body.code).toBe('prefix_taken');
    expect((await make.post('/v1/apis', { name: 'desk', document: documentOf() })).body).toMatchObject({
      code: 'name_is_a_prefix',
    });
    const { name } = await make.api();
    expect((await register({ prefix: `${name}_` })).body.code).toBe('prefix_taken');
  });

  it('keep their credentials while they stay where they are, and have them sent nowhere else', async () => {
    const http = { url: 'https://127.0.0.1:9/mcp', credentials: [{ header: 'X-Key', value: 'secret' }] };
    const { name, mcp_server_id: id } = (await register({ http })).body;
    const gateway = await enroll();
    expect((await replace(id, bodyOf({ name, http: { url: 'https://127.0.0.1:9/other' } }))).status).toBe(200);
    expect(await given(gateway, id)).toMatchObject({ http: { credentials: [{ in: 'header', name: 'X-Key', value: 'secret' }] } });
    const moved = await replace(id, bodyOf({ name, http: { url: 'https://localhost:9/mcp' } }));
    expect([moved.status, ...pointers(moved.body)]).toEqual([422, '/body/http/credentials']);
    expect((await replace(id, bodyOf({ name, http: { url: 'https://localhost:9/mcp', credentials: [] } }))).status).toBe(200);
    expect((await given(gateway, id))?.http).toEqual({ url: 'https://localhost:9/mcp' });
  });

  it('are changed only as they were read, and what changes nothing leaves them as they are', async () => {
    const body = bodyOf();
    const made = (await make.post<McpServer>(path, body)).body;
    const one = await plane.request<McpServer>('GET', `${path}/${made.mcp_server_id}`);
    const same = await replace(made.mcp_server_id, body);
    expect(same.body.updated_at).toBe(made.updated_at);
    const etag = one.headers.get('etag') ?? '';
    const put = (title: string) => plane.request('PUT', `${path}/${made.mcp_server_id}`, { body: { ...body, title }, headers: { 'if-match': etag } });
    expect([(await put('Desk')).status, (await put('Office')).status]).toEqual([200, 412]);
  });

  it('are given to runtimes that say they serve them, in both forms, and what these say of it is shown', async () => {
    const body = bodyOf({ targets: { instance_names: ['serving', 'old', 'kong'] }, call_timeout_s: 5 });
    const { mcp_server_id: id, name } = (await make.post<McpServer>(path, body)).body;
    const serving = (await gateways.register('serving', { features })).body.gateway_id;
    const old = (await gateways.register('old')).body.gateway_id;
    const kong = (await gateways.register('kong', { features, gateway_mode: 'connect', target_gateway: { type: 'kong' } })).body.gateway_id;
    const item = await given(serving, id);
    expect(item).toEqual({
      ...{ id: `mcp_server:${id}`, kind: 'mcp_server', mcp_server_id: id, name, prefix: `${name}_`, http: body.http },
      ...{ subscription_required: true, call_timeout_s: 5, pinning: 'manual', approved: [] },
    });
    expect([await given(old, id), await given(kong, id)]).toEqual([undefined, undefined]);
    const difference = await fetch(`${plane.url}/v1/internal/gateways/${serving}/config?base=sha256:${'0'.repeat(64)}`, {
      headers: { authorization: `Bearer ${gateways.token}`, accept: 'application/jsonl' },
    });
    expect(await difference.text()).toContain(`"id":"mcp_server:${id}"`);
    const before = await read(id);
    expect(before.state).toBe('rejected');
    expect(before.gateways).toMatchObject([
      { instance_name: 'serving', state: 'pending' },
      { instance_name: 'old', state: 'rejected', phase: 'render' },
    ]);
    const { generation, hash } = (await gateways.config<{ generation: number; hash: string }>(serving)).body;
    const items = [{ id: `mcp_server:${id}`, state: 'rejected', phase: 'apply', reason: 'There is no such command.' }];
    await gateways.ack(serving, { generation, hash, state: 'rejected', items });
    expect((await read(id)).gateways?.[0]).toMatchObject({ state: 'rejected', reason: 'There is no such command.' });
  });

  it('are used by who has a subscription, and by everybody where none is required', async () => {
    const server = (await register({ targets: { environments: ['subscribing'] } })).body;
    const { consumer_id, name } = await make.consumer();
    const subscribe = (more: object) => make.post<Subscription & Refused>('/v1/subscriptions', { consumer_name: name, ...more });
    const { status, body } = await subscribe({ mcp_server_name: server.name });
    expect({ status, body }).toMatchObject({ status: 201, body: { mcp_server_id: server.mcp_server_id, mcp_server_name: server.name } });
    expect((await subscribe({ mcp_server_id: server.mcp_server_id })).body.code).toBe('already_subscribed');
    expect((await subscribe({ mcp_server_id: nowhere })).status).toBe(422);
    expect(pointers((await subscribe({ mcp_server_id: server.mcp_server_id, plan_name: 'gold' })).body)).toEqual(['/body/plan_name']);
    const listed = await plane.request<{ items: Subscription[] }>('GET', `/v1/subscriptions?mcp_server_id=${server.mcp_server_id}`);
    expect(listed.body.items).toEqual([body]);
    const gateway = await enroll({ environment: 'subscribing' });
    const told = async () => (await gateways.items(gateway)).filter(({ kind }) => kind === 'mcp_server_subscription');
    const subscription = { subscription_id: body.subscription_id, mcp_server_id: server.mcp_server_id, consumer_id };
    expect(await told()).toEqual([{ id: `subscription:${body.subscription_id}`, kind: 'mcp_server_subscription', ...subscription }]);
    const open = bodyOf({ name: server.name, targets: server.targets, subscription_required: false });
    expect((await replace(server.mcp_server_id, open)).status).toBe(200);
    expect(await told()).toEqual([]);
  });

  it('are guarded by policies of the kinds that know calls of tools', async () => {
    const { mcp_server_id: id } = (await register({ targets: { environments: ['guarded'] } })).body;
    const attach = (policy: object, ...attached_to: object[]) =>
      make.post<Policy & Refused>('/v1/policies', { name: make.nextName('policy'), policy, attached_to });
    const { body: policy } = await attach(perMinute(5), { mcp_server_id: id });
    expect(policy.attached_to).toEqual([{ mcp_server_id: id }]);
    const refused = await attach({ kind: 'cors', config: { allow_origins: ['*'] } }, { mcp_server_id: id });
    expect([refused.status, ...pointers(refused.body)]).toEqual([422, '/body/attached_to/0/mcp_server_id']);
    expect((await attach(perMinute(5), { mcp_server_id: nowhere })).status).toBe(422);
    const { api_id } = await make.api();
    expect((await attach(perMinute(5), { mcp_server_id: id, api_id })).status).toBe(422);
    const gateway = await enroll({ environment: 'guarded' });
    const items = (await gateways.items(gateway)).filter((item): item is PolicyItem => item.kind === 'policy');
    expect(items).toMatchObject([{ policy_id: policy.policy_id, api_ids: [], mcp_server_ids: [id] }]);
    const { generation, hash } = (await gateways.config<{ generation: number; hash: string }>(gateway)).body;
    await gateways.ack(gateway, { generation, hash, unlisted_applied: true });
    expect((await plane.request<Policy>('GET', `/v1/policies/${policy.policy_id}`)).body.state).toBe('applied');
  });

  it('wait for a second person where an environment demands one, with their credentials sealed', async () => {
    const environment = 'watched-mcp';
    await plane.request('PUT', `/v1/environments/${environment}`, { body: { four_eyes: ['deployments'] } });
    const token = await anotherAdmin();
    const http = { url: 'https://127.0.0.1:9/mcp', credentials: [{ header: 'X-Key', value: 'asked-secret' }] };
    const body = bodyOf({ http, targets: { environments: [environment] } });
    const asked = await plane.request<Approval>('POST', path, { body, token });
    expect(asked).toMatchObject({ status: 202, body: { demand: 'mcp_servers', operation: 'createMcpServer' } });
    expect(JSON.stringify(asked.body)).not.toContain('asked-secret');
    const approved = await plane.request<Approval>('POST', `/v1/approvals/${asked.body.approval_id}/approve`, { body: {} });
    expect(approved).toMatchObject({ status: 200, body: { state: 'applied' } });
    const [made] = (await plane.request<McpServerList>('GET', `${path}?search=${body.name}`)).body.items;
    expect((await given(await enroll({ environment }), made?.mcp_server_id ?? ''))?.http).toMatchObject({ credentials: [{ value: 'asked-secret' }] });
    expect((await plane.request('POST', `${path}/${made?.mcp_server_id}/approve`, { body: { all: '0'.repeat(64) }, token })).status).toBe(202);
    await plane.request('PUT', `/v1/environments/${environment}`, { body: { four_eyes: [] } });
  });

  it('are as many as the tenant may have', async () => {
    const [tenant] = (await plane.request<{ items: { tenant_id: string }[] }>('GET', '/v1/tenants')).body.items;
    const limit = (limits: object) => plane.request('PATCH', `/v1/tenants/${tenant?.tenant_id}`, { body: { limits } });
    await limit({ mcp_servers: 0 });
    expect((await register()).body).toMatchObject({ code: 'limit_reached' });
    await limit({});
  });

  it('leave what hangs on others alone when they go', async () => {
    const { mcp_server_id: id } = (await register()).body;
    const consumer: Consumer = await make.consumer();
    await make.post('/v1/subscriptions', { mcp_server_id: id, consumer_id: consumer.consumer_id });
    const policy = await make.policy(perMinute(3), [{ mcp_server_id: id }]);
    await plane.request('DELETE', `${path}/${id}`);
    expect((await plane.request<Policy>('GET', `/v1/policies/${policy.policy_id}`)).body).toMatchObject({ attached_to: [], state: 'unattached' });
  });
});

async function anotherAdmin(): Promise<string> {
  const { body } = await plane.request<{ secret: string }>('POST', '/v1/operator-tokens', { body: { name: 'second', role: 'admin' } });
  return body.secret;
}
