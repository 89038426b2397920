import { describe, expect, it } from 'vitest';
import { api, closed, keyAuth, operation, perMinute, policy, subscription } from '../../testing/config.ts';
import { ann, graviteeBench, reasons, v1, v2 } from '../../testing/gravitee-bench.ts';

const bench = graviteeBench();
const { orders, everything, made, writes, person, edit, get } = bench;

describe('a trap of Gravitee', () => {
  it('a misspelt field vanishes with status 200: what does not read back as written is not applied', async () => {
    await bench.connect.pass(everything());
    bench.simulator.failNext({ method: 'PUT', path: /plans/, status: 200, body: { id: '00000000-0000-4000-8000-000000000000' } });
    const result = await bench.connect.pass(everything(5));
    expect(reasons(result)).toContain('does not read back as written');
    expect(made().live?.plans[0]?.flows[0]?.request[0]?.configuration?.['rate']).toMatchObject({ limit: 100 });
  });

  it('labels that a PUT leaves out are cleared: ours stay, and so do those of others', async () => {
    await bench.connect.pass(everything());
    await edit(({ labels }) => ({ labels: [...(labels as string[]), 'team:billing'] }));
    const moved = { ...orders(), version: '2.0.0' };
    await bench.connect.pass([moved, perMinute(5, moved)]);
    expect(made().labels).toEqual(expect.arrayContaining(['team:billing', 'stoa-managed']));
    expect(made().apiVersion).toBe('2.0.0');
  });

  it('a stop and a start put a draft live: a change is deployed, and nothing is restarted', async () => {
    await bench.connect.pass(everything());
    writes();
    await bench.connect.pass(everything(5));
    expect(writes()).toEqual(['PUT /apis/*/plans/*', 'POST /apis/*/deployments']);
  });

  it('a start deploys what was never deployed: it is the last of all calls', async () => {
    await bench.connect.pass(everything());
    const calls = writes();
    expect(calls.slice(-2)).toEqual(['POST /apis/*/deployments', 'POST /apis/*/_start']);
    expect(calls).toContain('POST /apis/_import/definition');
  });

  it('a configuration gets the defaults of its schema: nothing that matters is left to them', async () => {
    await bench.connect.pass(everything());
    const [limit] = made().plans[0]?.flows[0]?.request ?? [];
    const sent = bench.simulator.exchanges.find(({ path }) => path.endsWith('/_import/definition'))?.body['plans'] as {
      flows: { request: unknown[] }[];
    }[];
    expect(limit?.configuration).toMatchObject({
      errorStrategy: 'BLOCK_ON_INTERNAL_ERROR',
      rate: { limit: 100, periodTime: 60, periodTimeUnit: 'SECONDS' },
    });
    expect(sent[0]?.flows[0]?.request[0]).toEqual(limit);
  });

  it('the metadata of a subscription is dropped when it is made: a second call keeps it', async () => {
    await bench.connect.pass(everything());
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
    const before = JSON.stringify([...bench.simulator.state.apis.values()][0]);
    await bench.connect.pass(everything());
    await bench.connect.pass([]);
    expect([...bench.simulator.state.apis.values()].map((one) => JSON.stringify(one))).toEqual([before]);
  });

  it('nothing is a no-op by itself: what is as desired is not written', async () => {
    await bench.connect.pass(everything());
    const events = made().events.length;
    writes();
    await bench.connect.pass(everything());
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
      bench.simulator.failNext({ method: 'POST', path: /_import/, status, ...(body !== undefined && { body }) });
      expect(reasons(await bench.connect.pass(everything()))).toContain(said);
    }
  });

  it('the list of policies fails without an organization: nobody asks for it', async () => {
    await bench.connect.pass(everything());
    expect(bench.simulator.exchanges.filter(({ path }) => path.includes('/plugins/'))).toEqual([]);
    expect(bench.simulator.exchanges.filter(({ path }) => !path.includes('/organizations/DEFAULT/'))).toEqual([]);
  });

  it('an import that is repeated fails, and its answer names a place that is none: after a lost answer the API is found by its mark', async () => {
    bench.simulator.failNext({ method: 'POST', path: /_import/, status: 500, applied: true });
    expect(reasons(await bench.connect.pass(everything()))).toContain('rejected');
    writes();
    expect(reasons(await bench.connect.pass(everything()))).not.toContain('rejected');
    expect(writes()).not.toContain('POST /apis/_import/definition');
    expect((await get('/orders', { 'x-api-key': 'the-key-of-ann' })).status).toBe(200);
  });

  it('keys may not be chosen in a new Gravitee: a subscription is rejected with the name of the setting', async () => {
    bench.simulator.state.customApiKeys = false;
    const result = await bench.connect.pass(everything());
    expect(reasons(result)).toContain('plan.security.customApiKey.enabled');
    expect(writes().filter((call) => call.includes('subscriptions'))).toEqual([]);
    expect((await get('/orders', { 'x-api-key': 'the-key-of-ann' })).status).toBe(401);
    bench.simulator.state.customApiKeys = true;
    expect(reasons(await bench.connect.pass(everything()))).not.toContain('rejected');
  });

  it('flows without their ids differ from what is deployed: ids are sent back', async () => {
    await bench.connect.pass(everything());
    const ids = made().draft.flows.map(({ id }) => id);
    const own = { ...closed(orders()), version: '2.0.0' };
    await bench.connect.pass([own, keyAuth(own), perMinute(100, own), ann, subscription(own, ann)]);
    expect(made().draft.flows.map(({ id }) => id)).toEqual(ids);
    expect(made().apiVersion).toBe('2.0.0');
  });

  it('a PUT replaces everything: what others set is sent back', async () => {
    await bench.connect.pass(everything());
    const template = { DEFAULT: { '*/*': { statusCode: 418, headers: {}, body: 'x', propagateErrorKeyToLogs: false } } };
    await edit(() => ({ properties: [{ key: 'human', value: 'v' }], responseTemplates: template, description: 'theirs' }));
    await person('POST', `${v2}/apis/${made().id}/deployments`, {});
    const own = { ...closed(orders()), version: '2.0.0' };
    await bench.connect.pass([own, keyAuth(own), perMinute(100, own), ann, subscription(own, ann)]);
    expect(made()).toMatchObject({
      apiVersion: '2.0.0',
      description: 'theirs',
      draft: { responseTemplates: template, properties: [{ key: 'human' }] },
    });
  });

  it('closing a plan cuts nothing off: what asks for keys from now on is deployed before it counts as applied', async () => {
    const open = orders();
    await bench.connect.pass([open]);
    expect((await get('/orders')).status).toBe(200);
    writes();
    await bench.connect.pass(everything());
    const calls = writes();
    expect(calls.indexOf('POST /apis/*/plans/*/_close')).toBeLessThan(calls.indexOf('POST /apis/*/deployments'));
    expect((await get('/orders')).status).toBe(401);
  });

  it('closing a plan cuts nothing off: where the new one cannot be made, the API is stopped', async () => {
    await bench.connect.pass([orders()]);
    bench.simulator.failNext({ method: 'POST', path: /plans$/, status: 400, body: { httpStatus: 400, message: 'no' } });
    expect(reasons(await bench.connect.pass(everything()))).toContain('rejected');
    expect(made().state).toBe('STOPPED');
    expect(reasons(await bench.connect.pass(everything()))).not.toContain('rejected');
    expect((await get('/orders')).status).toBe(401);
  });

  it('nested paths collide: the one that comes later is rejected, and nothing is written for it', async () => {
    await bench.connect.pass([orders()]);
    writes();
    const sub = api('archive', { operations: [operation('GET /orders/archive/{id}', 'getOld')] });
    const result = await bench.connect.pass([orders(), sub]);
    expect(reasons(result)).toContain('Gravitee lets no API be at, below or above /orders/');
    expect(writes()).toEqual([]);
  });

  it('a draft of somebody else would be published by our deployment: it is told and not deployed', async () => {
    await bench.connect.pass(everything());
    await edit(() => ({ properties: [{ key: 'unfinished', value: 'v' }] }));
    const deployed = made().deployedAt;
    const result = await bench.connect.pass(everything(5));
    expect(reasons(result)).toContain('Somebody changed properties of stoa-orders and has not deployed it');
    expect(made().deployedAt).toBe(deployed);
    await person('POST', `${v2}/apis/${made().id}/deployments`, {});
    expect(reasons(await bench.connect.pass(everything(5)))).not.toContain('rejected');
  });

  it('a plan of somebody else would let callers in past the policies: the API is stopped until it is closed', async () => {
    await bench.connect.pass(everything());
    const plans = `${v2}/apis/${made().id}/plans`;
    const { id } = await person('POST', plans, { definitionVersion: 'V4', name: 'theirs', security: { type: 'KEY_LESS' }, validation: 'AUTO' });
    await person('POST', `${plans}/${String(id)}/_publish`);
    expect(reasons(await bench.connect.pass(everything()))).toContain('which STOA Connect did not make, would let callers in past its policies');
    expect(made().state).toBe('STOPPED');
    await person('POST', `${plans}/${String(id)}/_close`);
    expect(reasons(await bench.connect.pass(everything()))).not.toContain('rejected');
    expect(made().state).toBe('STARTED');
  });

  it('an account without rights is shown an empty list: it is not taken for an empty Gravitee', async () => {
    await bench.connect.pass(everything());
    bench.simulator.failNext({
      method: 'GET',
      path: `${v2.replace('/environments', '/organizations/DEFAULT/environments')}/apis`,
      status: 200,
      body: { data: [] },
    });
    writes();
    const result = await bench.connect.pass(everything());
    expect(result.unavailable).toContain('Gravitee shows no APIs though there are some');
    expect(writes()).toEqual([]);
  });

  it('an ETag guards an API: what somebody changed meanwhile is read anew', async () => {
    await bench.connect.pass(everything());
    const own = { ...closed(orders()), version: '2.0.0' };
    bench.simulator.failNext({ method: 'PUT', path: new RegExp(`/apis/${made().id}$`), status: 412 });
    const result = await bench.connect.pass([own, keyAuth(own), perMinute(100, own), ann, subscription(own, ann)]);
    expect(reasons(result)).not.toContain('rejected');
    expect(made().apiVersion).toBe('2.0.0');
  });

  it('applications of one name are many: after a lost answer there is one', async () => {
    bench.simulator.failNext({ method: 'POST', path: `${v1}/applications`, status: 500, applied: true });
    await bench.connect.pass(everything());
    await bench.connect.pass(everything());
    const active = [...bench.simulator.state.applications.values()].filter(({ name, status }) => name === 'stoa-ann' && status === 'ACTIVE');
    expect(active.length).toBe(1);
  });

  it('an address range matches neither its first nor its last address: both are named', async () => {
    const own = orders();
    await bench.connect.pass([own, policy('addresses', { kind: 'ip_restriction', config: { deny: ['10.0.0.0/8', '192.0.2.1/32'] } }, own)]);
    const [step] = made().plans[0]?.flows[0]?.request ?? [];
    expect(step?.configuration?.['blacklistIps']).toEqual(['10.0.0.0/8', '10.0.0.0', '10.255.255.255', '192.0.2.1']);
  });

  it('a range of IPv6 matches nothing: the policy is rejected', async () => {
    const own = orders();
    const result = await bench.connect.pass([own, policy('addresses', { kind: 'ip_restriction', config: { deny: ['2001:db8::/32'] } }, own)]);
    expect(reasons(result)).toContain('Gravitee compares only IPv4 addresses and ranges');
    expect(bench.simulator.state.apis.size).toBe(0);
  });
});
