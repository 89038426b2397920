import { afterEach, beforeEach, expect, it } from 'vitest';
import { api, consumer, keyAuth, operation } from '../../testing/config.ts';
import { everything, startKongBench } from '../../testing/kong-bench.ts';
import type { KongBench } from '../../testing/kong-bench.ts';

let kong: KongBench;
beforeEach(async () => {
  kong = await startKongBench();
});
afterEach(() => kong.close());

const kinds = ['services', 'routes', 'plugins', 'consumers', 'key-auths', 'acls'];
const idsThere = async (): Promise<unknown[]> => (await Promise.all(kinds.map((kind) => kong.list(kind)))).flat().map(({ id }) => id);

it('a Kong that comes back empty is rebuilt as it was, and every object is reported as missing', async () => {
  await kong.pass(everything);
  const before = await idsThere();
  for (const kind of ['routes', 'services', 'consumers'])
    for (const { id } of await kong.list(kind)) await kong.admin('DELETE', `/${kind}/${String(id)}`);
  expect(await idsThere()).toEqual([]);
  const result = await kong.pass(everything);
  expect(result.outcome.state).toBe('applied');
  expect(result.drift.map(({ kind }) => kind)).toEqual(before.map(() => 'missing'));
  expect((await idsThere()).sort()).toEqual(before.sort());
});

it('a dump that holds our service under another id, with our routes on it, is replaced', async () => {
  await kong.pass(everything);
  const [service] = await kong.list('services');
  const copy = await kong.admin('PUT', '/services/copy', { host: 'old.example.com', tags: service?.['tags'] });
  for (const { id } of await kong.list('routes')) await kong.admin('PATCH', `/routes/${String(id)}`, { service: { id: copy['id'] } });
  await kong.admin('DELETE', `/services/${String(service?.['id'])}`);
  await kong.admin('PATCH', '/services/copy', { name: 'stoa-orders' });
  const result = await kong.pass(everything);
  expect(result.outcome.state).toBe('applied');
  expect((await kong.list('services')).map(({ id }) => id)).toEqual([service?.['id']]);
});

it('a consumer that was defined again under another name takes the place of the old one', async () => {
  const orders = api('orders');
  const agent = consumer('agent', 'the-agents-key');
  await kong.pass([orders, keyAuth(orders), agent]);
  const renamed = { ...agent, name: 'robot' };
  await kong.pass([orders, keyAuth(orders), renamed]);
  expect((await kong.pass([orders, keyAuth(orders), renamed])).outcome.state).toBe('applied');
  expect(await kong.list('consumers')).toMatchObject([{ username: 'stoa-robot' }]);
});

it('more objects than fit on a page are applied, found again, and taken away', async () => {
  const operations = Array.from({ length: 1001 }, (_, index) => operation(`GET /things/${index}/{thing_id}`, `thing${index}`));
  const large = api('large', { operations });
  expect((await kong.pass([large])).outcome.state).toBe('applied');
  kong.writes();
  expect((await kong.pass([large])).drift).toEqual([]);
  expect(kong.writes()).toEqual([]);
  await kong.pass([]);
  expect(await idsThere()).toEqual([]);
}, 60_000);
