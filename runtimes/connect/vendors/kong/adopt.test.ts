import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApiItem } from '@stoa/generated/schemas.ts';
import { rehearseAdoption } from '../../engine/adopt.ts';
import { plannedWrite } from '../../engine/rehearse.ts';
import { api, idOf, operation, perMinute } from '../../testing/config.ts';
import { ackOf, everything, startKongBench } from '../../testing/kong-bench.ts';
import type { KongBench } from '../../testing/kong-bench.ts';

let kong: KongBench;
beforeEach(async () => {
  kong = await startKongBench();
  await kong.admin('PUT', '/services/Billing', { url: 'http://billing.example:8080/base', read_timeout: 5000, retries: 2, tags: ['team-a'] });
  await kong.admin('PUT', '/services/Billing/routes/bills', {
    paths: ['/bills', '~/bills/(?<id>[^/]+)$'],
    methods: ['GET', 'POST'],
    strip_path: true,
    hosts: ['api.example'],
  });
  await kong.admin('PUT', '/services/Billing/routes/other', { paths: ['~/x.*'] });
  await kong.admin('POST', '/services/Billing/plugins', { name: 'rate-limiting', config: { minute: 7 } });
  kong.writes();
});
afterEach(() => kong.close());

const apiId = idOf('adopted');
const ask = (object_id: string, items = everything) => rehearseAdoption(kong.reading(items), { object_id, api_id: apiId });
const adopted = async (): Promise<ApiItem> => {
  const { adoption } = await ask('Billing');
  return { ...api('billing', { operations: [operation('GET /bills')] }), id: `api:${apiId}`, api_id: apiId, adopted: adoption.objects ?? [] };
};
const withoutMarks = (rows: Record<string, unknown>[]) => rows.map(({ tags: _tags, updated_at: _updated, ...row }) => row);

describe('taking a service over', () => {
  it('is told beforehand: what it is, what is written, and what stays', async () => {
    const { adoption, changes } = await ask('Billing');
    expect(adoption).toMatchObject({ name: 'Billing', upstream_url: 'http://billing.example:8080/base', stays: ['plugin rate-limiting'] });
    expect(adoption.operations).toEqual(
      expect.arrayContaining([
        { method: 'GET', path: '/bills' },
        { method: 'POST', path: '/bills/{id}' },
      ]),
    );
    expect(
      changes
        .map(plannedWrite)
        .map(({ action, object }) => `${action} ${object}`)
        .sort(),
    ).toEqual(['patch route bills', 'patch route other', 'patch service Billing']);
    for (const { detail } of changes) expect(detail).toMatch(/^tags: /);
    expect(kong.writes()).toEqual([]);
    const { id } = await kong.admin('GET', '/services/Billing');
    expect((await ask(String(id))).adoption).toEqual(adoption);
  });

  it('writes marks and nothing else, and is then ours: no other write, no drift but what somebody does', async () => {
    const [service, routes, plugins] = [await kong.list('services'), await kong.list('routes'), await kong.list('plugins')];
    const items = [await adopted()];
    const result = await kong.pass(items);
    expect(result.outcome.items).toEqual([{ id: items[0]?.id, state: 'applied' }]);
    expect(withoutMarks(await kong.list('services'))).toEqual(withoutMarks(service));
    expect(withoutMarks(await kong.list('routes'))).toEqual(withoutMarks(routes));
    expect(await kong.list('plugins')).toEqual(plugins);
    expect((await kong.list('services'))[0]?.['tags']).toEqual(expect.arrayContaining(['team-a', 'stoa-managed']));
    expect(kong.reports.at(-1)?.apis).toMatchObject([{ name: 'Billing', managed: false }]);
    kong.writes();
    expect((await kong.pass(items)).drift).toEqual([]);
    expect(kong.writes()).toEqual([]);
    expect(kong.reports.at(-1)?.apis).toMatchObject([{ name: 'Billing', managed: true }]);
    await kong.admin('PATCH', '/services/Billing', { read_timeout: 1 });
    expect((await kong.pass(items)).drift).toMatchObject([{ object: 'service Billing', detail: 'read_timeout: 5000 → 1', wins: 'stoa' }]);
    expect(await kong.admin('GET', '/services/Billing')).toMatchObject({ read_timeout: 5000 });
  });

  it('keeps what it takes from others, gives it another policy when one is attached, and goes when it is withdrawn', async () => {
    const billing = await adopted();
    await kong.pass([billing]);
    const rival = api('rival', { operations: [operation('GET /bills/{id}')] });
    const late = await kong.pass([billing, rival]);
    // Its routes are tied to a host, so that they take nothing from one that is not.
    expect(ackOf(late, rival)).toMatchObject({ state: 'applied' });
    const [plugin] = await kong.list('plugins');
    await kong.admin('DELETE', `/plugins/${String(plugin?.['id'])}`);
    const limited = await kong.pass([billing, perMinute(3, billing)]);
    expect(ackOf(limited, billing)).toMatchObject({ state: 'applied' });
    expect((await kong.list('plugins')).map(({ name, service }) => [name, (service as { id: string }).id])).toEqual([
      ['rate-limiting', (await kong.admin('GET', '/services/Billing'))['id']],
    ]);
    await kong.pass([]);
    expect(await kong.list('services')).toEqual([]);
  });

  it.each([
    ['nothing of that name', 'nobody', 'no such service'],
    ['one without routes', 'alone', 'No route leads to it'],
    ['one that is ours already', 'stoa-orders', 'managed by a STOA Connect already'],
    ['one that speaks no HTTP', 'raw', 'speaks tcp'],
  ])('is refused for %s', async (_what, name, reason) => {
    await kong.pass(everything);
    await kong.admin('PUT', '/services/alone', { url: 'http://alone.example' });
    await kong.admin('PUT', '/services/raw', { protocol: 'tcp', host: 'raw.example', port: 99 });
    await kong.admin('PUT', '/services/raw/routes/raw', { protocols: ['tcp'], sources: [{ port: 1 }] }).catch(() => undefined);
    const { adoption, changes } = await ask(name);
    if (name === 'raw') expect(adoption.refusal).toMatch(/speaks tcp|No route leads to it/);
    else expect(adoption.refusal).toContain(reason);
    expect(changes).toEqual([]);
  });
});
