import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import type { ConfigItem } from '@stoa/generated/schemas.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectTo } from '../../laws/run.ts';
import { caddies, startCaddy } from '../../testing/caddy-process.ts';
import type { RunningCaddy } from '../../testing/caddy-process.ts';
import { api, consumer, gatewayId, keyAuth, operation, perMinute, policy } from '../../testing/config.ts';
import { reachedBy, startPublicPaths } from '../../testing/public-paths.ts';
import { askAsWritten } from '../../testing/written.ts';
import { createCaddyAdapter } from './adapter.ts';

// What only a real one shows. What CI misses, the laws say.

type Asked = { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders; body: string };
const key = 'the-agents-key';

describe.each(caddies.filter(({ path }) => path !== undefined))('on a real $title', ({ path }) => {
  let caddy: RunningCaddy;
  let upstream: { url: string; server: Server; asked: Asked[] };
  let link: { url: string; server: Server; asked: Asked[] };
  beforeAll(async () => {
    caddy = await startCaddy(path ?? '');
    upstream = await serve(() => ({ status: 200, headers: {} }));
    link = await serve(({ headers }) =>
      headers['x-api-key'] !== key && headers.authorization !== 'Bearer good'
        ? { status: 401, headers: { 'www-authenticate': 'Bearer realm="stoa"' } }
        : headers['x-forwarded-method'] === 'DELETE'
          ? { status: 429, headers: { 'retry-after': '7' } }
          : { status: 200, headers: { 'x-stoa-consumer': 'agent', 'x-stoa-api': 'orders', 'x-stoa-operation': 'getOrder' } },
    );
  });
  afterAll(async () => {
    await caddy?.stop();
    for (const { server } of [upstream, link]) await closeGracefully(server, 0);
  });

  let adapter: ReturnType<typeof createCaddyAdapter>;
  let pass: (items: readonly ConfigItem[]) => ReturnType<ReturnType<typeof connectTo>['pass']>;
  beforeEach(() => {
    adapter = createCaddyAdapter({ url: caddy.adminUrl, settings: { caddyLinkUrl: link.url } });
    pass = connectTo(adapter).pass;
    for (const { asked } of [upstream, link]) asked.length = 0;
  });
  afterEach(async () => {
    await pass([]);
    await admin('PATCH', '/config/apps/http/servers/srv0/routes', []);
    adapter.close();
  });

  it('tells how it is, and which share of its answers were faults', async () => {
    const health = async () => adapter.health?.(AbortSignal.timeout(10_000));
    expect(await health()).toMatchObject({ ready: true, certificates: [] });
    await admin('PUT', '/config/apps/http/servers/srv0/metrics', {});
    await pass([api('orders', { url: upstream.url })]);
    for (const _one of [1, 2]) await fetch(`${caddy.proxyUrl}/orders`);
    // Counted when the answer has gone out.
    await vi.waitFor(async () => expect(await health()).toMatchObject({ answers: { total: 2, errors: 0 } }));
    await admin('DELETE', '/config/apps/http/servers/srv0/metrics');
  });

  const admin = async (method: string, target: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(caddy.adminUrl + target, {
      method,
      headers: { origin: caddy.adminUrl, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect([method, target, response.status, response.ok ? '' : text]).toEqual([method, target, 200, '']);
    return text === '' ? undefined : JSON.parse(text);
  };
  const call = (target: string, init: RequestInit = {}) => fetch(caddy.proxyUrl + target, init);
  const served = (...texts: string[]) =>
    api('orders', { url: upstream.url, operations: texts.map((text) => operation(text, text.replace(/\W+/g, '-'))) });
  const stateOf = (result: Awaited<ReturnType<typeof pass>>, item: ConfigItem) => result.outcome.items.find(({ id }) => id === item.id);

  it('a path that Caddy reads as another than is written reaches no upstream, which is sent what is written', async () => {
    await pass([served('GET /orders/{id}')]);
    const written = async (target: string): Promise<number> => (await askAsWritten(caddy.proxyUrl, target)).status;
    for (const target of [
      '/admin/../orders/7',
      '/admin//../orders/7',
      '/admin/%2E%2e/orders/7',
      '/admin%2f..%2Forders/7',
      '/orders/./7',
      '/orders/..;x=1',
      '/orders/..%5Cadmin',
    ])
      expect([target, await written(target)]).toEqual([target, 404]);
    for (const target of ['/orders/7', '/orders/7..8', '/orders/.7', '/orders/7?at=//a/../b%2f'])
      expect([target, await written(target)]).toEqual([target, 200]);
    expect(upstream.asked).toHaveLength(4);
  });

  it('APIs with the same paths are told apart by prefixes and hosts, which upstreams do not see, or do', async () => {
    const paths = await startPublicPaths();
    try {
      expect((await pass(paths.items)).outcome.state).toBe('applied');
      for (const [path, host, reached] of paths.calls)
        expect([path, host, await reachedBy(caddy.proxyUrl, path, host)]).toEqual([path, host, reached]);
      expect((await pass(paths.items)).writes).toEqual([]);
    } finally {
      await paths.close();
    }
  });

  it('a Link decides on each call, and what it says is what the caller hears', async () => {
    const orders = served('GET /orders/{id}', 'POST /orders', 'DELETE /orders/{id}');
    const result = await pass([orders, keyAuth(orders), perMinute(5, orders), consumer('agent', key)]);
    expect(result.outcome.items.filter(({ state }) => state === 'rejected')).toEqual([]);
    expect(stateOf(result, keyAuth(orders))).toMatchObject({ reason: expect.stringContaining('The Link at STOA_CADDY_LINK_URL decides') });

    expect(await call('/orders/7')).toMatchObject({ status: 401 });
    expect((await call('/orders/7')).headers.get('www-authenticate')).toBe('Bearer realm="stoa"');
    const limited = await call('/orders/7', { method: 'DELETE', headers: { 'x-api-key': key } });
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
    expect(upstream.asked).toEqual([]);

    link.asked.length = 0;
    const spoofed = {
      'x-stoa-consumer': 'somebody',
      'x-stoa-operation': 'op',
      'x-forwarded-uri': '/free',
      'x-forwarded-method': 'PUT',
      'x-original-uri': '/free',
    };
    expect((await call('/orders/7?x=1&y', { headers: { 'x-api-key': key, authorization: 'Bearer theirs', ...spoofed } })).status).toBe(200);
    expect(link.asked).toMatchObject([
      { method: 'GET', url: '/authz', headers: { 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/orders/7?x=1&y' } },
    ]);
    expect(link.asked[0]?.headers).not.toHaveProperty('x-original-uri');
    const [arrived] = upstream.asked;
    expect(arrived).toMatchObject({ url: '/orders/7?x=1&y', headers: { 'x-stoa-consumer': 'agent', 'x-stoa-api': 'orders' } });
    expect(JSON.stringify(arrived)).not.toMatch(/the-agents-key|theirs|somebody|"op"|free/);

    const body = 'b'.repeat(20_000);
    expect((await call('/orders', { method: 'POST', headers: { 'x-api-key': key }, body })).status).toBe(200);
    expect(upstream.asked.at(-1)).toMatchObject({ method: 'POST', body });
    expect(link.asked.at(-1)).toMatchObject({ body: '', headers: { 'x-original-content-length': '20000' } });
  });

  it('a Link judges tokens, and is asked about the path that the upstream has', async () => {
    const orders = api('orders', {
      url: `${upstream.url}/v1`,
      operations: [operation('GET /orders/{id}', 'get')],
      changes: { subscription_required: true, public_path: { prefix: '/shop', strip: false } },
    });
    const tokens = policy('tokens', { kind: 'jwt_auth', config: { issuer: 'https://id.example.com', audience: ['a'] } }, orders);
    expect((await pass([orders, tokens])).outcome.items.filter(({ state }) => state === 'rejected')).toEqual([]);
    expect((await call('/shop/orders/7')).status).toBe(401);
    expect((await call('/shop/orders/7', { headers: { authorization: 'Bearer good' } })).status).toBe(200);
    expect(link.asked.at(-1)?.headers['x-forwarded-uri']).toBe('/v1/orders/7');
    expect(upstream.asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([['/v1/shop/orders/7', undefined]]);
  });

  it('a Link that is away lets nobody through', async () => {
    const orders = served('GET /orders/{id}');
    const alone = createCaddyAdapter({ url: caddy.adminUrl, settings: { caddyLinkUrl: 'http://127.0.0.1:9' } });
    await connectTo(alone).pass([orders, keyAuth(orders), consumer('agent', key)]);
    alone.close();
    expect((await call('/orders/7', { headers: { 'x-api-key': key } })).status).toBe(502);
    expect(upstream.asked).toEqual([]);
  });

  it('what is in force stays, and what hides the APIs is told with its place', async () => {
    const theirs = { match: [{ path: ['/orders/*'], method: ['GET'] }], handle: [{ handler: 'static_response', body: 'theirs' }] };
    await admin('PATCH', '/config/apps/http/servers/srv0/routes', [theirs]);
    const orders = served('GET /orders/{id}', 'POST /orders');
    expect(stateOf(await pass([orders]), orders)).toMatchObject({
      state: 'applied_with_warnings',
      reason: expect.stringContaining('GET /orders/{} is taken by route 0 of server srv0, which STOA Connect did not make'),
    });
    expect(await (await call('/orders/7')).text()).toBe('theirs');
    expect((await call('/orders', { method: 'POST', body: '{}' })).status).toBe(200);

    await admin('PUT', '/config/apps/http/servers/srv0/routes/0', { handle: [{ handler: 'static_response', body: 'all' }] });
    expect(stateOf(await pass([orders]), orders)).toMatchObject({
      state: 'rejected',
      reason: expect.stringContaining("Route 0 of Caddy's server srv0 takes every request before it"),
    });
    await admin('DELETE', '/config/apps/http/servers/srv0/routes/0');
    expect(stateOf(await pass([orders]), orders)).toMatchObject({ state: 'applied_with_warnings' });
  });

  it('what somebody changes in our route is reported and taken back, where the operator has put it', async () => {
    const orders = served('GET /orders/{id}');
    await pass([orders]);
    const route = await admin('GET', `/id/stoa-${gatewayId}`);
    await admin('POST', `/id/stoa-${gatewayId}/handle/0/routes`, {
      match: [{ path: ['/back-door'] }],
      handle: [{ handler: 'static_response', body: 'open' }],
    });
    expect(await (await call('/back-door')).text()).toBe('open');
    expect((await pass([orders])).drift).toMatchObject([{ kind: 'extra', object: expect.stringContaining('did not put there') }]);
    expect(await admin('GET', `/id/stoa-${gatewayId}`)).toEqual(route);
    await admin('DELETE', `/id/stoa-${gatewayId}`);
    expect((await pass([orders])).drift).toMatchObject([{ kind: 'missing', item_id: orders.id }]);

    // Into a route of the operator's, which is for one host.
    await admin('PATCH', '/config/apps/http/servers/srv0/routes', [
      { match: [{ host: ['localhost'] }], handle: [{ handler: 'subroute', routes: [route] }] },
    ]);
    const more = served('GET /orders/{id}', 'POST /orders');
    expect((await pass([more])).outcome.state).toBe('applied');
    expect(await admin('GET', '/config/apps/http/servers/srv0/routes')).toMatchObject([
      { match: [{ host: ['localhost'] }], handle: [{ routes: [{ '@id': `stoa-${gatewayId}` }] }] },
    ]);
  });

  it('what somebody changes while it plans is not written over', async () => {
    const orders = served('GET /orders/{id}');
    const busy = { ...adapter, writer: (observed: Parameters<typeof adapter.writer>[0]) => ({ write: once(observed) }) };
    let meddled = false;
    function once(observed: Parameters<typeof adapter.writer>[0]) {
      const { write } = adapter.writer(observed);
      return async (...given: Parameters<typeof write>) => {
        if (!meddled)
          await admin('POST', '/config/apps/http/servers/srv0/routes', {
            match: [{ path: ['/late'] }],
            handle: [{ handler: 'static_response', body: 'late' }],
          });
        meddled = true;
        await write(...given);
      };
    }
    expect((await connectTo(busy).pass([orders])).outcome.state).toBe('applied');
    expect(await (await call('/late')).text()).toBe('late');
    expect((await call('/orders/7')).status).toBe(200);
  });
});

async function serve(answer: (asked: Asked) => { status: number; headers: Record<string, string> }) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void readText(request).then((body) => {
      const one = { method: request.method, url: request.url, headers: request.headers, body };
      asked.push(one);
      const { status, headers } = answer(one);
      response.writeHead(status, headers).end('said');
    });
  });
  return { url: await listen(server, { host: '127.0.0.1', port: 0 }), server, asked };
}
