import { afterEach, beforeEach, expect, it } from 'vitest';
import { api, cors, keyAuth, operation, perMinute, policy } from '../testing/config.ts';
import { everything, orders, startKongBench } from '../testing/kong-bench.ts';
import type { KongBench } from '../testing/kong-bench.ts';
import { plannedWrite } from './rehearse.ts';

let kong: KongBench;
beforeEach(async () => {
  kong = await startKongBench();
});
afterEach(() => kong.close());

it('a dry run tells in order what a pass then writes, and writes nothing itself', async () => {
  const told = await kong.rehearse(everything);
  expect(kong.writes()).toEqual([]);
  const { writes } = await kong.pass(everything);
  expect(told.changes.map(plannedWrite)).toEqual(writes.map(plannedWrite));
  expect(told.outcome).toEqual({ state: 'applied', items: everything.map(({ id }) => ({ id, state: 'applied' })), leftovers: [] });
  expect((await kong.rehearse(everything)).changes).toEqual([]);
});

it('a dry run tells what cannot be expressed and why, and no secret', async () => {
  const tokens = policy('t', { kind: 'jwt_auth', config: { issuer: 'https://id.example.com', audience: ['a'] } }, orders);
  const { outcome, changes } = await kong.rehearse([orders, tokens, perMinute(5, orders)]);
  expect(outcome.items).toMatchObject([
    { id: orders.id, state: 'rejected', reason: expect.stringContaining('jwt_auth') },
    { id: tokens.id, state: 'rejected', reason: expect.stringContaining('checks no audience') },
    { state: 'applied_with_warnings' },
  ]);
  expect(changes).toEqual([]);
  await kong.pass(everything);
  const told = (await kong.rehearse([orders, keyAuth(orders), cors(orders)])).changes.map(plannedWrite);
  expect(told.map(({ action, object }) => `${action} ${object}`)).toContain('delete plugin rate-limiting');
  expect(JSON.stringify(told)).not.toContain('the-agents-key');
});

it('a dry run goes by what is there now, and tells what else would be repaired', async () => {
  await kong.pass(everything);
  await kong.admin('PATCH', '/services/stoa-orders', { host: 'elsewhere.example' });
  const other = api('other', { operations: [operation('GET /other')] });
  const { changes, outcome } = await kong.rehearse([...everything, other]);
  expect(changes.map(plannedWrite)).toContainEqual({
    action: 'patch',
    object: 'service stoa-orders',
    detail: 'host: elsewhere.example → 127.0.0.1',
    item_id: orders.id,
  });
  expect(outcome.items.at(-1)).toMatchObject({ id: other.id, state: 'applied' });
});

it('a dry run says that nothing is known where the gateway cannot be read', async () => {
  kong.simulator.failNext({ method: 'GET', path: /.*/, status: 503 });
  const told = await kong.rehearse(everything);
  expect(told).toMatchObject({ changes: [], unavailable: expect.any(String) });
});
