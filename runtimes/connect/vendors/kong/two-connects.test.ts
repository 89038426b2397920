import { afterEach, beforeEach, expect, it } from 'vitest';
import { api, consumer, idOf, keyAuth, operation } from '../../testing/config.ts';
import { ackOf, everything, nameOf, startKongBench } from '../../testing/kong-bench.ts';
import type { KongBench } from '../../testing/kong-bench.ts';

// Two STOA Connects, each for a gateway of its own, on one Kong.

let kong: KongBench;
let other: KongBench;
beforeEach(async () => {
  kong = await startKongBench();
  other = await startKongBench({ shared: kong.simulator, gatewayId: idOf('another gateway') });
});
afterEach(() => Promise.all([other.close(), kong.close()]));

const billing = api('billing', { operations: [operation('GET /bills')] });
const others = [billing, keyAuth(billing), consumer('robot', 'the-robots-key')];

it('each own what they made and nothing else', async () => {
  expect((await kong.pass(everything)).outcome.state).toBe('applied');
  expect((await other.pass(others)).outcome.state).toBe('applied');
  kong.writes();
  for (const result of [await kong.pass(everything), await other.pass(others)]) expect(result.drift).toEqual([]);
  expect(kong.writes()).toEqual([]);
  await kong.pass([]);
  expect((await kong.list('services')).map(nameOf)).toEqual(['stoa-billing']);
  expect(await kong.list('key-auths')).toHaveLength(1);
  expect(await kong.list('acls')).toHaveLength(1);
});

it('an API and a consumer of a name that the other has are rejected with the reason, and the rest is applied', async () => {
  await kong.pass(everything);
  const before = JSON.stringify(await Promise.all(['services', 'routes', 'consumers', 'key-auths'].map((kind) => kong.list(kind))));
  const [orders, , , , agent] = everything;
  const result = await other.pass([...(orders === undefined || agent === undefined ? [] : [orders, agent]), keyAuth(api('orders'))]);
  expect(ackOf(result, api('orders'))).toMatchObject({
    state: 'rejected',
    phase: 'render',
    reason: expect.stringContaining('is taken by route stoa-orders.listOrders, which STOA Connect did not make'),
  });
  expect(ackOf(result, consumer('agent'))).toMatchObject({
    state: 'rejected',
    phase: 'validate',
    reason: expect.stringContaining('holds the place of consumer stoa-agent'),
  });
  expect(JSON.stringify(await Promise.all(['services', 'routes', 'consumers', 'key-auths'].map((kind) => kong.list(kind))))).toBe(before);
});
