import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { api, closed, consumer, keyAuth, operation, perMinute, subscription } from '../../testing/config.ts';
import { ackOf, everything, nameOf, orders, startKongBench } from '../../testing/kong-bench.ts';
import type { KongBench } from '../../testing/kong-bench.ts';

// What a real Kong 3.9.3 refuted, and a simulator that agreed with us had confirmed. The simulator follows the recordings now.

let kong: KongBench;
beforeEach(async () => {
  kong = await startKongBench();
});
afterEach(() => kong.close());

const one = (name: string, text: string): ReturnType<typeof api> => api(name, { operations: [operation(text, 'op')] });
const proxied = async (path: string, headers: Record<string, string> = {}): Promise<number> =>
  (await fetch(kong.simulator.proxyUrl + path, { headers })).status;
const service = async (name: string): Promise<Record<string, unknown> | undefined> =>
  (await kong.list('services')).find((entity) => nameOf(entity) === name);
const driftOf = (result: Awaited<ReturnType<KongBench['pass']>>): string[] => result.drift.map(({ object, detail }) => `${object}: ${detail}`);

describe('what is in force stays', () => {
  it('a new API with a path that is served already is rejected itself, whatever its id', async () => {
    const pair = [one('first', 'GET /same/{a}'), one('second', 'GET /same/{b}')];
    for (const [old, late] of [pair, [...pair].reverse()] as [typeof orders, typeof orders][]) {
      await kong.pass([]);
      await kong.pass([old]);
      const result = await kong.pass([old, late]);
      expect(ackOf(result, old)).toMatchObject({ state: 'applied' });
      expect(ackOf(result, late)).toMatchObject({
        state: 'rejected',
        reason: expect.stringContaining(`GET /same/{} is taken by the API ${old.name}`),
      });
      expect((await kong.pass([late])).outcome.state).toBe('applied');
    }
  });

  it('so, too, for a route of somebody else, of which Kong would answer by the newer', async () => {
    await kong.admin('PUT', '/services/theirs', { url: 'http://theirs.example.com' });
    await kong.admin('PUT', '/services/theirs/routes/their-route', { paths: ['/taken'] });
    const result = await kong.pass([one('late', 'GET /taken')]);
    expect(ackOf(result, one('late', 'GET /taken'))).toMatchObject({
      state: 'rejected',
      reason: expect.stringContaining('route their-route, which STOA Connect did not make'),
    });
  });

  it('a conflict rejects the operation, and the API serves the others', async () => {
    const old = one('old', 'GET /shared');
    const late = api('late', { operations: [operation('GET /shared', 'shared'), operation('GET /own', 'own')] });
    await kong.pass([old]);
    const result = await kong.pass([old, late]);
    expect(ackOf(result, late)).toMatchObject({
      state: 'applied_with_warnings',
      reason: expect.stringContaining('Operation shared is not exposed: GET /shared is taken by the API old'),
    });
    expect((await kong.list('routes')).map(nameOf)).toContain('stoa-late.own');
  });
});

describe('a withdrawal never leaves a service open', () => {
  it('where somebody hung a route on it, it is closed and keeps its plugins, and the state says so', async () => {
    await kong.pass(everything);
    await kong.admin('PUT', '/services/stoa-orders/routes/their-route', { paths: ['/through-the-back'] });
    const result = await kong.pass([]);
    expect(await service('stoa-orders')).toMatchObject({ enabled: false });
    expect((await kong.list('plugins')).length).toBeGreaterThan(2);
    expect(result.outcome.leftovers).toEqual([
      expect.stringMatching(/service stoa-orders is no longer desired and cannot go, because route their-route .* remove the route\.$/),
    ]);
    expect(await proxied('/through-the-back')).toBe(404);
    kong.writes();
    await kong.pass([]);
    expect(kong.writes()).toEqual([]);
    await kong.admin('DELETE', '/routes/their-route');
    expect((await kong.pass([])).outcome.leftovers).toEqual([]);
    expect(await service('stoa-orders')).toBeUndefined();
    expect(await kong.list('plugins')).toEqual([]);
  });

  it('where the route came while it was being withdrawn, its plugins are still there', async () => {
    await kong.pass(everything);
    kong.simulator.failNext({
      method: 'DELETE',
      path: /^\/services\//,
      status: 400,
      body: { message: 'an existing routes entity references this services entity' },
    });
    await kong.pass([]);
    expect(await service('stoa-orders')).toMatchObject({ enabled: false });
    expect((await kong.list('plugins')).map(nameOf)).toContain('key-auth');
    expect((await kong.pass([])).outcome.leftovers).toEqual([]);
  });
});

