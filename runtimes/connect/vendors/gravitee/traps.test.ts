import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigItem } from '@stoa/generated/schemas.ts';
import { startGraviteeSimulator } from '@stoa/examples/gravitee-simulator/main.ts';
import type { GraviteeSimulator } from '@stoa/examples/gravitee-simulator/main.ts';
import { Secret } from '@stoa/lib/secret.ts';
import type { GatewayAdapter } from '../../engine/model.ts';
import type { PassResult } from '../../engine/reconcile.ts';
import { connectTo } from '../../laws/run.ts';
import type { Connect } from '../../laws/run.ts';
import { api, closed, consumer, keyAuth, operation, perMinute, policy, subscription } from '../../testing/config.ts';
import { askAsWritten } from '../../testing/written.ts';
import { createGraviteeAdapter } from './adapter.ts';

let upstream: Server;
let simulator: GraviteeSimulator;
let adapter: GatewayAdapter;
let connect: Connect;

const v2 = '/management/v2/environments/DEFAULT';
const v1 = '/management/organizations/DEFAULT/environments/DEFAULT';
const credential = (value: string) => ({ header: 'Authorization', value: Secret.of(value) });

beforeAll(async () => {
  upstream = createServer((request, response) => response.end(JSON.stringify({ path: request.url, key: request.headers['x-api-key'] ?? null })));
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const ports = { managementPort: 0, gatewayPort: 0 };
  simulator = await startGraviteeSimulator({ ...ports, tokens: ['good'], apiKeyHeader: 'X-API-Key', customApiKeys: true });
});
afterAll(async () => {
  await simulator.close();
  await new Promise((resolve) => upstream.close(resolve));
});
beforeEach(() => {
  simulator.clear();
  simulator.forgetFaults();
  simulator.exchanges.length = 0;
  simulator.state.customApiKeys = true;
  const settings = { graviteeApiKeyHeader: 'X-API-Key' };
  adapter = createGraviteeAdapter({ url: simulator.managementUrl, credential: credential('good'), timeoutMs: 5000, settings });
  connect = connectTo(adapter);
});
afterEach(() => adapter.close());

