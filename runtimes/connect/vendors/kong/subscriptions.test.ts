import { startOrdersApi } from '@stoa/examples/orders/main.ts';
import type { OrdersApi } from '@stoa/examples/orders/main.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { api, closed, consumer, keyAuth, operation, perMinute, plan, planSubscription, subscription } from '../../testing/config.ts';
import { ackOf, startKongBench } from '../../testing/kong-bench.ts';
import type { KongBench } from '../../testing/kong-bench.ts';

// Who may call what on a Kong, through the simulator's proxy.

let kong: KongBench;
let upstream: OrdersApi;
let orders: ReturnType<typeof api>;
let status: ReturnType<typeof api>;
beforeEach(async () => {
  [kong, upstream] = await Promise.all([startKongBench(), startOrdersApi({ port: 0 })]);
  orders = closed(api('orders', { url: upstream.url }));
  status = closed(api('status', { url: upstream.url, operations: [operation('GET /openapi.yaml', 'document')] }));
});
afterEach(() => Promise.all([kong.close(), upstream.close()]));

const alice = consumer('alice', 'alices-key');
const bob = consumer('bob', 'bobs-key');
const statusFor = async (key: string, path = '/orders'): Promise<number> =>
  (await fetch(kong.simulator.proxyUrl + path, { headers: { 'x-api-key': key } })).status;
const keysThere = async (): Promise<unknown[]> => (await kong.list('key-auths')).map(({ key }) => key).sort();

it('a subscription opens the one API that it is to, to the one consumer that it is of', async () => {
  const items = [orders, status, keyAuth(orders, status), alice, bob, subscription(orders, alice), subscription(status, bob)];
  const { outcome } = await kong.pass(items);
  expect(outcome.state).toBe('applied');
  expect([await statusFor('alices-key'), await statusFor('alices-key', '/openapi.yaml')]).toEqual([200, 403]);
  expect([await statusFor('bobs-key'), await statusFor('bobs-key', '/openapi.yaml')]).toEqual([403, 200]);
  expect((await kong.pass(items)).writes).toEqual([]);
});