it('a plugin scoped to a consumer outranks ours: it is found and told, and the service is closed', async () => {
  await kong.pass(everything);
  await kong.admin('POST', '/consumers/stoa-agent/plugins', { name: 'rate-limiting', config: { minute: 100_000 } });
  const foreign = (await kong.list('plugins')).find((plugin) => plugin['consumer'] !== null);
  const result = await kong.pass(everything);
  expect(ackOf(result, orders)).toMatchObject({
    state: 'rejected',
    phase: 'validate',
    reason: expect.stringContaining('would run instead of plugin rate-limiting'),
  });
  expect(await service('stoa-orders')).toMatchObject({ enabled: false });
  await kong.admin('DELETE', `/plugins/${String(foreign?.['id'])}`);
  await kong.pass(everything);
  expect(await service('stoa-orders')).toMatchObject({ enabled: true });
});

describe("percent-encoded paths are routed by Kong's decoded form", () => {
  it.each([
    ['/sp%20ace', '~/sp ace$'],
    ['/caf%c3%a9/{id}', '~/café/(?<id>[^/#]+)$'],
    ['/q%22x', '~/q"x$'],
    ['/a%2fb', '~/a%2Fb$'],
    ['/a%2bb', '~/a%2Bb$'],
    ['/a%25b', '~/a%25b$'],
    ['/%7Eme', '~/~me$'],
  ])('%s becomes %s, and is reached', async (path, regex) => {
    const result = await kong.pass([api('x', { url: 'http://127.0.0.1:9', operations: [operation(`GET ${path}`, 'op')] })]);
    expect(result.outcome.state).toBe('applied');
    expect((await kong.list('routes')).map(({ paths }) => paths)).toEqual([[regex]]);
    expect(await proxied(path.replace('{id}', '1'))).toBe(502);
  });

  it('escapes of what is no text are not exposed, and say why', async () => {
    const bytes = api('x', { operations: [operation('GET /%ff', 'bytes'), operation('GET /%2e%2e/x', 'dots'), operation('GET /ok', 'ok')] });
    expect(ackOf(await kong.pass([bytes]), bytes)).toMatchObject({
      state: 'applied_with_warnings',
      reason: expect.stringMatching(/bytes .* no text.*dots .* dot segment/),
    });
  });
});

describe('ways in are drift', () => {
  const only = [closed(orders), keyAuth(closed(orders)), consumer('agent', 'the-agents-key'), subscription(closed(orders), consumer('agent'))];

  it('an untagged key on our consumer is told, without the key, and left', async () => {
    await kong.pass(only);
    const made = await kong.admin('POST', '/consumers/stoa-agent/key-auth', { key: 'slipped-in' });
    const result = await kong.pass(only);
    expect(driftOf(result)).toEqual([
      expect.stringContaining(`credential ${String(made['id'])}: A key of our consumer that STOA Connect did not make`),
    ]);
    expect(JSON.stringify(result)).not.toContain('slipped-in');
    expect((await kong.list('key-auths')).map(({ key }) => key)).toContain('slipped-in');
  });

  it('a foreign consumer in our ACL group is told and left', async () => {
    await kong.pass(only);
    const [membership] = await kong.list('acls');
    await kong.admin('PUT', '/consumers/mallory', {});
    await kong.admin('POST', '/consumers/mallory/acls', { group: membership?.['group'] });
    expect(driftOf(await kong.pass(only))).toEqual([expect.stringContaining('and STOA Connect did not make it')]);
    expect(await kong.list('acls')).toHaveLength(2);
  });
});

