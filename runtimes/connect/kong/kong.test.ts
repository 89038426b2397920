import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { api, config, consumer, cors, gatewayId, keyAuth, operation, orderOperations, perMinute, policy } from '../testing/config.ts';
import { startKongBench } from '../testing/kong-bench.ts';
import type { KongBench } from '../testing/kong-bench.ts';

let kong: KongBench;
beforeEach(async () => {
  kong = await startKongBench();
});
afterEach(() => kong.close());

const orders = api('orders');
const everything = [orders, keyAuth(orders), perMinute(100, orders), cors(orders), consumer('agent', 'the-agents-key')];
const name = (entity: Record<string, unknown>): unknown => entity['name'];
const ackOf = (result: { outcome: { items: readonly { id: string }[] } }, item: { id: string }): unknown =>
  result.outcome.items.find(({ id }) => id === item.id);

describe('what is applied', () => {
  it('is a service, a route for each operation, the plugins of its policies, and the consumers with their keys', async () => {
    const result = await kong.pass(everything);
    expect(result.outcome).toEqual({ state: 'applied', items: everything.map(({ id }) => ({ id, state: 'applied' })), leftovers: [] });
    expect((await kong.list('services')).map(name)).toEqual(['stoa-orders']);
    expect((await kong.list('routes')).map(name).sort()).toEqual(
      ['stoa-orders.createOrder', 'stoa-orders.getOrder', 'stoa-orders.listOrders', 'stoa-orders.~preflight'],
    );
    expect((await kong.list('plugins')).map(name).sort()).toEqual(['cors', 'key-auth', 'rate-limiting']);
    expect((await kong.list('key-auths')).map(({ key }) => key)).toEqual(['the-agents-key']);
  });

  it('carries our tags on every object', async () => {
    await kong.pass(everything);
    for (const kind of ['services', 'routes', 'plugins', 'consumers', 'key-auths']) {
      for (const { tags } of await kong.list(kind)) {
        expect(tags).toEqual(expect.arrayContaining(['stoa-managed', `stoa-gateway:${gatewayId}`, expect.stringMatching(/^stoa-item:(api|consumer):/)]));
      }
    }
  });

  it('lesson 14: is found to need nothing more, so a second run writes nothing', async () => {
    await kong.pass(everything);
    kong.writes();
    const second = await kong.pass(everything);
    expect(kong.writes()).toEqual([]);
    expect(second.drift).toEqual([]);
    expect(second.outcome.state).toBe('applied');
  });

  it('lesson 14: needs nothing more for a process that has lost its memory either', async () => {
    await kong.pass(everything);
    kong.writes();
    const second = await kong.pass(everything, { forget: true });
    expect(kong.writes()).toEqual([]);
    expect(second.outcome.state).toBe('applied');
  });

  it('changes only the route whose operation was changed', async () => {
    await kong.pass(everything);
    kong.writes();
    const edited = api('orders', { operations: [operation('GET /orders/all', 'listOrders'), ...orderOperations.slice(1)] });
    await kong.pass([edited, ...everything.slice(1)]);
    const written = kong.writes();
    expect(written.every((line) => line.startsWith('PUT /routes/'))).toBe(true);
    // The operation's own route, and the one for preflights, which lists its path.
    expect(written).toHaveLength(2);
  });

  it('takes over the objects of an API that was deleted and defined again', async () => {
    await kong.pass([orders]);
    const again = { ...orders, id: 'api:0b0c5d0e-1111-4222-8333-444455556666' };
    const result = await kong.pass([again]);
    expect(result.outcome.state).toBe('applied');
    expect(await kong.list('services')).toHaveLength(1);
  });

  it('replaces objects of ours that a restored dump left under other ids', async () => {
    await kong.pass(everything);
    const [service] = await kong.list('services');
    const routes = await kong.list('routes');
    for (const { id } of routes) await kong.admin('DELETE', `/routes/${String(id)}`);
    await kong.admin('DELETE', `/services/${String(service?.['id'])}`);
    const copy = { host: 'old.example.com', tags: service?.['tags'] };
    await kong.admin('PUT', '/services/stoa-orders', copy);
    await kong.admin('PUT', '/services/stoa-orders/routes/stoa-orders.getOrder', { paths: ['/x'], tags: routes[0]?.['tags'] });
    const result = await kong.pass(everything);
    expect(result.outcome.state).toBe('applied');
    expect((await kong.list('services')).map(({ id }) => id)).toEqual([service?.['id']]);
  });
});

