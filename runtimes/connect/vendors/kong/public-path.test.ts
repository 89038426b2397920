import { createServer } from 'node:http';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { api, cors, keyAuth, operation, policy } from '../../testing/config.ts';
import { ackOf, startKongBench } from '../../testing/kong-bench.ts';
import type { KongBench } from '../../testing/kong-bench.ts';

// Two APIs with the same paths on one gateway, by what their deployments say. Upstreams answer the path that they are sent.

let kong: KongBench;
const upstream = createServer((request, response) => void response.setHeader('x-from', 'upstream').end(`${request.method} ${request.url}`));
let url: string;
beforeAll(async () => void (url = await listen(upstream, { host: '127.0.0.1', port: 0 })));
afterAll(() => closeGracefully(upstream, 0));
beforeEach(async () => {
  kong = await startKongBench();
});
afterEach(() => kong.close());

const operations = [operation('GET /orders', 'list'), operation('GET /orders/{id}', 'get')];
const at = (name: string, public_path: { prefix?: string; host?: string; strip?: boolean }, base = '') =>
  api(name, { url: url + base, operations, changes: { public_path } });
async function call(path: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(kong.simulator.proxyUrl + path, { headers });
  return response.headers.has('x-from') ? response.text() : String(response.status);
}

it('two APIs on one gateway share a path: each below a prefix that its upstream does not see', async () => {
  const [shop, stock] = [at('shop', { prefix: '/shop' }), at('stock', { prefix: '/v2/stock.eu' }, '/api/v1')];
  expect((await kong.pass([shop, stock])).outcome.state).toBe('applied');
  expect(await call('/shop/orders?limit=1')).toBe('GET /orders?limit=1');
  expect(await call('/shop/orders/7')).toBe('GET /orders/7');
  expect(await call('/v2/stock.eu/orders/7')).toBe('GET /api/v1/orders/7');
  for (const path of ['/orders', '/api/v1/orders', '/v2/stockXeu/orders', '/shop', '/shop/', '/shop/other', '/shop/orders/7/8'])
    expect(await call(path)).toBe('404');
  kong.writes();
  const again = await kong.pass([shop, stock]);
  expect([again.writes, again.drift, kong.writes()]).toEqual([[], [], []]);
});

it('what a path parameter holds reaches the upstream as it was escaped, behind the path of the upstream', async () => {
  await kong.pass([at('shop', { prefix: '/shop' }, '/v1')]);
  expect(await call('/shop/orders/a%2Fb%20c%25')).toBe('GET /v1/orders/a%2Fb%20c%25');
  expect(await call('/shop/orders/..%2F..%2Fadmin')).toBe('GET /v1/orders/..%2F..%2Fadmin');
  expect(await call('/shop/orders/%0D%0AX-Evil:1')).toBe('GET /v1/orders/%0D%0AX-Evil:1');
});

it('a prefix that is kept is sent on, behind the path of the upstream', async () => {
  await kong.pass([at('plain', { prefix: '/shop', strip: false }), at('based', { prefix: '/stock', strip: false }, '/v1')]);
  expect(await call('/shop/orders/7')).toBe('GET /shop/orders/7');
  expect(await call('/stock/orders/7')).toBe('GET /v1/stock/orders/7');
});

it('two APIs share a path at hosts of their own, and one without a host has the others', async () => {
  const all = [at('eu', { host: 'eu.example.com' }, '/eu'), at('us', { host: 'us.example.com', prefix: '/eu' }, '/us')];
  expect((await kong.pass(all)).outcome.state).toBe('applied');
  const hosts = (await kong.list('routes')).map((route) => route['hosts']);
  expect(new Set(hosts.map(String))).toEqual(new Set(['eu.example.com', 'us.example.com']));
  expect(await call('/eu/orders')).toBe('404');
});

it('a conflict rejects the operation, and not the API: at one prefix and host, and not at others', async () => {
  const first = at('first', { prefix: '/shop' });
  const [own, shared] = [operation('GET /own', 'own'), operation('GET /orders', 'shared')];
  const second = api('second', { url, operations: [own, shared], changes: { public_path: { prefix: '/shop' } } });
  await kong.pass([first]);
  expect(ackOf(await kong.pass([first, second]), second)).toMatchObject({
    state: 'applied_with_warnings',
    reason: expect.stringContaining('Operation shared is not exposed: GET /shop/orders is taken by the API first'),
  });
  expect(await call('/shop/own')).toBe('GET /own');
  const elsewhere = { ...second, public_path: { prefix: '/shop', host: 'second.example.com' } };
  expect(ackOf(await kong.pass([first, elsewhere]), second)).toMatchObject({ state: 'applied' });
});

it('a route of somebody else at the same path counts at its own hosts alone', async () => {
  await kong.admin('PUT', '/services/theirs', { url: 'http://theirs.example.com' });
  await kong.admin('PUT', '/services/theirs/routes/their-route', { paths: ['/shop/orders'], hosts: ['Eu.example.com'] });
  const here = at('here', { prefix: '/shop', host: 'eu.example.com' });
  expect(ackOf(await kong.pass([here]), here)).toMatchObject({
    reason: expect.stringContaining('GET eu.example.com/shop/orders is taken by route their-route'),
  });
  const there = at('there', { prefix: '/shop', host: 'us.example.com' });
  expect(ackOf(await kong.pass([there]), there)).toMatchObject({ state: 'applied' });
});

it('a browser asks before it calls at the public path', async () => {
  const shop = at('shop', { prefix: '/shop' });
  await kong.pass([shop, cors(shop), keyAuth(shop)]);
  const headers = { origin: 'https://app.example.com', 'access-control-request-method': 'GET' };
  const asked = await fetch(`${kong.simulator.proxyUrl}/shop/orders`, { method: 'OPTIONS', headers });
  expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([200, 'https://app.example.com']);
});

it('while the path changes, nothing reaches the upstream at a path that nobody exposed', async () => {
  const plain = api('shop', { url, operations });
  await kong.pass([plain]);
  // The plugin is in force and the routes are not: what they take goes nowhere.
  kong.simulator.failNext({ method: 'PATCH', path: /^\/routes\//, status: 500 });
  await kong.pass([at('shop', { prefix: '/shop' }, '/admin')]);
  const answers = await Promise.all(['/orders', '/orders/7', '/shop/orders', '/shop/orders/7'].map((path) => call(path)));
  for (const answer of answers) expect(['404', '500', '502', '503', 'GET /admin/orders', 'GET /admin/orders/7']).toContain(answer);
  expect((await kong.pass([at('shop', { prefix: '/shop' })])).outcome.state).toBe('applied');
  expect(await call('/shop/orders')).toBe('GET /orders');
  expect((await kong.pass([plain])).outcome.state).toBe('applied');
  expect(await call('/orders')).toBe('GET /orders');
  expect(await kong.list('plugins')).toEqual([]);
});

it('a path of the upstream, or a value of a header, that Kong would run as a program is rejected with the reason', async () => {
  const shop = at('shop', { prefix: '/shop' }, '/$(x)');
  expect(ackOf(await kong.pass([shop]), shop)).toMatchObject({ state: 'rejected', reason: expect.stringContaining('would run as a program') });
  const plain = api('plain', { url, operations });
  const headers = policy('headers', { kind: 'headers', config: { request: { set: { 'X-A': '$(x)' } } } }, plain);
  expect(ackOf(await kong.pass([plain, headers]), headers)).toMatchObject({ state: 'rejected', reason: expect.stringContaining('with $(') });
  expect(await kong.list('services')).toEqual([]);
});
