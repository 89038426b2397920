import { startKongSimulator } from '@stoa/examples/kong-simulator/main.ts';
import { expect, it } from 'vitest';
import { connectTo } from '../laws/run.ts';
import { api, keyAuth, operation, perMinute } from '../testing/config.ts';
import { createKongAdapter } from '../vendors/kong/adapter.ts';

it('of many APIs the one that changed is read, transformed and written, and nothing else', async () => {
  const kong = await startKongSimulator({ adminPort: 0, proxyPort: 0 });
  const adapter = createKongAdapter({ url: kong.adminUrl });
  const transformed: string[] = [];
  const { transform } = adapter;
  const counting = {
    ...transform,
    api: (gateway: string, intent: Parameters<typeof transform.api>[1]) => (transformed.push(intent.api.name), transform.api(gateway, intent)),
  };
  const connect = connectTo({ ...adapter, transform: counting });
  const apis = Array.from({ length: 30 }, (_, number) => api(`api-${number}`, { operations: [operation(`GET /api-${number}`, 'read')] }));
  const policies = [keyAuth(...apis), perMinute(10, ...apis)];
  await connect.pass([...apis, ...policies]);
  expect(transformed).toHaveLength(30);
  transformed.length = 0;
  kong.exchanges.length = 0;

  const changed = api('api-7', { url: 'http://elsewhere.example.com', operations: [operation('GET /api-7', 'read')] });
  const after = [...apis.map((one) => (one.id === changed.id ? changed : one)), ...policies];
  const result = await connect.pass(after, { byDifference: true });
  expect(result.outcome.items.filter(({ state }) => state === 'rejected')).toEqual([]);
  expect(transformed).toEqual(['api-7']);
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