describe('what is not ours', () => {
  async function makeForeignObjects(): Promise<void> {
    await kong.admin('PUT', '/services/theirs', { url: 'http://theirs.example.com/base', tags: ['team-a'] });
    await kong.admin('PUT', '/services/theirs/routes/their-route', { paths: ['/theirs'] });
    await kong.admin('POST', '/services/theirs/plugins', { name: 'rate-limiting', config: { minute: 3 } });
    await kong.admin('POST', '/plugins', { name: 'prometheus' });
    await kong.admin('PUT', '/consumers/alice', { custom_id: 'a-1' });
    await kong.admin('POST', '/consumers/alice/key-auth', { key: 'alices-key' });
    // Another STOA Connect on the same Kong.
    await kong.admin('PUT', '/services/stoa-billing', { url: 'http://b', tags: ['stoa-managed', 'stoa-gateway:other', 'stoa-item:api:x'] });
  }
  const everythingThere = async (): Promise<string> =>
    JSON.stringify(await Promise.all(['services', 'routes', 'plugins', 'consumers', 'key-auths'].map((kind) => kong.list(kind))));

  it('stays untouched byte for byte while ours comes, changes and goes', async () => {
    await makeForeignObjects();
    const before = await everythingThere();
    await kong.pass(everything);
    await kong.pass([api('orders', { url: 'http://elsewhere.example.com' }), ...everything.slice(1)]);
    await kong.pass([]);
    expect(await everythingThere()).toBe(before);
  });

  it('is not overwritten where it holds our name: the item is rejected with the reason, and others go on', async () => {
    await kong.admin('PUT', '/services/stoa-orders', { url: 'http://theirs.example.com' });
    const before = await kong.list('services');
    const billing = api('billing', { operations: [operation('GET /bills')] });
    const result = await kong.pass([orders, billing]);
    expect(ackOf(result, orders)).toEqual({
      id: orders.id, state: 'rejected', phase: 'validate', reason: expect.stringMatching(/service stoa-orders .* is not managed by this STOA Connect/),
    });
    expect(ackOf(result, billing)).toEqual({ id: billing.id, state: 'applied' });
    expect(result.outcome.state).toBe('applied_with_warnings');
    expect((await kong.list('services')).filter(({ tags }) => tags === null)).toEqual(before);
  });

  it('lesson 15: a second plugin is not posted over a foreign one; the API is taken out, for it may not run without its policy', async () => {
    await kong.pass([orders]);
    const [service] = await kong.list('services');
    await kong.admin('POST', `/services/${String(service?.['id'])}/plugins`, { name: 'rate-limiting', config: { minute: 3 } });
    const [foreign] = await kong.list('plugins');
    const limit = perMinute(100, orders);
    const result = await kong.pass([orders, limit]);
    expect(result.outcome.items).toEqual([orders, limit].map(({ id }) => expect.objectContaining({ id, state: 'rejected', phase: 'validate' })));
    expect(await kong.list('routes')).toEqual([]);
    expect(await kong.list('plugins')).toEqual([foreign]);
  });

  it('rejects a consumer whose key somebody else has, without saying the key', async () => {
    await makeForeignObjects();
    const thief = consumer('agent', 'alices-key');
    const result = await kong.pass([orders, keyAuth(orders), thief]);
    expect(ackOf(result, thief)).toMatchObject({ state: 'rejected', phase: 'apply', reason: expect.stringContaining('409') });
    expect(JSON.stringify(result.outcome)).not.toContain('alices-key');
  });

  it('is reported as discovered, beside ours', async () => {
    await makeForeignObjects();
    await kong.pass([orders]);
    await kong.pass([orders]);
    expect(kong.reports.at(-1)).toMatchObject({ target_gateway: { type: 'kong', version: '3.9.3' } });
    expect(kong.reports.at(-1)?.apis).toEqual(
      expect.arrayContaining([
        { name: 'theirs', upstream_url: 'http://theirs.example.com:80/base', routes: 1, managed: false },
        { name: 'stoa-billing', upstream_url: 'http://b:80', routes: 0, managed: false },
        { name: 'stoa-orders', upstream_url: 'http://127.0.0.1:8084', routes: 3, managed: true },
      ]),
    );
  });
});

