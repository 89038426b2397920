import { startKongSimulator } from '@stoa/examples/kong-simulator/main.ts';
import type { ConfigItem } from '@stoa/generated/schemas.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { connectTo } from '../laws/run.ts';
import { api, closed, consumer, keyAuth, operation, perMinute, subscription } from '../testing/config.ts';
import { createKongAdapter } from '../vendors/kong/adapter.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

it('of many APIs the one that changed is read, transformed, planned and written, and nothing else', async () => {
  const kong = await startKongSimulator({ adminPort: 0, proxyPort: 0 });
  const adapter = createKongAdapter({ url: kong.adminUrl });
  const transformed: string[] = [];
  const { transform } = adapter;
  const counting = {
    ...transform,
    api: (gateway: string, intent: Parameters<typeof transform.api>[1]) => (transformed.push(intent.api.name), transform.api(gateway, intent)),
  };
  const planned: string[][] = [];
  const connect = connectTo({
    ...adapter,
    transform: counting,
    plan: (input) => (planned.push([...new Set(input.desired.map(({ owner }) => owner))]), adapter.plan(input as Parameters<typeof adapter.plan>[0])),
  });
  const apis = Array.from({ length: 30 }, (_, number) => api(`api-${number}`, { operations: [operation(`GET /api-${number}`, 'read')] }));
  const policies = [keyAuth(...apis), perMinute(10, ...apis)];
  await connect.pass([...apis, ...policies]);
  expect(transformed).toHaveLength(30);
  transformed.length = 0;
  planned.length = 0;
  kong.exchanges.length = 0;

  const changed = api('api-7', { url: 'http://elsewhere.example.com', operations: [operation('GET /api-7', 'read')] });
  const after = [...apis.map((one) => (one.id === changed.id ? changed : one)), ...policies];
  const result = await connect.pass(after, { byDifference: true });
  expect(result.outcome.items.filter(({ state }) => state === 'rejected')).toEqual([]);
  expect(transformed).toEqual(['api-7']);
  expect(planned).toEqual([[changed.id], [changed.id]]);
  // One service, read before and after: no listing, and nothing of another API.
  expect(kong.exchanges.map(({ method, path }) => `${method} ${path.replace(/[0-9a-f-]{36}/, 'id')}`)).toEqual([
    'GET /services/id',
    'PATCH /services/id',
    'GET /services/id',
  ]);

  kong.exchanges.length = 0;
  await connect.pass(after, { byDifference: true });
  expect([transformed, kong.exchanges]).toEqual([['api-7'], []]);
  adapter.close();
  await kong.close();
});

describe('a change of one item', () => {
  const bench = async () => {
    const kong = await startKongSimulator({ adminPort: 0, proxyPort: 0 });
    const adapter = createKongAdapter({ url: kong.adminUrl });
    closers.push(
      () => kong.close(),
      () => adapter.close(),
    );
    const call = (method: string, path: string, body: unknown) =>
      fetch(kong.adminUrl + path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
    return { kong, call, connect: connectTo(adapter) };
  };
  const [orders, stock] = [api('orders'), api('stock', { operations: [operation('GET /stock', 'list')] })];
  const elsewhere = api('stock', { operations: [operation('GET /stock', 'list')], url: 'http://elsewhere.example.com' });

  it('tells again what stands in the way of another, for as long as it does', async () => {
    const { call, connect } = await bench();
    await call('POST', '/services', { name: 'stoa-orders', url: 'http://somebody.example.com' });
    const rejectedIn = async (...items: ConfigItem[]) =>
      (await connect.pass(items, { byDifference: true })).outcome.items.filter(({ state }) => state === 'rejected').map(({ id }) => id);
    expect(await rejectedIn(orders, stock)).toEqual([orders.id]);
    expect(await rejectedIn(orders, elsewhere)).toEqual([orders.id]);
  });

  it('leaves the drift of another to the next look at everything, which finds it', async () => {
    const { kong, call, connect } = await bench();
    await connect.pass([orders, stock]);
    await call('PATCH', '/services/stoa-orders', { host: 'somebody.example.com' });
    kong.exchanges.length = 0;
    expect((await connect.pass([orders, elsewhere], { byDifference: true })).drift).toEqual([]);
    expect((await connect.pass([orders, elsewhere])).drift).toMatchObject([{ object: 'service stoa-orders', kind: 'changed' }]);
  });

  it('takes a subscription away before anything else is written, though the API that it is for stays as it is', async () => {
    const { kong, connect } = await bench();
    const agent = consumer('agent', 'the-agents-key');
    const [guarded, store] = [closed(orders), closed(api('store', { operations: [operation('GET /store', 'list')] }))];
    const stays = [guarded, store, keyAuth(guarded, store), agent, subscription(store, agent)];
    await connect.pass([...stays, stock, subscription(guarded, agent)]);
    kong.exchanges.length = 0;
    await connect.pass([...stays, elsewhere], { byDifference: true });
    const writes = kong.exchanges.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path.split('/')[1]}`);
    expect(writes[0]).toBe('DELETE acls');
    expect(writes.at(-1)).toBe('PATCH services');
  });
});
