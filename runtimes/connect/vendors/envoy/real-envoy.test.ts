import { readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { ConfigItem } from '@stoa/generated/schemas.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectTo } from '../../laws/run.ts';
import { api, consumer, keyAuth, operation, perMinute, policy } from '../../testing/config.ts';
import { realEnvoy, startEnvoy } from '../../testing/envoy-process.ts';
import type { EnvoySetup, RunningEnvoy } from '../../testing/envoy-process.ts';
import { askAsWritten } from '../../testing/written.ts';
import { createEnvoyAdapter } from './adapter.ts';
import { envoyTools } from './tools.ts';
import type { EnvoyTools } from './tools.ts';

// What only a real one shows. What CI misses, the laws say.

describe.skipIf(realEnvoy.path === undefined)(`on a real Envoy${realEnvoy.path === undefined ? ` (${realEnvoy.remedy})` : ''}`, () => {
  let envoy: RunningEnvoy;
  let upstream: { url: string; close(): Promise<void> };
  beforeAll(async () => {
    envoy = await startEnvoy(realEnvoy.path ?? '');
    const server = createServer((request, response) => void response.end(`from the upstream: ${request.url}`));
    upstream = { url: await listen(server, { host: '127.0.0.1', port: 0 }), close: () => closeGracefully(server, 0) };
  });
  afterAll(async () => {
    await envoy?.stop();
    await upstream?.close();
  });

  const adapterAt = ({ adminUrl, dir, proxyUrl }: RunningEnvoy, changed: Partial<EnvoyTools> = {}) =>
    createEnvoyAdapter({
      url: adminUrl,
      settings: { envoyDir: dir, envoyListener: proxyUrl },
      tools: { ...envoyTools({ url: adminUrl, dir, listener: proxyUrl }), ...changed },
    });
  const connectAt = (at = envoy, gateway?: string) => connectTo(adapterAt(at), gateway);
  const one = (name: string): ReturnType<typeof api> => api(name, { url: upstream.url, operations: [operation(`GET /${name}/{id}`, 'op')] });
  const ask = (path: string, headers = {}, { proxyUrl } = envoy) => askAsWritten(proxyUrl, path, headers);
  const reasonOf = ({ outcome }: Awaited<ReturnType<ReturnType<typeof connectAt>['pass']>>, item: ConfigItem) =>
    outcome.items.find(({ id }) => id === item.id)?.reason;
  afterEach(() => connectAt().pass([]));

  async function on(setup: EnvoySetup, work: (other: RunningEnvoy) => Promise<void>): Promise<void> {
    const other = await startEnvoy(realEnvoy.path ?? '', setup);
    try {
      await work(other);
    } finally {
      await other.stop();
    }
  }

  it('a path that upstreams read in different ways reaches none', async () => {
    await connectAt().pass([one('orders')]);
    for (const path of [
      '/admin/../orders/7',
      '/orders/..',
      '/orders/%2E%2e',
      '/orders/..;x=1',
      '/orders//7',
      '/orders/..%2fadmin',
      '/orders/..%5Cadmin',
      '/orders/..\\admin',
    ])
      expect([path, (await ask(path)).status]).toEqual([path, 404]);
    for (const path of ['/orders/7', '/orders/7..8', '/orders/.7', '/orders/7?at=//a/../b%2f'])
      expect([path, (await ask(path)).text]).toEqual([path, `from the upstream: ${path}`]);
  });

  it('a limit counts a consumer over all operations of its API, whatever he says that he is, and each of two limits', async () => {
    const orders = api('orders', { url: upstream.url, operations: [operation('GET /orders', 'list'), operation('GET /orders/{id}', 'one')] });
    const daily = policy('daily', { kind: 'rate_limit', config: { limit: 100, window_s: 86_400 } }, orders);
    const result = await connectAt().pass([
      orders,
      keyAuth(orders),
      policy('few', { kind: 'rate_limit', config: { limit: 3, window_s: 86_400 } }, orders),
      daily,
      consumer('ann', 'the-key-of-ann'),
      consumer('bob', 'the-key-of-bob'),
    ]);
    expect(result.outcome.items.filter(({ state }) => state === 'rejected')).toEqual([]);
    const statuses: number[] = [];
    for (const [index, path] of ['/orders', '/orders/1', '/orders/2', '/orders', '/orders/3'].entries())
      statuses.push((await ask(path, { 'x-api-key': 'the-key-of-ann', 'x-stoa-client': `other-${index}` })).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    expect((await ask('/orders', { 'x-api-key': 'the-key-of-bob' })).status).toBe(200);
    expect((await ask('/orders', { 'x-api-key': 'the-key-of-cid' })).status).toBe(401);
  });

  it('an API that asks for keys answers nobody where nobody has one', async () => {
    const orders = one('orders');
    await connectAt().pass([orders, keyAuth(orders)]);
    for (const headers of [{}, { 'x-api-key': '' }, { 'x-api-key': 'anything' }]) expect((await ask('/orders/1', headers)).status).toBe(401);
  });

  it('a policy whose filter the listener has not, takes its API with it, and no other', async () => {
    await on({ without: ['rate_limit'] }, async (other) => {
      const adapter = adapterAt(other);
      expect(await adapter.advise?.(AbortSignal.timeout(5000))).toContain('stoa.rate_limit');
      const [limited, free] = [one('limited'), one('free')];
      const result = await connectTo(adapter).pass([limited, perMinute(5, limited), free]);
      expect(reasonOf(result, limited)).toContain("Envoy's listener does not do what its filter stoa.rate_limit is for");
      expect((await ask('/limited/1', {}, other)).status).toBe(404);
      expect((await ask('/free/1', {}, other)).status).toBe(200);
      adapter.close();
    });
  });

  it('so does one whose filter is there and does nothing, and an API that was served is closed', async () => {
    const orders = one('orders');
    const items = [orders, perMinute(5, orders)];
    await connectAt().pass(items);
    const { adminUrl: url, dir, proxyUrl: listener } = envoy;
    const { ask: really } = envoyTools({ url, dir, listener });
    const deaf = adapterAt(envoy, {
      ask: (path, ...more) => (path === '/rate_limit' ? Promise.resolve({ status: 404, text: '' }) : really(path, ...more)),
    });
    const changed = await connectTo(deaf).pass([orders, perMinute(6, orders)]);
    expect(reasonOf(changed, orders)).toContain('stoa.rate_limit');
    expect((await ask('/orders/1')).status).toBe(404);
  });

  describe('that asks a Link', () => {
    const asking = ({ adminUrl, dir, proxyUrl }: RunningEnvoy) =>
      connectTo(createEnvoyAdapter({ url: adminUrl, settings: { envoyDir: dir, envoyListener: proxyUrl, envoyLinkAddress: '127.0.0.1:9' } }));
    const closedBy = (orders: ReturnType<typeof one>) => [
      orders,
      keyAuth(orders),
      policy('monthly', { kind: 'quota', config: { limit: 5, period: 'month' } }, orders),
      consumer('ann', 'the-key-of-ann'),
    ];

    it('lets nobody in while the Link is away, serves what needs none, and has no keys in its files', async () => {
      await on({}, async (other) => {
        const [orders, free] = [one('orders'), one('free')];
        const result = await asking(other).pass([...closedBy(orders), free]);
        expect(result.outcome.items.filter(({ state }) => state === 'rejected')).toEqual([]);
        expect((await ask('/orders/1', { 'x-api-key': 'the-key-of-ann' }, other)).status).toBe(503);
        expect((await ask('/free/1', {}, other)).status).toBe(200);
        for (const file of ['rds.json', 'stoa.json']) expect(await readFile(join(other.dir, file), 'utf8')).not.toContain('the-key-of-ann');
      });
    });

    it.each([
      ['has no such filter', { without: ['link'] }],
      ['has one that would let everybody in while the Link is away', { own: { link: { failure_mode_allow: true } } }],
      ['has one that asks somebody else', { own: { link: { grpc_service: { envoy_grpc: { cluster_name: 'other' } } } } }],
    ] satisfies [string, EnvoySetup][])('serves nothing that a Link is to guard where the listener %s', async (_, setup) => {
      await on(setup, async (other) => {
        const [orders, free] = [one('orders'), one('free')];
        const result = await asking(other).pass([...closedBy(orders), free]);
        expect(reasonOf(result, orders)).toContain('stoa.link');
        expect((await ask('/orders/1', {}, other)).status).toBe(404);
        expect((await ask('/free/1', {}, other)).status).toBe(200);
      });
    });

    it('takes over from Envoy, also from routes of a version that knew of no Link', async () => {
      await on({}, async (other) => {
        const orders = one('orders');
        await connectAt(other).pass(closedBy(orders).filter(({ id }) => !id.startsWith('policy:') || id === keyAuth(orders).id));
        expect((await ask('/orders/1', { 'x-api-key': 'the-key-of-ann' }, other)).status).toBe(200);
        const routes = join(other.dir, 'rds.json');
        await writeFile(`${routes}.new`, (await readFile(routes, 'utf8')).replaceAll('"path":"/link"', '"path":"/older"'));
        await rename(`${routes}.new`, routes);
        const result = await asking(other).pass(closedBy(orders));
        expect(result.outcome.items.filter(({ state }) => state === 'rejected')).toEqual([]);
        expect((await ask('/orders/1', {}, other)).status).toBe(503);
      });
    });
  });

  it('what goes by addresses is not served by a listener that believes its callers theirs, and also what was served before is closed', async () => {
    await on({ manager: { use_remote_address: false } }, async (other) => {
      const [inside, free] = [one('inside'), one('free')];
      const items = [inside, policy('inside', { kind: 'ip_restriction', config: { allow: ['10.0.0.0/8'] } }, inside), free];
      const real = envoyTools({ url: other.adminUrl, dir: other.dir, listener: other.proxyUrl });
      // As it was before somebody changed the listener.
      await connectTo(
        adapterAt(other, { listeners: () => envoyTools({ url: envoy.adminUrl, dir: other.dir, listener: other.proxyUrl }).listeners() }),
      ).pass(items);
      expect((await ask('/inside/1', { 'x-forwarded-for': '10.1.2.3' }, other)).status).toBe(200);
      const result = await connectTo(adapterAt(other, real)).pass(items);
      expect(reasonOf(result, inside)).toContain('use_remote_address: true');
      expect((await ask('/inside/1', { 'x-forwarded-for': '10.1.2.3' }, other)).status).toBe(404);
      expect((await ask('/free/1', {}, other)).status).toBe(200);
    });
  });

  it('an Envoy without a listener of our routes is told of, and nothing is written', async () => {
    await on({ manager: { rds: undefined, route_config: { virtual_hosts: [] } } }, async (other) => {
      const before = await readFile(join(other.dir, 'rds.json'), 'utf8');
      const result = await connectAt(other).pass([one('orders')]);
      expect(result.unavailable).toContain('no static listener whose routes are those of the name stoa');
      expect(await readFile(join(other.dir, 'rds.json'), 'utf8')).toBe(before);
    });
  });

  it('a file that is written in place, of which Envoy takes no note, is written again; what is of somebody else is not', async () => {
    const [connect, orders] = [connectAt(), one('orders')];
    await connect.pass([orders]);
    await writeFile(join(envoy.dir, 'rds.json'), '{"resources":[]}');
    const { drift } = await connect.pass([orders]);
    expect(drift.length).toBeGreaterThan(0);
    expect((await ask('/orders/1')).status).toBe(200);
    expect((await connectAt(envoy, '6c2b1f1b-8f2f-4b4a-8e5f-4f9e7a6c1d22').pass([one('stock')])).unavailable).toContain('those of another gateway');

    const clusters = join(envoy.dir, 'cds.json');
    const ours = await readFile(clusters, 'utf8');
    await writeFile(clusters, JSON.stringify({ resources: [{ '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster', name: 'theirs' }] }));
    expect((await connect.pass([orders])).unavailable).toContain('cds.json has the cluster theirs, which STOA Connect did not make');
    await writeFile(clusters, ours);
    expect((await connect.pass([orders])).outcome.state).toBe('applied');
  });

  it('no call is lost while the upstream of an API changes', async () => {
    const second = createServer((_request, response) => void response.end('from the second'));
    const url = await listen(second, { host: '127.0.0.1', port: 0 });
    const connect = connectAt();
    await connect.pass([one('orders')]);
    let going = true;
    const statuses = new Set<number>();
    const caller = (async () => {
      while (going) statuses.add((await ask('/orders/1')).status);
    })();
    for (const to of [url, upstream.url, url]) await connect.pass([api('orders', { url: to, operations: [operation('GET /orders/{id}', 'op')] })]);
    going = false;
    await caller;
    expect([...statuses]).toEqual([200]);
    expect((await ask('/orders/1')).text).toBe('from the second');
    await closeGracefully(second, 0);
  });

  it('tells how it is: whether it and its listener answer, and which of its answers were faults', async () => {
    const dead = api('dead', { url: 'http://127.0.0.1:9', operations: [operation('GET /dead', 'op')] });
    await connectAt().pass([dead]);
    expect((await ask('/dead')).status).toBe(503);
    const well = await adapterAt(envoy).health?.(AbortSignal.timeout(10_000));
    expect(well).toMatchObject({ ready: true, certificates: [], answers: { errors: 1 } });
    expect(well?.answers?.total).toBeGreaterThan(1);
    const away = adapterAt(envoy, { ask: () => Promise.resolve(undefined) });
    expect(await away.health?.(AbortSignal.timeout(10_000))).toMatchObject({ ready: false, reason: expect.stringContaining('STOA_ENVOY_LISTENER') });
  });

  it('a listener that does not answer where it should leaves what was there, and says so', async () => {
    await on({}, async (other) => {
      const adapter = createEnvoyAdapter({
        url: other.adminUrl,
        settings: { envoyDir: other.dir, envoyListener: other.theirsUrl.replace(/\d+$/, '1') },
        patienceMs: 300,
      });
      const result = await connectTo(adapter).pass([one('orders')]);
      expect(reasonOf(result, one('orders'))).toContain('STOA_ENVOY_LISTENER has to lead to its listener');
      expect((await ask('/orders/1', {}, other)).status).toBe(404);
      adapter.close();
    });
  });
});