describe('removal', () => {
  it('lesson 16: the last route can be removed, and one operation does not take the others with it', async () => {
    await kong.pass([orders]);
    await kong.pass([api('orders', { operations: orderOperations.slice(0, 1) })]);
    expect((await kong.list('routes')).map(name)).toEqual(['stoa-orders.listOrders']);
    const result = await kong.pass([api('orders', { operations: [] })]);
    expect(await kong.list('routes')).toEqual([]);
    expect(result.outcome.state).toBe('applied');
  });

  it('lesson 16: an undeployed API is gone with its plugins, and another stays', async () => {
    const billing = api('billing', { operations: [operation('GET /bills')] });
    await kong.pass([...everything, billing]);
    const result = await kong.pass([billing]);
    expect(result.outcome).toEqual({ state: 'applied', items: [{ id: billing.id, state: 'applied' }], leftovers: [] });
    expect((await kong.list('services')).map(name)).toEqual(['stoa-billing']);
    expect(await kong.list('plugins')).toEqual([]);
    expect(await kong.list('consumers')).toEqual([]);
    expect(await kong.list('key-auths')).toEqual([]);
  });

  it('says what is left when a foreign route keeps a service from being deleted', async () => {
    await kong.pass([orders]);
    await kong.admin('PUT', '/services/stoa-orders/routes/their-route', { paths: ['/theirs'] });
    const result = await kong.pass([]);
    expect(result.outcome.state).toBe('applied_with_warnings');
    expect(result.outcome.leftovers).toEqual([expect.stringMatching(/^service stoa-orders: Kong answered 400/)]);
    expect((await kong.list('routes')).map(name)).toEqual(['their-route']);
  });

  it('takes a revoked key away even when somebody took its tags away first', async () => {
    await kong.pass(everything);
    const [credential] = await kong.list('key-auths');
    await kong.admin('PATCH', `/key-auths/${String(credential?.['id'])}`, { tags: null });
    await kong.pass([...everything.slice(0, -1), consumer('agent')]);
    expect(await kong.list('key-auths')).toEqual([]);
  });
});

describe('a key with an end', () => {
  const expiresAt = (ms: number): string => new Date(Date.now() + ms).toISOString();
  const agent = (at: string) => {
    const made = consumer('agent', 'the-agents-key');
    return { ...made, keys: made.keys.map((key) => ({ ...key, expires_at: at })) };
  };

  it('ends in Kong by itself, and needs no second write', async () => {
    const items = [orders, keyAuth(orders), agent(expiresAt(3_600_000))];
    await kong.pass(items);
    const [credential] = await kong.list('key-auths');
    expect(credential?.['ttl']).toBeGreaterThan(3000);
    kong.writes();
    await kong.pass(items);
    expect(kong.writes()).toEqual([]);
  });

  it('is taken away when its time is over, which is no drift', async () => {
    await kong.pass([orders, keyAuth(orders), agent(expiresAt(3_600_000))]);
    const [credential] = await kong.list('key-auths');
    await kong.admin('DELETE', `/key-auths/${String(credential?.['id'])}`);
    const result = await kong.pass([orders, keyAuth(orders), agent(expiresAt(-1000))]);
    expect(result.drift).toEqual([]);
    expect(result.outcome.state).toBe('applied');
  });
});

describe('drift', () => {
  it('is found, reported before it is repaired, and repaired', async () => {
    await kong.pass(everything);
    await kong.admin('PATCH', '/routes/stoa-orders.getOrder', { methods: ['GET', 'POST'] });
    const [keys] = (await kong.list('plugins')).filter((plugin) => name(plugin) === 'key-auth');
    await kong.admin('DELETE', `/plugins/${String(keys?.['id'])}`);
    await kong.admin('PUT', '/services/extra', { url: 'http://x', tags: ['stoa-managed', `stoa-gateway:${gatewayId}`] });
    kong.writes();

    const result = await kong.pass(everything);
    const drift = [
      { item_id: orders.id, object: 'route stoa-orders.getOrder', kind: 'changed', detail: 'methods: GET → GET, POST' },
      { item_id: orders.id, object: 'plugin key-auth of stoa-orders', kind: 'missing', detail: expect.any(String) },
      { object: 'service extra', kind: 'extra', detail: expect.any(String) },
    ];
    expect(result.drift).toHaveLength(3);
    expect(result.drift).toEqual(expect.arrayContaining(drift));
    expect(kong.reports.at(-1)?.drift).toEqual(result.drift);
    expect(kong.writes()).toHaveLength(3);
    expect((await kong.pass(everything)).drift).toEqual([]);
    expect(kong.writes()).toEqual([]);
  });

  it('is told without the key when a credential was changed', async () => {
    await kong.pass(everything);
    const [credential] = await kong.list('key-auths');
    await kong.admin('PATCH', `/key-auths/${String(credential?.['id'])}`, { key: 'another-key' });
    const { drift } = await kong.pass(everything);
    expect(drift).toEqual([expect.objectContaining({ kind: 'changed', detail: 'key: changed' })]);
  });

  it('includes a plugin that was switched off and a route that was narrowed by a host', async () => {
    await kong.pass(everything);
    const [keys] = (await kong.list('plugins')).filter((plugin) => name(plugin) === 'key-auth');
    await kong.admin('PATCH', `/plugins/${String(keys?.['id'])}`, { enabled: false });
    await kong.admin('PATCH', '/routes/stoa-orders.getOrder', { hosts: ['only.example.com'] });
    const { drift } = await kong.pass(everything);
    expect(drift.map(({ detail }) => detail).sort()).toEqual(['enabled: true → false', 'hosts: none → only.example.com']);
  });
});

