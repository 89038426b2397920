import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { api, gatewayId, operation, perMinute } from '../../testing/config.ts';
import { ackOf, everything, nameOf, orders, startKongBench } from '../../testing/kong-bench.ts';
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
      { item_id: orders.id, object: 'route stoa-orders.getOrder', kind: 'changed', detail: 'methods: GET → GET, POST', wins: 'stoa' },
      { item_id: orders.id, object: 'plugin key-auth of stoa-orders', kind: 'missing', detail: expect.any(String), wins: 'stoa' },
      { object: 'service extra', kind: 'extra', detail: expect.any(String), wins: 'stoa' },
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

describe('of a deployment that says drift: report', () => {
  const reporting = { ...orders, drift: 'report' as const };
  const items = [reporting, ...everything.slice(1)];

  it('is left as somebody made it, told, and said by API and policy, until the deployment says repair', async () => {
    await kong.pass(items);
    await kong.admin('PATCH', '/services/stoa-orders', { host: 'elsewhere.example' });
    const [limit] = (await kong.list('plugins')).filter((plugin) => nameOf(plugin) === 'rate-limiting');
    await kong.admin('DELETE', `/plugins/${String(limit?.['id'])}`);
    kong.writes();

    for (const _again of [1, 2]) {
      const result = await kong.pass(items);
      expect(result.drift).toEqual([
        expect.objectContaining({ object: 'plugin rate-limiting of stoa-orders', kind: 'missing', wins: 'gateway' }),
        expect.objectContaining({ object: 'service stoa-orders', detail: 'host: 127.0.0.1 → elsewhere.example', wins: 'gateway' }),
      ]);
      expect(result.remaining).toHaveLength(2);
      expect(kong.writes()).toEqual([]);
      expect([result.outcome.state, result.retry]).toEqual(['applied_with_warnings', false]);
      expect(ackOf(result, reporting)).toMatchObject({
        state: 'applied_with_warnings',
        phase: 'verify',
        // Why, once, and then what.
        reason: expect.stringMatching(/drift: report\. plugin .* is missing: (?!.*drift: report).* service .* is changed: /),
      });
      expect(ackOf(result, perMinute(100, orders))).toMatchObject({ state: 'applied_with_warnings', reason: expect.stringContaining('is missing') });
    }
    const repaired = await kong.pass(everything);
    expect(repaired.drift.map(({ wins }) => wins)).toEqual(['stoa', 'stoa']);
    expect(repaired.remaining).toEqual([]);
    expect((await kong.admin('GET', '/services/stoa-orders'))['host']).toBe('127.0.0.1');
  });

  it('ends where the deployment itself changes the API, which is then written whole; and what others serve is repaired all the while', async () => {
    const other = api('other', { operations: [operation('GET /other')] });
    await kong.pass([...items, other]);
    await kong.admin('PATCH', '/services/stoa-orders', { host: 'elsewhere.example' });
    await kong.admin('PATCH', '/services/stoa-other', { host: 'elsewhere.example' });
    await kong.pass([...items, other]);
    const hosts = async () => Promise.all(['orders', 'other'].map(async (name) => (await kong.admin('GET', `/services/stoa-${name}`))['host']));
    expect(await hosts()).toEqual(['elsewhere.example', '127.0.0.1']);
    const changed = { ...reporting, operations: reporting.operations.slice(1) };
    expect((await kong.pass([changed, ...items.slice(1), other])).outcome.state).toBe('applied');
    expect(await hosts()).toEqual(['127.0.0.1', '127.0.0.1']);
  });
});
