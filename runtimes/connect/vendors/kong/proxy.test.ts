import { createServer } from 'node:http';
import { startOrdersApi } from '@stoa/examples/orders/main.ts';
import type { OrdersApi } from '@stoa/examples/orders/main.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { api, consumer, cors, keyAuth, operation, orderOperations, perMinute } from '../../testing/config.ts';
import { startKongBench } from '../../testing/kong-bench.ts';
import type { KongBench } from '../../testing/kong-bench.ts';
import { askAsWritten } from '../../testing/written.ts';

// What callers of the third-party gateway see, through the simulator's proxy, in front of the real orders API.

let kong: KongBench;
let upstream: OrdersApi;
beforeEach(async () => {
  [kong, upstream] = await Promise.all([startKongBench(), startOrdersApi({ port: 0 })]);
});
afterEach(() => Promise.all([kong.close(), upstream.close()]));

const call = (path: string, init: RequestInit = {}): Promise<Response> => fetch(kong.simulator.proxyUrl + path, init);
const withKey = (key: string): RequestInit => ({ headers: { 'x-api-key': key } });

it('serves the orders API under the same paths as the upstream', async () => {
  const orders = api('orders', { url: upstream.url });
  expect((await kong.pass([orders])).outcome.state).toBe('applied');
  const direct = (await (await fetch(`${upstream.url}/orders?limit=1`)).json()) as { data: { id: string }[] };
  expect(await (await call('/orders?limit=1')).json()).toEqual(direct);
  const [first] = direct.data;
  expect(await (await call(`/orders/${first?.id}`)).json()).toMatchObject({ id: first?.id });
});

it('serves an upstream with a base path under that path', async () => {
  const orders = api('orders', { url: `${upstream.url}/orders`, operations: [operation('GET /{order_id}', 'getOrder')] });
  await kong.pass([orders]);
  expect((await call('/orders/no-such-order')).headers.get('content-type')).toContain('json');
  expect((await call('/no-such-order')).status).toBe(404);
});

it('lets through only what the API has: no other method, no longer path', async () => {
  await kong.pass([api('orders', { url: upstream.url, operations: orderOperations.slice(0, 1) })]);
  expect((await call('/orders')).status).toBe(200);
  expect((await call('/orders', { method: 'DELETE' })).status).toBe(404);
  expect((await call('/orders/1')).status).toBe(404);
  expect((await call('/ordersX')).status).toBe(404);
});

it('asks for a key, takes only a valid one, and refuses it once it was revoked', async () => {
  const orders = api('orders', { url: upstream.url });
  await kong.pass([orders, keyAuth(orders), consumer('agent', 'the-agents-key')]);
  expect((await call('/orders')).status).toBe(401);
  expect((await call('/orders', withKey('a-wrong-key'))).status).toBe(401);
  expect((await call('/orders?X-API-Key=the-agents-key')).status).toBe(401);
  expect((await call('/orders', withKey('the-agents-key'))).status).toBe(200);
  await kong.pass([orders, keyAuth(orders), consumer('agent', 'another-key')]);
  expect((await call('/orders', withKey('the-agents-key'))).status).toBe(401);
  expect((await call('/orders', withKey('another-key'))).status).toBe(200);
});

it('limits each consumer by itself and says 429', async () => {
  const orders = api('orders', { url: upstream.url });
  await kong.pass([orders, keyAuth(orders), perMinute(2, orders), consumer('one', 'key-one'), consumer('two', 'key-two')]);
  const statuses: number[] = [];
  // Kong counts by the clock's minute, which may turn once during the test: five calls pass two limits of two.
  for (let index = 0; index < 5; index += 1) statuses.push((await call('/orders', withKey('key-one'))).status);
  expect(statuses).toContain(429);
  expect((await call('/orders', withKey('key-two'))).status).toBe(200);
});

it("answers browsers' preflights, without a key, and only those", async () => {
  const orders = api('orders', { url: upstream.url });
  await kong.pass([orders, keyAuth(orders), cors(orders), consumer('agent', 'the-agents-key')]);
  const preflight = { origin: 'https://app.example.com', 'access-control-request-method': 'POST' };
  const answer = await call('/orders', { method: 'OPTIONS', headers: preflight });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
  expect(answer.headers.get('access-control-allow-methods')).toBe('GET,POST');
  expect((await call('/orders/1', { method: 'OPTIONS', headers: preflight })).status).toBe(200);
  expect((await call('/orders', { method: 'OPTIONS' })).status).toBe(404);
  const actual = await call('/orders', { headers: { origin: 'https://app.example.com', 'x-api-key': 'the-agents-key' } });
  expect(actual.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
});

it('prefers a literal path to a template that would swallow it', async () => {
  const operations = [operation('GET /orders/{order_id}', 'getOrder'), operation('GET /orders/latest', 'latest')];
  await kong.pass([api('orders', { url: upstream.url, operations })]);
  const routes = await kong.list('routes');
  const latest = routes.find(({ name }) => name === 'stoa-orders.latest');
  await kong.admin('POST', `/routes/${String(latest?.['id'])}/plugins`, { name: 'request-termination', config: { status_code: 418 } });
  expect((await call('/orders/latest')).status).toBe(418);
  expect((await call('/orders/7')).status).not.toBe(418);
});

it('the upstream is sent the path that Kong decided on, and none in which it would read another operation', async () => {
  const echo = createServer((request, response) => response.end(request.url));
  const url = await listen(echo, { host: '127.0.0.1', port: 0 });
  const operations = [operation('GET /orders/{order_id}', 'getOrder'), operation('GET /orders/{order_id}/items', 'items')];
  await kong.pass([api('orders', { url, operations })]);
  const sent = async (path: string): Promise<string> => {
    const { status, text } = await askAsWritten(kong.simulator.proxyUrl, path);
    return status === 200 ? text : String(status);
  };
  expect(await sent('/admin/%2e%2e/orders/7')).toBe('/orders/7');
  expect(await sent('/orders//./x/../7')).toBe('/orders/7');
  expect(await sent('/orders/a%2fb')).toBe('/orders/a%2Fb');
  expect(await sent('/orders/..%5Cadmin')).toBe('/orders/..%5Cadmin');
  expect(await sent('/orders/7/../../admin')).toBe('404');
  // Kong sends a number sign as it came, and many take it for the end of a path.
  expect(await sent('/orders/7#/items')).toBe('404');
  await closeGracefully(echo, 0);
});

it('serves nothing of an API any more once it was undeployed', async () => {
  const orders = api('orders', { url: upstream.url });
  await kong.pass([orders]);
  expect((await call('/orders')).status).toBe(200);
  await kong.pass([]);
  expect((await call('/orders')).status).toBe(404);
});

it('answers nobody whose key is for another API of the same Kong, and nothing while the API is closed', async () => {
  const orders = api('orders', { url: upstream.url });
  await kong.pass([orders, keyAuth(orders), consumer('agent', 'the-agents-key')]);
  await kong.admin('PUT', '/consumers/alice', {});
  await kong.admin('POST', '/consumers/alice/key-auth', { key: 'alices-key' });
  expect((await call('/orders', withKey('alices-key'))).status).toBe(403);
  expect((await call('/orders', withKey('the-agents-key'))).status).toBe(200);
  await kong.admin('PATCH', '/services/stoa-orders', { enabled: false });
  expect((await call('/orders', withKey('the-agents-key'))).status).toBe(404);
});
