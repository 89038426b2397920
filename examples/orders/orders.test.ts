import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type OrdersApi, startOrdersApi } from './main.ts';

let api: OrdersApi;
beforeEach(async () => void (api = await startOrdersApi({ port: 0 })));
afterEach(() => api.close());

type Json = Record<string, unknown>;
async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const init =
    body === undefined ? { method, headers } : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } };
  const response = await fetch(api.url + path, init);
  const text = await response.text();
  return { status: response.status, type: response.headers.get('content-type'), body: (text === '' ? {} : JSON.parse(text)) as Json };
}
const tea = { customer: 'Test', items: [{ sku: 'TEA', quantity: 2, unit_price_cents: 300 }] };

it('lists orders from the newest, filtered by status and cut at the limit', async () => {
  const all = (await call('GET', '/orders')).body['data'] as Json[];
  const dates = all.map((order) => String(order['created_at']));
  expect(dates).toEqual(dates.toSorted().reverse());
  expect((await call('GET', '/orders?limit=2')).body['data']).toHaveLength(2);
  const paid = (await call('GET', '/orders?status=paid')).body['data'] as Json[];
  expect(new Set(paid.map((order) => order['status']))).toEqual(new Set(['paid']));
});

it('moves an order along one state at a time, and cancels it only before it is shipped', async () => {
  const { body: order } = await call('POST', '/orders', tea);
  expect(order).toMatchObject({ status: 'pending', total_cents: 600 });
  const path = `/orders/${String(order['id'])}`;
  expect((await call('PATCH', path, { status: 'shipped' })).status).toBe(409);
  expect((await call('PATCH', path, { status: 'paid' })).body).toMatchObject({ status: 'paid' });
  expect((await call('DELETE', path)).status).toBe(204);
  expect((await call('DELETE', path)).status).toBe(204);
  expect((await call('GET', path)).body).toMatchObject({ status: 'cancelled' });
  expect((await call('GET', `${path}/items`)).body).toEqual({ data: tea.items });
  expect((await call('DELETE', '/orders/ord_1002')).status).toBe(409);
});

it('creates one order for one Idempotency-Key', async () => {
  const key = { 'idempotency-key': 'k-1' };
  const first = await call('POST', '/orders', tea, key);
  expect(await call('POST', '/orders', tea, key)).toEqual(first);
  expect((await call('POST', '/orders', { ...tea, customer: 'Other' }, key)).status).toBe(409);
});

it.each([
  ['GET', '/orders?limit=0', undefined, 400, 'limit'],
  ['GET', '/orders?status=lost', undefined, 400, 'status'],
  ['GET', '/orders/ord_1', undefined, 404, 'ord_1'],
  ['PUT', '/orders', {}, 405, 'GET, POST'],
  ['GET', '/nothing', undefined, 404, '/nothing'],
  ['POST', '/orders', { customer: '' }, 400, 'customer'],
  ['POST', '/orders', { ...tea, items: [{ sku: 'x', quantity: 0, unit_price_cents: 1 }] }, 400, 'items[0].quantity'],
  ['POST', '/orders', { ...tea, total: 1 }, 400, 'total'],
  ['POST', '/orders', { ...tea, customer: 'x'.repeat(70_000) }, 413, 'bytes'],
])('refuses %s %s with a problem that says what is wrong', async (method, path, body, status, named) => {
  const answer = await call(method, path, body);
  expect(answer).toMatchObject({ status, type: 'application/problem+json', body: { status } });
  expect(answer.body['detail']).toContain(named);
});

it('serves its own document, in which every operation is one that it answers', async () => {
  const document = parse(await (await fetch(`${api.url}/openapi.yaml`)).text()) as { info: Json; servers: Json[]; paths: Record<string, Json> };
  expect(document.servers[0]!['url']).toBe('http://127.0.0.1:8084');
  expect(document.info['description']).toContain('example data');
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of Object.keys(item).filter((name) => name !== 'parameters')) {
      const { status } = await call(
        method.toUpperCase(),
        path.replace('{orderId}', 'ord_1004'),
        method === 'get' || method === 'delete' ? undefined : {},
      );
      expect([200, 204, 400], `${method} ${path}`).toContain(status);
    }
  }
});

it('explains itself with --help', () => {
  const main = new URL('./main.ts', import.meta.url).pathname;
  expect(execFileSync(process.execPath, [main, '--help'], { encoding: 'utf8' })).toContain('ORDERS_PORT');
});
