import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { api, config, consumer, gatewayId, keyAuth, operation, orderOperations, perMinute, policy } from '../../testing/config.ts';
import { ackOf, everything, nameOf, orders, startKongBench } from '../../testing/kong-bench.ts';
import type { KongBench } from '../../testing/kong-bench.ts';

let kong: KongBench;
beforeEach(async () => {
  kong = await startKongBench();
});
afterEach(() => kong.close());

describe('what is applied', () => {
  it('is a service, a route for each operation, orderOperations, the plugins of its policies, and the consumers with their keys', async () => {
    const result = await kong.pass(everything);
    expect(result.outcome).toEqual({ state: 'applied', items: everything.map(({ id }) => ({ id, state: 'applied' })), leftovers: [] });
    expect((await kong.list('services')).map(nameOf)).toEqual(['stoa-orders']);
    expect((await kong.list('routes')).map(nameOf).sort()).toEqual([
      'stoa-orders.createOrder',
      'stoa-orders.getOrder',
      'stoa-orders.listOrders',
      'stoa-orders.~preflight',
    ]);
    expect((await kong.list('plugins')).map(nameOf).sort()).toEqual(['acl', 'cors', 'key-auth', 'rate-limiting']);
    expect((await kong.list('key-auths')).map(({ key }) => key)).toEqual(['the-agents-key']);
  });

  it('carries our tags on every object', async () => {
    await kong.pass(everything);
    for (const kind of ['services', 'routes', 'plugins', 'consumers', 'key-auths']) {
      for (const { tags } of await kong.list(kind)) {
        expect(tags).toEqual(
          expect.arrayContaining(['stoa-managed', `stoa-gateway:${gatewayId}`, expect.stringMatching(/^stoa-item:(api|consumer):/)]),
        );
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
    expect(written.every((line) => line.startsWith('PATCH /routes/'))).toBe(true);
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

describe('policies that Kong cannot express', () => {
  const narrow = policy('ninety', { kind: 'rate_limit', config: { limit: 5, window_s: 90 } }, orders);

  it('are rejected in phase render, and so is the API that must not run without them', async () => {
    const result = await kong.pass([orders, narrow]);
    expect(ackOf(result, narrow)).toEqual({
      id: narrow.id,
      state: 'rejected',
      phase: 'render',
      reason: 'The policy ninety limits over 90 s, and Kong counts only over 1, 60, 3600, 86400 s.',
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
    const limits = (await kong.list('plugins')).filter((plugin) => nameOf(plugin) === 'rate-limiting');
    expect(limits).toMatchObject([{ config: { minute: 7 } }]);
  });
});

it('keeps the configuration given to it unchanged', async () => {
  const given = config(everything);
  const before = JSON.stringify(given);
  await kong.pass(given.items);
  expect(JSON.stringify(given)).toBe(before);
});
