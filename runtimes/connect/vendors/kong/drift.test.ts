import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gatewayId } from '../../testing/config.ts';
import { everything, nameOf, orders, startKongBench } from '../../testing/kong-bench.ts';
import type { KongBench } from '../../testing/kong-bench.ts';

let kong: KongBench;
beforeEach(async () => {
  kong = await startKongBench();
});
afterEach(() => kong.close());

describe('drift', () => {
  it('is found, reported before it is repaired, and repaired', async () => {
    await kong.pass(everything);
    await kong.admin('PATCH', '/routes/stoa-orders.getOrder', { methods: ['GET', 'POST'] });
    const [keys] = (await kong.list('plugins')).filter((plugin) => nameOf(plugin) === 'key-auth');
    await kong.admin('DELETE', `/plugins/${String(keys?.['id'])}`);
    await kong.admin('PUT', '/services/extra', { url: 'http://x', tags: ['stoa-managed', `stoa-gateway:${gatewayId}`] });
    kong.writes();

    const result = await kong.pass(everything);
    const drift = [
      { item_id: orders.id, object: 'route stoa-orders.getOrder', kind: 'changed', detail: 'methods: GET → GET, POST' },
      { item_id: orders.id, object: 'plugin key-auth of stoa-orders', kind: 'missing', detail: expect.any(String) },
      { object: 'service extra', kind: 'extra', detail: expect.any(String) },
    ];
    expect(result.drift).toHaveLength(3);
    expect(result.drift).toEqual(expect.arrayContaining(drift));
    expect(kong.reports.at(-1)?.drift).toEqual(result.drift);
    expect(kong.writes()).toHaveLength(3);
    expect((await kong.pass(everything)).drift).toEqual([]);
    expect(kong.writes()).toEqual([]);
  });

  it('is told without the key when a credential was changed', async () => {
    await kong.pass(everything);
    const [credential] = await kong.list('key-auths');
    await kong.admin('PATCH', `/key-auths/${String(credential?.['id'])}`, { key: 'another-key' });
    const { drift } = await kong.pass(everything);
    expect(drift).toEqual([expect.objectContaining({ kind: 'changed', detail: 'key: changed' })]);
  });

  it('includes a plugin that was switched off and a route that was narrowed by a host', async () => {
    await kong.pass(everything);
    const [keys] = (await kong.list('plugins')).filter((plugin) => nameOf(plugin) === 'key-auth');
    await kong.admin('PATCH', `/plugins/${String(keys?.['id'])}`, { enabled: false });
    await kong.admin('PATCH', '/routes/stoa-orders.getOrder', { hosts: ['only.example.com'] });
    const { drift } = await kong.pass(everything);
    expect(drift.map(({ detail }) => detail).sort()).toEqual(['enabled: true → false', 'hosts: none → only.example.com']);
  });
});
