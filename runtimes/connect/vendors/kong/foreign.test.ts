import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { api, consumer, keyAuth, operation, perMinute } from '../../testing/config.ts';
import { ackOf, everything, orders, startKongBench } from '../../testing/kong-bench.ts';
import type { KongBench } from '../../testing/kong-bench.ts';

let kong: KongBench;
beforeEach(async () => {
  kong = await startKongBench();
});
afterEach(() => kong.close());

describe('what is not ours', () => {
  async function makeForeignObjects(): Promise<void> {
    await kong.admin('PUT', '/services/theirs', { url: 'http://theirs.example.com/base', tags: ['team-a'] });
    await kong.admin('PUT', '/services/theirs/routes/their-route', { paths: ['/theirs'] });
    await kong.admin('POST', '/services/theirs/plugins', { name: 'rate-limiting', config: { minute: 3 } });
    await kong.admin('POST', '/plugins', { name: 'prometheus' });
    await kong.admin('PUT', '/consumers/alice', { custom_id: 'a-1' });
    await kong.admin('POST', '/consumers/alice/key-auth', { key: 'alices-key' });
    // Another STOA Connect on the same Kong.
    await kong.admin('PUT', '/services/stoa-billing', { url: 'http://b', tags: ['stoa-managed', 'stoa-gateway:other', 'stoa-item:api:x'] });
  }
  const everythingThere = async (): Promise<string> =>
    JSON.stringify(await Promise.all(['services', 'routes', 'plugins', 'consumers', 'key-auths'].map((kind) => kong.list(kind))));

  it('stays untouched byte for byte while ours comes, changes and goes', async () => {
    await makeForeignObjects();
    const before = await everythingThere();
    await kong.pass(everything);
    await kong.pass([api('orders', { url: 'http://elsewhere.example.com' }), ...everything.slice(1)]);
    await kong.pass([]);
    expect(await everythingThere()).toBe(before);
  });

  it('is not overwritten where it holds our name: the item is rejected with the reason, and others go on', async () => {
    await kong.admin('PUT', '/services/stoa-orders', { url: 'http://theirs.example.com' });
    const before = await kong.list('services');
    const billing = api('billing', { operations: [operation('GET /bills')] });
    const result = await kong.pass([orders, billing]);
    expect(ackOf(result, orders)).toEqual({
      id: orders.id,
      state: 'rejected',
      phase: 'validate',
      reason: expect.stringMatching(/service stoa-orders .* is not managed by this STOA Connect/),
    });
    expect(ackOf(result, billing)).toEqual({ id: billing.id, state: 'applied' });
    expect(result.outcome.state).toBe('applied_with_warnings');
    expect((await kong.list('services')).filter(({ tags }) => tags === null)).toEqual(before);
  });

  it('lesson 15: a second plugin is not posted over a foreign one; the API is taken out, for it may not run without its policy', async () => {
    await kong.pass([orders]);
    const [service] = await kong.list('services');
    await kong.admin('POST', `/services/${String(service?.['id'])}/plugins`, { name: 'rate-limiting', config: { minute: 3 } });
    const [foreign] = await kong.list('plugins');
    const limit = perMinute(100, orders);
    const result = await kong.pass([orders, limit]);
    expect(result.outcome.items).toEqual([orders, limit].map(({ id }) => expect.objectContaining({ id, state: 'rejected', phase: 'validate' })));
    expect(await kong.list('services')).toMatchObject([{ name: 'stoa-orders', enabled: false }]);
    expect(await kong.list('plugins')).toEqual([foreign]);
  });

  it('rejects a consumer whose key somebody else has, without saying the key', async () => {
    await makeForeignObjects();
    const thief = consumer('agent', 'alices-key');
    const result = await kong.pass([orders, keyAuth(orders), thief]);
    expect(ackOf(result, thief)).toMatchObject({ state: 'rejected', phase: 'apply', reason: expect.stringContaining('409') });
    expect(JSON.stringify(result.outcome)).not.toContain('alices-key');
  });

  it('is reported as discovered, beside ours', async () => {
    await makeForeignObjects();
    await kong.pass([orders]);
    await kong.pass([orders]);
    expect(kong.reports.at(-1)).toMatchObject({ target_gateway: { type: 'kong', version: '3.9.3' } });
    expect(kong.reports.at(-1)?.apis).toEqual(
      expect.arrayContaining([
        { name: 'theirs', upstream_url: 'http://theirs.example.com:80/base', routes: 1, managed: false, object_id: expect.any(String) },
        { name: 'stoa-billing', upstream_url: 'http://b:80', routes: 0, managed: false, object_id: expect.any(String) },
        { name: 'stoa-orders', upstream_url: 'http://127.0.0.1:8084', routes: 3, managed: true, object_id: expect.any(String) },
      ]),
    );
  });
});
