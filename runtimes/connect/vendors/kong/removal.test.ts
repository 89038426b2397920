import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { api, consumer, operation, orderOperations } from '../../testing/config.ts';
import { everything, nameOf, orders, startKongBench } from '../../testing/kong-bench.ts';
import type { KongBench } from '../../testing/kong-bench.ts';

let kong: KongBench;
beforeEach(async () => {
  kong = await startKongBench();
});
afterEach(() => kong.close());

describe('removal', () => {
  it('lesson 16: the last route can be removed, and one operation does not take the others with it', async () => {
    await kong.pass([orders]);
    await kong.pass([api('orders', { operations: orderOperations.slice(0, 1) })]);
    expect((await kong.list('routes')).map(nameOf)).toEqual(['stoa-orders.listOrders']);
    const result = await kong.pass([api('orders', { operations: [] })]);
    expect(await kong.list('routes')).toEqual([]);
    expect(result.outcome.state).toBe('applied');
  });

  it('lesson 16: an undeployed API is gone with its plugins, and another stays', async () => {
    const billing = api('billing', { operations: [operation('GET /bills')] });
    await kong.pass([...everything, billing]);
    const result = await kong.pass([billing]);
    expect(result.outcome).toEqual({ state: 'applied', items: [{ id: billing.id, state: 'applied' }], leftovers: [] });
    expect((await kong.list('services')).map(nameOf)).toEqual(['stoa-billing']);
    expect(await kong.list('plugins')).toEqual([]);
    expect(await kong.list('consumers')).toEqual([]);
    expect(await kong.list('key-auths')).toEqual([]);
  });

  it('says what is left when a foreign route keeps a service from being deleted', async () => {
    await kong.pass([orders]);
    await kong.admin('PUT', '/services/stoa-orders/routes/their-route', { paths: ['/theirs'] });
    const result = await kong.pass([]);
    expect(result.outcome.state).toBe('applied_with_warnings');
    expect(result.outcome.leftovers).toEqual([expect.stringMatching(/^service stoa-orders is no longer desired and cannot go/)]);
    expect((await kong.list('routes')).map(nameOf)).toEqual(['their-route']);
  });

  it('takes a revoked key away even when somebody took its tags away first', async () => {
    await kong.pass(everything);
    const [credential] = await kong.list('key-auths');
    await kong.admin('PATCH', `/key-auths/${String(credential?.['id'])}`, { tags: null });
    await kong.pass([...everything.slice(0, -1), consumer('agent')]);
    expect(await kong.list('key-auths')).toEqual([]);
  });
});