it("a consumer's name that somebody else has is a planned conflict: our words and no writes", async () => {
  await kong.admin('PUT', '/consumers/stoa-agent', {});
  kong.writes();
  const result = await kong.pass(everything);
  const reason = expect.stringContaining('is not managed by this STOA Connect and holds the place of consumer stoa-agent; rename or remove it.');
  expect(ackOf(result, consumer('agent'))).toMatchObject({ state: 'rejected', phase: 'validate', reason });
  expect(kong.writes().filter((line) => /consumers|key-auths|acls/.test(line))).toEqual([]);
  await kong.pass(everything);
  expect(kong.writes()).toEqual([]);
});

describe('fields that we do not set', () => {
  it('are kept as somebody set them when something else of the object is written, and told', async () => {
    await kong.pass(everything);
    await kong.admin('PATCH', '/services/stoa-orders', { read_timeout: 5000, retries: 1 });
    await kong.admin('PATCH', '/routes/stoa-orders.getOrder', { path_handling: 'v1' });
    const limit = (await kong.list('plugins')).find((plugin) => nameOf(plugin) === 'rate-limiting');
    await kong.admin('PATCH', `/plugins/${String(limit?.['id'])}`, { config: { error_code: 503 } });
    const moved = api('orders', { url: 'http://elsewhere.example.com' });
    const result = await kong.pass([moved, keyAuth(moved), perMinute(7, moved), ...everything.slice(3)]);
    expect(await service('stoa-orders')).toMatchObject({ host: 'elsewhere.example.com', read_timeout: 5000, retries: 1 });
    expect((await kong.list('routes')).find((route) => nameOf(route) === 'stoa-orders.getOrder')).toMatchObject({ path_handling: 'v1' });
    expect((await kong.list('plugins')).find((plugin) => nameOf(plugin) === 'rate-limiting')).toMatchObject({
      config: { minute: 7, error_code: 503 },
    });
    expect(driftOf(result)).toEqual([
      expect.stringContaining('service stoa-orders: read_timeout: 60000 → 5000; retries: 5 → 1. STOA Connect does not set this, and keeps it.'),
      expect.stringContaining('route stoa-orders.getOrder: path_handling: "v0" → "v1"'),
      expect.stringContaining('plugin rate-limiting: config.error_code: 429 → 503'),
    ]);
  });

  it('are not told where nobody set them', async () => {
    await kong.pass(everything);
    expect((await kong.pass(everything)).drift).toEqual([]);
  });
});

describe('rate limits that each node counts for itself', () => {
  it('are warned of, and are not where the nodes count in a Redis', async () => {
    const alone = await startKongBench({ settings: { kongRedisUrl: undefined } });
    const local = await alone.pass(everything);
    expect(ackOf(local, perMinute(100, orders))).toMatchObject({
      state: 'applied_with_warnings',
      reason: expect.stringContaining('STOA_KONG_REDIS_URL'),
    });
    expect((await alone.list('plugins')).find((plugin) => nameOf(plugin) === 'rate-limiting')).toMatchObject({ config: { policy: 'local' } });
    await alone.close();
    expect((await kong.pass(everything)).outcome.state).toBe('applied');
    const config = { policy: 'redis', redis: { host: 'redis.example', port: 6379, database: 0, ssl: false } };
    expect((await kong.list('plugins')).find((plugin) => nameOf(plugin) === 'rate-limiting')).toMatchObject({ config });
  });
});

it('reasons from failures in the midst of a pass are one sentence each', async () => {
  kong.simulator.failNext({ method: 'PUT', path: /^\/routes\//, status: 400, body: { message: 'schema violation\n(paths.1:  bad' }, times: 3 });
  const { reason } = ackOf(await kong.pass([orders]), orders) as { reason: string };
  const sentences = reason.split(/(?<=\.) (?=route )/);
  expect(sentences).toHaveLength(3);
  for (const sentence of sentences) expect(sentence).toMatch(/^route stoa-orders\.\w+: Kong answered 400: schema violation \(paths\.1: bad\.$/);
});