it('withdrawn, it is gone with the first write, and with the last one the key is too', async () => {
  const both = [subscription(orders, alice), subscription(status, alice)];
  const apis = [orders, status, keyAuth(orders, status), alice];
  await kong.pass([...apis, ...both]);
  kong.writes();
  await kong.pass([...apis, ...both.slice(1)]);
  expect(kong.writes()).toEqual([expect.stringMatching(/^DELETE \/acls\//)]);
  expect([await statusFor('alices-key'), await statusFor('alices-key', '/openapi.yaml')]).toEqual([403, 200]);
  await kong.pass(apis);
  expect(await keysThere()).toEqual([]);
});

it('an API that is open to all consumers and a closed one live on the same Kong', async () => {
  const open = { ...status, subscription_required: false };
  await kong.pass([orders, open, keyAuth(orders, open), alice, bob, subscription(orders, alice)]);
  expect([await statusFor('alices-key'), await statusFor('alices-key', '/openapi.yaml')]).toEqual([200, 200]);
  expect([await statusFor('bobs-key'), await statusFor('bobs-key', '/openapi.yaml')]).toEqual([403, 200]);
});

it('a plan without limits opens its APIs to its subscribers, beside their own subscriptions', async () => {
  const both = plan('both', [orders, status]);
  const items = [orders, status, keyAuth(orders, status), alice, bob, both, planSubscription(both, alice), subscription(orders, alice)];
  const { outcome } = await kong.pass(items);
  expect(outcome.state).toBe('applied');
  expect([await statusFor('alices-key'), await statusFor('alices-key', '/openapi.yaml')]).toEqual([200, 200]);
  expect(await statusFor('bobs-key')).toBe(401);
  expect((await kong.pass(items)).writes).toEqual([]);
});

it('a plan with limits is rejected with the reason, and its subscribers are let in to none of its APIs, whatever else lets them in', async () => {
  const open = { ...status, subscription_required: false };
  const gold = plan('gold', [orders, open], perMinute(5));
  const items = [orders, open, keyAuth(orders, open), alice, bob, gold, planSubscription(gold, alice), subscription(orders, alice)];
  const result = await kong.pass([...items, subscription(orders, bob)]);
  expect(ackOf(result, gold)).toMatchObject({ state: 'rejected', phase: 'render', reason: expect.stringMatching(/plan gold limits .*\(limit\)/) });
  expect([await statusFor('alices-key'), await statusFor('alices-key', '/openapi.yaml')]).toEqual([401, 401]);
  expect([await statusFor('bobs-key'), await statusFor('bobs-key', '/openapi.yaml')]).toEqual([200, 200]);
});

it('keys are written of those alone that may call', async () => {
  await kong.pass([orders, keyAuth(orders), alice, bob, subscription(orders, alice)]);
  expect(await keysThere()).toEqual(['alices-key']);
});

it('an API for subscribers is not served where no policy has Kong ask for a key', async () => {
  const result = await kong.pass([orders, alice, subscription(orders, alice)]);
  expect(ackOf(result, orders)).toMatchObject({
    state: 'rejected',
    phase: 'render',
    reason: expect.stringMatching(/api_key_auth.*Attach one, or set/),
  });
  expect(await kong.list('services')).toEqual([]);
  const before = { ...orders, subscription_required: false };
  await kong.pass([before]);
  expect(await statusFor('none')).toBe(200);
  await kong.pass([orders]);
  expect(await statusFor('none')).toBe(404);
});

it('an API that is closed keeps its subscribers throughout, and loses the others', async () => {
  const open = { ...orders, subscription_required: false };
  await kong.pass([open, keyAuth(open), alice, bob]);
  kong.writes();
  const items = [orders, keyAuth(orders), alice, bob, subscription(orders, alice)];
  await kong.pass(items);
  const writes = kong.writes().map((line) => line.replace(/[0-9a-f-]{36}$/, ''));
  // The key of whoever may call nothing any more, then the place among the subscribers, then the guard, then what has lost its meaning.
  const cleanUp = ['DELETE /acls/', 'DELETE /acls/', 'DELETE /consumers/'];
  expect(writes).toEqual(['DELETE /key-auths/', 'PUT /acls/', 'PATCH /plugins/', ...cleanUp]);
  expect([await statusFor('alices-key'), await statusFor('bobs-key')]).toEqual([200, 401]);
  expect((await kong.pass(items)).writes).toEqual([]);
});

it('an API that cannot be closed to the others is taken out of service until it can', async () => {
  const open = { ...orders, subscription_required: false };
  await kong.pass([open, keyAuth(open), alice, bob]);
  kong.simulator.failNext({ method: 'write', path: /^\/plugins\//, status: 500 });
  const items = [orders, keyAuth(orders), alice, bob, subscription(orders, alice)];
  expect(ackOf(await kong.pass(items), orders)).toMatchObject({ state: 'rejected', phase: 'apply' });
  expect(await statusFor('bobs-key')).not.toBe(200);
  expect((await kong.pass(items)).outcome.state).toBe('applied');
  expect([await statusFor('alices-key'), await statusFor('bobs-key')]).toEqual([200, 401]);
});

it('an API of the same name does not inherit the subscribers of the one before it', async () => {
  await kong.pass([orders, keyAuth(orders), alice, subscription(orders, alice)]);
  const again = { ...orders, id: 'api:7b0c5d0e-1111-4222-8333-444455556666', api_id: '7b0c5d0e-1111-4222-8333-444455556666' };
  await kong.pass([again, keyAuth(again), alice, bob, subscription(again, bob)]);
  expect([await statusFor('alices-key'), await statusFor('bobs-key')]).toEqual([401, 200]);
});
