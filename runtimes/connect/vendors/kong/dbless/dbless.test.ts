import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { api, consumer, gatewayId, keyAuth, operation } from '../../../testing/config.ts';
import { ackOf, everything, nameOf, orders, startKongBench } from '../../../testing/kong-bench.ts';
import type { KongBench } from '../../../testing/kong-bench.ts';
import { createKongAdmin } from '../admin.ts';
import { requireSupported } from '../probe.ts';
import { endOf } from '../render-consumer.ts';
import { sendable } from './document.ts';

// A Kong without a database takes its configuration as a whole: what is not ours has to be in it, as it was.

let kong: KongBench;
beforeEach(async () => {
  kong = await startKongBench({ database: 'off' });
});
afterEach(() => kong.close());

type Document = Record<string, Record<string, unknown>[]>;
const config = async (): Promise<Document> => parse(String((await kong.admin('GET', '/config'))['config'])) as Document;
const declare = (document: object): Promise<unknown> => kong.admin('POST', '/config', { _format_version: '3.0', ...document });
/** What is not ours, but for the times that Kong keeps. */
const ofOthers = (document: Document): unknown => {
  const isOurs = ({ tags }: Record<string, unknown>): boolean => (tags as string[] | null)?.includes(`stoa-gateway:${gatewayId}`) ?? false;
  const timeless = ({ created_at: _made, updated_at: _changed, ...rest }: Record<string, unknown>) => rest;
  const lists = Object.entries(document).map(
    ([name, list]) => [name, Array.isArray(list) ? list.filter((one) => !isOurs(one)).map(timeless) : list] as const,
  );
  return Object.fromEntries(lists.filter(([, list]) => !Array.isArray(list) || list.length > 0));
};
const call = async (path: string, key?: string): Promise<number> =>
  (await fetch(kong.simulator.proxyUrl + path, { headers: key === undefined ? {} : { 'x-api-key': key } })).status;

const foreign = {
  services: [
    {
      name: 'theirs',
      url: 'http://127.0.0.1:9',
      retries: 2,
      routes: [{ name: 'their-route', paths: ['/theirs'] }],
      plugins: [{ name: 'key-auth', config: { key_names: ['x-api-key'] } }],
    },
  ],
  consumers: [{ username: 'alice', keyauth_credentials: [{ key: 'alices-key' }] }],
  upstreams: [{ name: 'their-upstream', targets: [{ target: '127.0.0.1:9' }] }],
};

it('everything is written at once, and a second run writes nothing', async () => {
  const result = await kong.pass(everything);
  expect(result.outcome.state).toBe('applied');
  expect(kong.writes()).toEqual(['POST /config?flatten_errors=1']);
  expect([await call('/orders'), await call('/orders', 'wrong')]).toEqual([401, 401]);
  expect(await call('/orders', 'the-agents-key')).not.toBe(401);
  const again = await kong.pass(everything, { forget: true });
  expect([kong.writes(), again.writes, again.drift]).toEqual([[], [], []]);
});

it("lesson 15: other people's services, keys and kinds that Connect knows nothing of stay exactly as they were", async () => {
  await declare(foreign);
  const before = await config();
  await kong.pass(everything);
  expect(ofOthers(await config())).toEqual(ofOthers(before));
  await kong.pass([]);
  expect(ofOthers(await config())).toEqual(ofOthers(before));
  expect((await config())['services']).toHaveLength(1);
});

describe('the trap of ttl, which is a time in a document and the seconds that are left in what is read', () => {
  it("somebody else's key that ends outlives our writes, and ends when it was to end", async () => {
    const end = Math.floor(Date.now() / 1000) + 3600;
    await declare({ ...foreign, consumers: [{ username: 'alice', keyauth_credentials: [{ key: 'alices-key', ttl: end }] }] });
    await kong.pass(everything);
    await kong.pass([orders]);
    expect(await call('/theirs', 'alices-key')).not.toBe(401);
    const [row] = [...kong.simulator.tables().keyauth_credentials.values()];
    expect(Math.abs(Number(row?.['ttl']) - end)).toBeLessThanOrEqual(5);
  });

  it('a key of ours that ends is sent with the time of its end', () => {
    const tags = ['stoa-managed', 'stoa-expires:2030-01-01T00:00:00.000Z'];
    const document = {
      _format_version: '3.0',
      keyauth_credentials: [{ key: 'a', tags }, { key: 'b', ttl: 60 }, { key: 'c', ttl: 1_900_000_000 }, { key: 'd' }],
    };
    const sent = sendable(document, 1_800_000_000, endOf)['keyauth_credentials'] as { ttl?: number }[];
    expect(sent.map(({ ttl }) => ttl)).toEqual([1_893_456_000, 1_800_000_060, 1_900_000_000, undefined]);
  });

  it('opens until its end, and is no drift', async () => {
    const agent = consumer('agent', 'the-agents-key');
    const ends = { ...agent, keys: agent.keys.map((key) => ({ ...key, expires_at: new Date(Date.now() + 3_600_000).toISOString() })) };
    await kong.pass([orders, keyAuth(orders), ends]);
    expect(await call('/orders', 'the-agents-key')).not.toBe(401);
    kong.writes();
    const again = await kong.pass([orders, keyAuth(orders), ends]);
    expect([kong.writes(), again.drift]).toEqual([[], []]);
  });
});