const orders = (): ReturnType<typeof api> => api('orders', { url: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}` });
const ann = consumer('ann', 'the-key-of-ann');
/** For its subscribers, with a limit. */
function everything(limit = 100): ConfigItem[] {
  const own = closed(orders());
  return [own, keyAuth(own), perMinute(limit, own), ann, subscription(own, ann)];
}
const reasons = ({ outcome }: PassResult): string => outcome.items.map(({ state, reason }) => `${state}: ${reason ?? ''}`).join('\n');
const made = () => {
  const [one] = [...simulator.state.apis.values()].filter(({ name }) => name === 'stoa-orders');
  if (one === undefined) throw new Error('The API was not made.');
  return one;
};
/** What was asked for since the last call that changes something, without ids. */
function writes(): string[] {
  const changing = simulator.exchanges.filter(({ method, path }) => method !== 'GET' && !path.endsWith('_verify'));
  simulator.exchanges.length = 0;
  return changing.map(({ method, path }) => `${method} ${path.replace(/^.*DEFAULT/, '').replace(/[0-9a-f-]{36}/g, '*')}`);
}
async function person(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer good' };
  const response = await fetch(simulator.managementUrl + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}
/** Changes an API of ours as somebody does in the console of Gravitee. */
async function edit(change: (body: Record<string, unknown>) => Record<string, unknown>): Promise<void> {
  const body = await person('GET', `${v2}/apis/${made().id}`);
  await person('PUT', `${v2}/apis/${made().id}`, { ...body, ...change(body) });
  simulator.exchanges.length = 0;
}
const get = (path: string, headers: Record<string, string> = {}) => fetch(simulator.gatewayUrl + path, { headers });

describe('an API on Gravitee', () => {
  it('is served to its subscribers, at the paths of its operations alone, with its limit', async () => {
    expect(reasons(await connect.pass(everything(2)))).not.toMatch(/rejected/);
    const key = { 'x-api-key': 'the-key-of-ann' };
    expect((await get('/orders/1')).status).toBe(401);
    const answer = await get('/orders/1', key);
    // The key is for the gateway, and not for the upstream.
    expect({ status: answer.status, body: await answer.json() }).toEqual({ status: 200, body: { path: '/orders/1', key: null } });
    expect((await get('/orders', key)).status).toBe(200);
    expect((await get('/orders', key)).status).toBe(429);
    expect((await get('/orders/1/lines', key)).status).not.toBe(200);
    expect((await get('/elsewhere', key)).status).toBe(404);
  });

  it('takes no path in which its upstream, which is sent what is written, would read another operation', async () => {
    await connect.pass(everything());
    const key = { 'x-api-key': 'the-key-of-ann' };
    const refused = [
      '/orders/..',
      '/orders/%2e%2E',
      '/orders/.',
      '/orders/..;x=1',
      '/orders/..%2fadmin',
      '/orders/..%5Cadmin',
      '/orders/..\\admin',
      '/orders/7#',
    ];
    for (const path of refused) expect([path, (await askAsWritten(simulator.gatewayUrl, path, key)).status]).toEqual([path, 404]);
    for (const path of ['/orders/7', '/orders/7..8', '/orders/.7', '/orders/a%20b', '/orders/7?at=//a/../b%2f'])
      expect(JSON.parse((await askAsWritten(simulator.gatewayUrl, path, key)).text)).toMatchObject({ path });
  });

  it('that is withdrawn takes with it what hangs on it, and the applications of its callers', async () => {
    await connect.pass(everything());
    await connect.pass([]);
    expect(simulator.state.apis.size).toBe(0);
    expect([...simulator.state.applications.values()].filter(({ status }) => status === 'ACTIVE').map(({ name }) => name)).toEqual([
      'Default application',
    ]);
  });

  it('lets a caller in no longer whose subscription has ended, without a deployment', async () => {
    const [own, keys, limit, who] = everything();
    await connect.pass(everything());
    writes();
    await connect.pass([own, keys, limit, who] as ConfigItem[]);
    expect(writes()).toEqual(['POST /apis/*/subscriptions/*/_close', 'DELETE /applications/*']);
    expect((await get('/orders', { 'x-api-key': 'the-key-of-ann' })).status).toBe(401);
  });
});

describe('a trap of Gravitee', () => {
  it('a misspelt field vanishes with status 200: what does not read back as written is not applied', async () => {
    await connect.pass(everything());
    simulator.failNext({ method: 'PUT', path: /plans/, status: 200, body: { id: '00000000-0000-4000-8000-000000000000' } });
    const result = await connect.pass(everything(5));
    expect(reasons(result)).toContain('does not read back as written');
    expect(made().live?.plans[0]?.flows[0]?.request[0]?.configuration?.['rate']).toMatchObject({ limit: 100 });
  });

  it('labels that a PUT leaves out are cleared: ours stay, and so do those of others', async () => {
    await connect.pass(everything());
    await edit(({ labels }) => ({ labels: [...(labels as string[]), 'team:billing'] }));
    const moved = { ...orders(), version: '2.0.0' };
    await connect.pass([moved, perMinute(5, moved)]);
    expect(made().labels).toEqual(expect.arrayContaining(['team:billing', 'stoa-managed']));
    expect(made().apiVersion).toBe('2.0.0');
  });

  it('a stop and a start put a draft live: a change is deployed, and nothing is restarted', async () => {
    await connect.pass(everything());
    writes();
    await connect.pass(everything(5));
    expect(writes()).toEqual(['PUT /apis/*/plans/*', 'POST /apis/*/deployments']);
  });

  it('a start deploys what was never deployed: it is the last of all calls', async () => {
    await connect.pass(everything());
    const calls = writes();
    expect(calls.slice(-2)).toEqual(['POST /apis/*/deployments', 'POST /apis/*/_start']);
    expect(calls).toContain('POST /apis/_import/definition');
  });

  it('a configuration gets the defaults of its schema: nothing that matters is left to them', async () => {
    await connect.pass(everything());
    const [limit] = made().plans[0]?.flows[0]?.request ?? [];
    const sent = simulator.exchanges.find(({ path }) => path.endsWith('/_import/definition'))?.body['plans'] as { flows: { request: unknown[] }[] }[];
    expect(limit?.configuration).toMatchObject({
      errorStrategy: 'BLOCK_ON_INTERNAL_ERROR',
      rate: { limit: 100, periodTime: 60, periodTimeUnit: 'SECONDS' },
    });
    expect(sent[0]?.flows[0]?.request[0]).toEqual(limit);
  });

  it('the metadata of a subscription is dropped when it is made: a second call keeps it', async () => {
    await connect.pass(everything());
    expect(made().subscriptions[0]?.metadata).toMatchObject({ stoaItem: expect.stringMatching(/^subscription:/) as string });
    expect(writes().filter((call) => call.includes('subscriptions'))).toEqual(['POST /apis/*/subscriptions', 'PUT /apis/*/subscriptions/*']);
  });

  it('the Automation API marks what it makes as of Kubernetes: such an API is left to whoever made it', async () => {
    const theirs = { hrid: 'theirs', name: 'theirs', version: '1', type: 'PROXY', state: 'STARTED' };
    await person('PUT', '/automation/organizations/DEFAULT/environments/DEFAULT/apis', {
      ...theirs,
      listeners: [{ type: 'HTTP', paths: [{ path: '/theirs' }], entrypoints: [{ type: 'http-proxy' }] }],
      endpointGroups: [
        { name: 'g', type: 'http-proxy', endpoints: [{ name: 'e', type: 'http-proxy', configuration: { target: 'http://theirs.example.com' } }] },
      ],
      plans: [{ hrid: 'open', name: 'open', security: { type: 'KEY_LESS' } }],
    });
    const before = JSON.stringify([...simulator.state.apis.values()][0]);
    await connect.pass(everything());
    await connect.pass([]);
    expect([...simulator.state.apis.values()].map((one) => JSON.stringify(one))).toEqual([before]);
  });

  it('nothing is a no-op by itself: what is as desired is not written', async () => {
    await connect.pass(everything());
    const events = made().events.length;
    writes();
    await connect.pass(everything());
    expect(writes()).toEqual([]);
    expect(made().events.length).toBe(events);
  });

  it('errors come as JSON, as text and without a body: each becomes a sentence', async () => {
    for (const [status, body, said] of [
      [
        400,
        { httpStatus: 400, message: 'Validation error', details: [{ location: 'name', message: 'must not be null' }] },
        'Gravitee answered 400: Validation error: name must not be null.',
      ],
      [400, 'Unexpected end-of-input', 'Gravitee answered 400.'],
      [500, undefined, 'Gravitee answered 500.'],
    ] as const) {
      simulator.failNext({ method: 'POST', path: /_import/, status, ...(body !== undefined && { body }) });
      expect(reasons(await connect.pass(everything()))).toContain(said);
    }
  });

  it('the list of policies fails without an organization: nobody asks for it', async () => {
    await connect.pass(everything());
    expect(simulator.exchanges.filter(({ path }) => path.includes('/plugins/'))).toEqual([]);
    expect(simulator.exchanges.filter(({ path }) => !path.includes('/organizations/DEFAULT/'))).toEqual([]);
  });

  it('an import that is repeated fails, and its answer names a place that is none: after a lost answer the API is found by its mark', async () => {
    simulator.failNext({ method: 'POST', path: /_import/, status: 500, applied: true });
    expect(reasons(await connect.pass(everything()))).toContain('rejected');
    writes();
    expect(reasons(await connect.pass(everything()))).not.toContain('rejected');
    expect(writes()).not.toContain('POST /apis/_import/definition');
    expect((await get('/orders', { 'x-api-key': 'the-key-of-ann' })).status).toBe(200);
  });

  it('keys may not be chosen in a new Gravitee: a subscription is rejected with the name of the setting', async () => {
    simulator.state.customApiKeys = false;
    const result = await connect.pass(everything());
    expect(reasons(result)).toContain('plan.security.customApiKey.enabled');
    expect(writes().filter((call) => call.includes('subscriptions'))).toEqual([]);
    expect((await get('/orders', { 'x-api-key': 'the-key-of-ann' })).status).toBe(401);
    simulator.state.customApiKeys = true;
    expect(reasons(await connect.pass(everything()))).not.toContain('rejected');
  });

  it('flows without their ids differ from what is deployed: ids are sent back', async () => {
    await connect.pass(everything());
    const ids = made().draft.flows.map(({ id }) => id);
    const own = { ...closed(orders()), version: '2.0.0' };
    await connect.pass([own, keyAuth(own), perMinute(100, own), ann, subscription(own, ann)]);
    expect(made().draft.flows.map(({ id }) => id)).toEqual(ids);
    expect(made().apiVersion).toBe('2.0.0');
  });

  it('a PUT replaces everything: what others set is sent back', async () => {
    await connect.pass(everything());
    const template = { DEFAULT: { '*/*': { statusCode: 418, headers: {}, body: 'x', propagateErrorKeyToLogs: false } } };
    await edit(() => ({ properties: [{ key: 'human', value: 'v' }], responseTemplates: template, description: 'theirs' }));
    await person('POST', `${v2}/apis/${made().id}/deployments`, {});
    const own = { ...closed(orders()), version: '2.0.0' };
    await connect.pass([own, keyAuth(own), perMinute(100, own), ann, subscription(own, ann)]);
    expect(made()).toMatchObject({
      apiVersion: '2.0.0',
      description: 'theirs',
      draft: { responseTemplates: template, properties: [{ key: 'human' }] },
    });
  });

  it('closing a plan cuts nothing off: what asks for keys from now on is deployed before it counts as applied', async () => {
    const open = orders();
    await connect.pass([open]);
    expect((await get('/orders')).status).toBe(200);
    writes();
    await connect.pass(everything());
    const calls = writes();
    expect(calls.indexOf('POST /apis/*/plans/*/_close')).toBeLessThan(calls.indexOf('POST /apis/*/deployments'));
    expect((await get('/orders')).status).toBe(401);
  });

  it('closing a plan cuts nothing off: where the new one cannot be made, the API is stopped', async () => {
    await connect.pass([orders()]);
    simulator.failNext({ method: 'POST', path: /plans$/, status: 400, body: { httpStatus: 400, message: 'no' } });
    expect(reasons(await connect.pass(everything()))).toContain('rejected');
    expect(made().state).toBe('STOPPED');
    expect(reasons(await connect.pass(everything()))).not.toContain('rejected');
    expect((await get('/orders')).status).toBe(401);
  });

  it('nested paths collide: the one that comes later is rejected, and nothing is written for it', async () => {
    await connect.pass([orders()]);
    writes();
    const sub = api('archive', { operations: [operation('GET /orders/archive/{id}', 'getOld')] });
    const result = await connect.pass([orders(), sub]);
    expect(reasons(result)).toContain('Gravitee lets no API be at, below or above /orders/');
    expect(writes()).toEqual([]);
  });

  it('a draft of somebody else would be published by our deployment: it is told and not deployed', async () => {
    await connect.pass(everything());
    await edit(() => ({ properties: [{ key: 'unfinished', value: 'v' }] }));
    const deployed = made().deployedAt;
    const result = await connect.pass(everything(5));
    expect(reasons(result)).toContain('Somebody changed properties of stoa-orders and has not deployed it');
    expect(made().deployedAt).toBe(deployed);
    await person('POST', `${v2}/apis/${made().id}/deployments`, {});
    expect(reasons(await connect.pass(everything(5)))).not.toContain('rejected');
  });

  it('a plan of somebody else would let callers in past the policies: the API is stopped until it is closed', async () => {
    await connect.pass(everything());
    const plans = `${v2}/apis/${made().id}/plans`;
    const { id } = await person('POST', plans, { definitionVersion: 'V4', name: 'theirs', security: { type: 'KEY_LESS' }, validation: 'AUTO' });
    await person('POST', `${plans}/${String(id)}/_publish`);
    expect(reasons(await connect.pass(everything()))).toContain('which STOA Connect did not make, would let callers in past its policies');
    expect(made().state).toBe('STOPPED');
    await person('POST', `${plans}/${String(id)}/_close`);
    expect(reasons(await connect.pass(everything()))).not.toContain('rejected');
    expect(made().state).toBe('STARTED');
  });

  it('an account without rights is shown an empty list: it is not taken for an empty Gravitee', async () => {
    await connect.pass(everything());
    simulator.failNext({
      method: 'GET',
      path: `${v2.replace('/environments', '/organizations/DEFAULT/environments')}/apis`,
      status: 200,
      body: { data: [] },
    });
    writes();
    const result = await connect.pass(everything());
    expect(result.unavailable).toContain('Gravitee shows no APIs though there are some');
    expect(writes()).toEqual([]);
  });

  it('an ETag guards an API: what somebody changed meanwhile is read anew', async () => {
    await connect.pass(everything());
    const own = { ...closed(orders()), version: '2.0.0' };
    simulator.failNext({ method: 'PUT', path: new RegExp(`/apis/${made().id}$`), status: 412 });
    const result = await connect.pass([own, keyAuth(own), perMinute(100, own), ann, subscription(own, ann)]);
    expect(reasons(result)).not.toContain('rejected');
    expect(made().apiVersion).toBe('2.0.0');
  });

  it('applications of one name are many: after a lost answer there is one', async () => {
    simulator.failNext({ method: 'POST', path: `${v1}/applications`, status: 500, applied: true });
    await connect.pass(everything());
    await connect.pass(everything());
    const active = [...simulator.state.applications.values()].filter(({ name, status }) => name === 'stoa-ann' && status === 'ACTIVE');
    expect(active.length).toBe(1);
  });

  it('an address range matches neither its first nor its last address: both are named', async () => {
    const own = orders();
    await connect.pass([own, policy('addresses', { kind: 'ip_restriction', config: { deny: ['10.0.0.0/8', '192.0.2.1/32'] } }, own)]);
    const [step] = made().plans[0]?.flows[0]?.request ?? [];
    expect(step?.configuration?.['blacklistIps']).toEqual(['10.0.0.0/8', '10.0.0.0', '10.255.255.255', '192.0.2.1']);
  });

  it('a range of IPv6 matches nothing: the policy is rejected', async () => {
    const own = orders();
    const result = await connect.pass([own, policy('addresses', { kind: 'ip_restriction', config: { deny: ['2001:db8::/32'] } }, own)]);
    expect(reasons(result)).toContain('Gravitee compares only IPv4 addresses and ranges');
    expect(simulator.state.apis.size).toBe(0);
  });
});

describe('the account of Connect', () => {
  it('that is refused is told of with the setting', async () => {
    const other = createGraviteeAdapter({ url: simulator.managementUrl, credential: credential('bad'), timeoutMs: 5000 });
    await expect(other.reach(AbortSignal.timeout(5000))).rejects.toThrow(/STOA_TARGET_GATEWAY_TOKEN/);
    other.close();
  });

  it('reaches Gravitee, which tells the version of its gateways', async () => {
    expect(await adapter.reach(AbortSignal.timeout(5000))).toEqual({ type: 'gravitee', version: '4.10.9', url: simulator.managementUrl });
  });
});
