import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { api, operation, perMinute } from '../../testing/config.ts';
import { ackOf, everything, nameOf, orders, startKongBench } from '../../testing/kong-bench.ts';
import type { KongBench } from '../../testing/kong-bench.ts';

let kong: KongBench;
beforeEach(async () => {
  kong = await startKongBench();
});
afterEach(() => kong.close());

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

  it('policies stay in force while a route that could not be deleted leads to the API', async () => {
    await kong.pass(everything);
    const routes = await kong.list('routes');
    kong.simulator.failNext({ method: 'DELETE', path: /^\/routes\//, status: 500, times: routes.length });
    const result = await kong.pass([]);
    expect(result.outcome.state).toBe('applied_with_warnings');
    expect((await kong.list('plugins')).map(nameOf).sort()).toEqual(['acl', 'cors', 'key-auth', 'rate-limiting']);
    await kong.pass([]);
    expect(await kong.list('plugins')).toEqual([]);
  });

  it('survives an HTML error page', async () => {
    kong.simulator.failNext({ method: 'PUT', path: /^\/services\//, status: 502, body: '<html><h1>Bad Gateway</h1></html>' });
    const result = await kong.pass([orders]);
    expect(ackOf(result, orders)).toMatchObject({ state: 'rejected', phase: 'apply', reason: 'service stoa-orders: Kong answered 502.' });
  });

  it('an answer that was lost after the write is found to be applied when read back', async () => {
    kong.simulator.failNext({ method: 'PUT', path: /^\/routes\//, applied: true });
    const result = await kong.pass([orders]);
    expect(result.retry).toBe(true);
    expect((await kong.pass([orders])).outcome.state).toBe('applied');
  });

  it('lessons 12 and 18: what does not read back as written is not called applied', async () => {
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
    [
      'a data plane, which nobody but its control plane configures,',
      { version: '3.9.3', configuration: { database: 'off', role: 'data_plane' } },
      'is a data plane',
    ],
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