describe('failures', () => {
  const billing = api('billing', { operations: [operation('GET /bills')] });

  it('lesson 16: a failed item does not stop the others, and heals at the next pass', async () => {
    const first = [orders, billing].sort((a, b) => (a.id < b.id ? -1 : 1))[0];
    kong.simulator.failNext({ method: 'PUT', path: /^\/services\//, status: 500, body: { message: 'An unexpected error occurred' } });
    const result = await kong.pass([orders, billing]);
    expect(result.outcome.items.map(({ state }) => state).sort()).toEqual(['applied', 'rejected']);
    expect(ackOf(result, first ?? orders)).toMatchObject({ state: 'rejected', phase: 'apply', reason: expect.stringContaining('500') });
    expect(result.retry).toBe(true);
    expect((await kong.pass([orders, billing])).outcome.state).toBe('applied');
  });

  it('routes are not made when a plugin that guards them fails', async () => {
    kong.simulator.failNext({ method: 'PUT', path: /^\/plugins\//, status: 500 });
    const limit = perMinute(100, orders);
    const result = await kong.pass([orders, limit]);
    expect(await kong.list('routes')).toEqual([]);
    expect(result.outcome.items.map(({ state }) => state)).toEqual(['rejected', 'rejected']);
  });

  it('an API that is live is taken out when Kong refuses a plugin it has to have', async () => {
    await kong.pass([orders]);
    kong.simulator.failNext({ method: 'PUT', path: /^\/plugins\//, status: 400, body: { message: "plugin 'rate-limiting' not enabled" } });
    const result = await kong.pass([orders, perMinute(100, orders)]);
    expect(await kong.list('routes')).toEqual([]);
    expect(ackOf(result, orders)).toMatchObject({ state: 'rejected', reason: expect.stringContaining('not enabled') });
    expect((await kong.pass([orders, perMinute(100, orders)])).outcome.state).toBe('applied');
    expect(await kong.list('routes')).toHaveLength(3);
  });

  it('policies stay in force while a route that could not be deleted leads to the API', async () => {
    await kong.pass(everything);
    const routes = await kong.list('routes');
    kong.simulator.failNext({ method: 'DELETE', path: /^\/routes\//, status: 500, times: routes.length });
    const result = await kong.pass([]);
    expect(result.outcome.state).toBe('applied_with_warnings');
    expect((await kong.list('plugins')).map(name).sort()).toEqual(['cors', 'key-auth', 'rate-limiting']);
    await kong.pass([]);
    expect(await kong.list('plugins')).toEqual([]);
  });

  it('survives an HTML error page', async () => {
    kong.simulator.failNext({ method: 'PUT', path: /^\/services\//, status: 502, body: '<html><h1>Bad Gateway</h1></html>' });
    const result = await kong.pass([orders]);
    expect(ackOf(result, orders)).toMatchObject({ state: 'rejected', phase: 'apply', reason: 'service stoa-orders: Kong answered 502' });
  });

  it('an answer that was lost after the write is found to be applied when read back', async () => {
    kong.simulator.failNext({ method: 'PUT', path: /^\/routes\//, applied: true });
    const result = await kong.pass([orders]);
    expect(result.retry).toBe(true);
    expect((await kong.pass([orders])).outcome.state).toBe('applied');
  });

  it('lesson 12: what does not read back as written is not called applied', async () => {
    kong.simulator.failNext({ method: 'PUT', path: /^\/routes\//, status: 200, body: { id: 'made-up', tags: null } });
    const result = await kong.pass([orders]);
    expect(ackOf(result, orders)).toMatchObject({ state: 'rejected', phase: 'verify', reason: expect.stringContaining('does not read back') });
  });

  it('lesson 20: an unreachable Kong is said in phase fetch, for every item', async () => {
    kong.simulator.failNext({ method: 'GET', path: '/', times: 1 });
    const result = await kong.pass(everything);
    expect(result.outcome.items.every(({ state, phase }) => state === 'rejected' && phase === 'fetch')).toBe(true);
    expect(result.unavailable).toContain('cannot be reached');
  });

  it.each([
    ['lesson 15: a Kong without a database', { version: '3.9.3', configuration: { database: 'off' } }, 'without a database'],
    ['a Kong that does not know regex paths', { version: '2.8.4', configuration: { database: 'postgres' } }, '2.8.4'],
  ])('%s is refused before anything is written', async (_what, node, reason) => {
    kong.simulator.failNext({ method: 'GET', path: '/', status: 200, body: node });
    const result = await kong.pass(everything);
    expect(result.outcome.items[0]).toMatchObject({ state: 'rejected', phase: 'fetch', reason: expect.stringContaining(reason) });
    expect(kong.writes()).toEqual([]);
  });

  it('lesson 15: a service whose routes could not be made is not called applied', async () => {
    kong.simulator.failNext({ method: 'PUT', path: /^\/routes\//, status: 400, body: { message: 'schema violation', code: 2 }, times: 3 });
    const result = await kong.pass([orders]);
    expect(await kong.list('services')).toHaveLength(1);
    expect(ackOf(result, orders)).toMatchObject({ state: 'rejected', phase: 'apply', reason: expect.stringContaining('schema violation') });
  });
});

describe('fencing', () => {
  it('lesson 19: a process that loses the lease in the middle makes no further write', async () => {
    let asked = 0;
    const result = await kong.pass(everything, { shouldStop: () => (asked += 1) > 2 });
    expect(kong.writes()).toHaveLength(2);
    expect(result.outcome.items.some(({ reason }) => reason?.includes('no longer holds the lease'))).toBe(true);
  });

  it('lesson 19: a process that never had it makes none', async () => {
    await kong.pass(everything, { shouldStop: () => true });
    expect(kong.writes()).toEqual([]);
  });
});

describe('policies that Kong cannot express', () => {
  const narrow = policy('ninety', { kind: 'rate_limit', config: { limit: 5, window_s: 90 } }, orders);

  it('are rejected in phase render, and so is the API that must not run without them', async () => {
    const result = await kong.pass([orders, narrow]);
    expect(ackOf(result, narrow)).toEqual({
      id: narrow.id, state: 'rejected', phase: 'render', reason: 'The policy ninety limits over 90 s, and Kong counts only over 1, 60, 3600, 86400 s.',
    });
    expect(ackOf(result, orders)).toMatchObject({ state: 'rejected', phase: 'render' });
    expect(await kong.list('services')).toEqual([]);
  });

  it('take an API that is live out of the gateway', async () => {
    await kong.pass(everything);
    await kong.pass([...everything, narrow]);
    expect(await kong.list('routes')).toEqual([]);
    expect(await kong.list('services')).toEqual([]);
  });

  it('lesson 16: a bad revision of an API leaves the good one before it in place', async () => {
    await kong.pass(everything);
    const before = JSON.stringify(await kong.list('routes'));
    const bad = api('orders', { changes: { revision: 2, upstream: { url: 'http://127.0.0.1:8084', auth: { header: 'X-Key', value: 'secret' } } } });
    const result = await kong.pass([bad, ...everything.slice(1)]);
    expect(ackOf(result, bad)).toMatchObject({ state: 'rejected', phase: 'render', reason: expect.stringContaining('X-Key') });
    expect(JSON.stringify(result)).not.toContain('"secret"');
    expect(JSON.stringify(await kong.list('routes'))).toBe(before);
    // A policy that is tightened meanwhile takes effect all the same.
    await kong.pass([bad, keyAuth(orders), perMinute(7, orders), ...everything.slice(3)]);
    const limits = (await kong.list('plugins')).filter((plugin) => name(plugin) === 'rate-limiting');
    expect(limits).toMatchObject([{ config: { minute: 7 } }]);
  });
});

it('keeps the configuration given to it unchanged', async () => {
  const given = config(everything);
  const before = JSON.stringify(given);
  await kong.pass(given.items);
  expect(JSON.stringify(given)).toBe(before);
});