it('an object that Kong refuses is named, its API held or closed, and the others are served', async () => {
  const other = api('other', { operations: [operation('GET /other', 'other')] });
  await declare({
    services: [{ name: 'taken', url: 'http://127.0.0.1:9' }],
    consumers: [{ username: 'bob', keyauth_credentials: [{ key: 'the-agents-key' }] }],
  });
  const agent = consumer('agent', 'the-agents-key');
  const result = await kong.pass([orders, keyAuth(orders), agent, other]);
  expect(ackOf(result, other)).toMatchObject({ state: 'applied' });
  expect(ackOf(result, agent)).toMatchObject({ state: 'rejected', reason: expect.stringContaining('already declared') });
  expect(JSON.stringify(result.outcome)).not.toContain('the-agents-key');
  expect((await kong.list('services')).map(nameOf)).toContain('stoa-other');
});

it('a refusal that names nothing changes nothing, and is told', async () => {
  await declare(foreign);
  const before = await config();
  kong.simulator.failNext({
    method: 'POST',
    path: '/config',
    status: 400,
    body: { message: 'declarative config is invalid: {}', flattened_errors: {}, code: 14 },
  });
  const result = await kong.pass([orders]);
  expect(ackOf(result, orders)).toMatchObject({
    state: 'rejected',
    phase: 'apply',
    reason: expect.stringContaining('Kong refused its configuration'),
  });
  expect(await config()).toEqual(before);
});

it('somebody else who writes between reading and writing is not written over', async () => {
  const adapter = createKongAdmin({ url: kong.simulator.adminUrl });
  const before = await adapter.hash();
  await declare(foreign);
  expect(await adapter.hash()).not.toBe(before);
  adapter.close();
  await kong.pass([orders]);
  expect((await kong.list('services')).map(nameOf).sort()).toEqual(['stoa-orders', 'theirs']);
});

it("a service of ours on which somebody's route stands stays, closed, when it has to go", async () => {
  await kong.pass([orders, keyAuth(orders), consumer('agent', 'the-agents-key')]);
  const document = await config();
  const service = document['services']?.[0]?.['id'];
  await declare({ ...document, routes: [...(document['routes'] ?? []), { name: 'hung', paths: ['/hung'], service }] });
  for (const forget of [false, true]) {
    const result = await kong.pass([], { forget });
    expect(result.outcome.leftovers.join()).toContain(forget ? '' : 'route hung');
    expect((await kong.list('services')).map(({ enabled }) => enabled)).toEqual([false]);
    expect((await kong.list('plugins')).map(nameOf).sort()).toEqual(['acl', 'key-auth']);
  }
});

it('drift is found and repaired, and fields that we do not set are kept', async () => {
  await kong.pass([orders]);
  const document = await config();
  const [service = {}] = document['services'] ?? [];
  await declare({ ...document, services: [{ ...service, host: 'elsewhere.example', retries: 1 }] });
  const result = await kong.pass([orders]);
  expect(result.drift.map(({ kind, wins }) => [kind, wins])).toEqual([
    ['changed', 'stoa'],
    ['changed', 'gateway'],
  ]);
  expect(await kong.list('services')).toMatchObject([{ host: '127.0.0.1', retries: 1 }]);
});

describe('a hybrid cluster', () => {
  const node = (role: string, database: string) => ({ node: async () => ({ version: '3.9.3', database, role, workers: 1 }) }) as never;
  it('is configured at its control plane', async () => {
    expect(await requireSupported(node('control_plane', 'postgres'), AbortSignal.timeout(1000))).toMatchObject({ role: 'control_plane' });
    await expect(requireSupported(node('data_plane', 'off'), AbortSignal.timeout(1000))).rejects.toThrow(
      /data plane.*STOA_TARGET_GATEWAY_URL.*control plane/,
    );
  });
});
