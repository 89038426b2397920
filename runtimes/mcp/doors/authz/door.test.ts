import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { createHttpServer } from '@stoa/lib/http-server.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { Penalties } from '@stoa/lib/penalties.ts';
import { createEngine } from '../../engine.ts';
import type { Engine } from '../../engine.ts';
import { collectingIn } from '../../testing/collected-usage.ts';
import { createMeter } from '../../metering/meter.ts';
import { apiItem, configOf, consumerItem, createOrder, engineOf, getOrder, policyItem, subscriptionItem } from '../../testing/fixtures.ts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { authzDoor } from './door.ts';

type Answer = { status: number | undefined; headers: IncomingHttpHeaders; body: string };
type Ask = (path: string, headers?: Record<string, string>, method?: string, body?: string) => Promise<Answer>;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function open(engine: Engine): Promise<Ask> {
  const door = authzDoor.open({ engine });
  const log = createLogger({ program: 'test', level: 'silent' });
  const decide: RequestListener = (request, response) => {
    if (door.handle(request.url?.split('?', 1)[0] ?? '/', request, response) === false) response.writeHead(404).end();
  };
  const server = createHttpServer({ headersTimeout: 15_000, bodyTimeout: 30_000 }, decide, log, door.handleQuick);
  const url = await listen(server, { host: '127.0.0.1', port: 0 });
  closers.push(
    () => closeGracefully(server, 0),
    () => engine.close(),
  );
  return (path, headers = {}, method = 'GET', body = undefined) =>
    new Promise((resolve, reject) => {
      // Not fetch: it would normalise the path, which is what is tested here.
      const sent = httpRequest(url, { path, method, headers }, (response) => {
        text(response).then((body) => resolve({ status: response.statusCode, headers: response.headers, body }), reject);
      });
      sent.once('error', reject).end(body);
    });
}

async function serve(limit = 100) {
  const { item, key } = consumerItem();
  const api = apiItem({ operations: [getOrder(), createOrder()] });
  const limits = policyItem({ kind: 'rate_limit', config: { limit, window_s: 60 } }, [api]);
  const { engine } = engineOf(configOf(api, item, limits));
  return { ask: await open(engine), bearer: { authorization: `Bearer ${key}` } };
}

const nginx = (method: string, uri: string) => ({ 'x-original-method': method, 'x-original-uri': uri });
const traefik = (method: string, uri: string) => ({
  'x-forwarded-method': method,
  'x-forwarded-uri': uri,
  'x-forwarded-proto': 'http',
  'x-forwarded-host': 'a',
});

describe('the shapes that gateways really send', () => {
  it.each<[string, (ask: Ask, bearer: Record<string, string>) => Promise<Answer>]>([
    ['nginx', (ask, bearer) => ask('/authz', { ...bearer, ...nginx('GET', '/v1/orders/7?x=1') })],
    ['Traefik', (ask, bearer) => ask('/authz', { ...bearer, ...traefik('GET', '/v1/orders/7?x=1') })],
    ['Envoy and agentgateway', (ask, bearer) => ask('/authz/v1/orders/7?x=1', { ...bearer, 'content-length': '0' })],
    [
      'a chain of proxies that agree',
      (ask, bearer) => ask('/authz', { ...bearer, ...nginx('GET', '/v1/orders/7'), ...traefik('GET', '/v1/orders/7') }),
    ],
  ])('%s: exactly 200 allows, with headers to copy', async (_gateway, send) => {
    const { ask, bearer } = await serve();
    expect(await send(ask, bearer)).toMatchObject({
      status: 200,
      headers: { 'x-stoa-consumer': 'support-agent', 'x-stoa-api': 'orders', 'x-stoa-operation': 'getOrder', 'content-length': '0' },
    });
    expect(await send(ask, {})).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="stoa"', 'x-stoa-reason': 'unauthenticated' },
    });
  });

  it('decides on the original method, not on that of the question', async () => {
    const { ask, bearer } = await serve();
    expect(await ask('/authz', { ...bearer, ...nginx('POST', '/v1/orders') })).toMatchObject({ headers: { 'x-stoa-operation': 'createOrder' } });
    expect(await ask('/authz/v1/orders', bearer, 'POST')).toMatchObject({ headers: { 'x-stoa-operation': 'createOrder' } });
    expect(await ask('/authz/v1/orders', bearer, 'DELETE')).toMatchObject({ status: 403 });
  });

  it('over the limit: 403 for nginx, 429 for Traefik and Envoy, each with Retry-After', async () => {
    const { ask, bearer } = await serve(1);
    await ask('/authz/v1/orders/7', bearer);
    const told = { headers: { 'retry-after': '60', 'x-stoa-reason': 'rate_limited' } };
    expect(await ask('/authz', { ...bearer, ...nginx('GET', '/v1/orders/7') })).toMatchObject({ status: 403, ...told });
    expect(await ask('/authz', { ...bearer, ...traefik('GET', '/v1/orders/7') })).toMatchObject({ status: 429, ...told });
    expect(await ask('/authz/v1/orders/7', bearer)).toMatchObject({ status: 429, ...told });
  });
});

describe('what it does not decide', () => {
  it('400 when nobody says which request is meant', async () => {
    const { ask, bearer } = await serve();
    expect(await ask('/authz', bearer)).toMatchObject({ status: 400, headers: { 'content-type': 'application/problem+json' } });
  });

  it('503 before the first configuration', async () => {
    const log = createLogger({ program: 'test', level: 'silent' });
    const engine = createEngine({ log, meter: createMeter({ log, spool: collectingIn([]) }) });
    const ask = await open(engine);
    expect(await ask('/authz/v1/orders/7')).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(await engine.meter.registry.metrics()).toContain('stoa_calls_total{door="authz",outcome="undecided"} 1');
  });

  it('leaves other paths alone', async () => {
    const { ask, bearer } = await serve();
    expect(await ask('/authzx', bearer)).toMatchObject({ status: 404 });
  });
});

describe('lesson 31: what a client asserts', () => {
  it('an identity is not believed', async () => {
    const { ask } = await serve();
    const asserted = { 'x-consumer-username': 'support-agent', 'x-stoa-consumer': 'support-agent', ...nginx('GET', '/v1/orders/7') };
    expect(await ask('/authz', asserted)).toMatchObject({ status: 401 });
  });

  it('a second pair of headers cannot stand in for the one that the gateway sets', async () => {
    const { ask, bearer } = await serve();
    const smuggled = { ...bearer, ...traefik('GET', '/admin'), ...nginx('GET', '/v1/orders/7') };
    expect(await ask('/authz', smuggled)).toMatchObject({ status: 403, headers: { 'x-stoa-reason': 'contradictory_request' } });
  });

  it('nor complete the pair where the gateway sets half of its own', async () => {
    const { ask, bearer } = await serve();
    expect(await ask('/authz', { ...bearer, ...traefik('GET', '/v1/orders/7'), 'x-original-uri': '/admin' })).toMatchObject({ status: 400 });
  });

  it.each(['/v1/orders/..%2fadmin', '/v1/orders/%2e%2e/admin', '/v1//orders/7', '/v1/orders/7/../8'])('lesson 27: %s is denied', async (path) => {
    const { ask, bearer } = await serve();
    expect(await ask('/authz', { ...bearer, ...nginx('GET', path) })).toMatchObject({ status: 403 });
    expect(await ask(`/authz${path}`, bearer)).toMatchObject({ status: 403 });
  });
});

it('without a subscription, an operation is denied as one that does not exist', async () => {
  const [subscribed, stranger] = [consumerItem('subscribed'), consumerItem('stranger')];
  const api = apiItem({ operations: [getOrder()], subscription_required: true });
  const { engine } = engineOf(configOf(api, subscribed.item, stranger.item, subscriptionItem(api, subscribed.item)));
  const ask = await open(engine);
  const askAs = (key: string, path: string) => ask('/authz', { authorization: `Bearer ${key}`, ...nginx('GET', path) });
  expect(await askAs(subscribed.key, '/v1/orders/7')).toMatchObject({ status: 200 });
  const [denied, unknown] = [await askAs(stranger.key, '/v1/orders/7'), await askAs(stranger.key, '/v1/nothing')];
  expect(denied).toMatchObject({ status: 403, headers: { 'x-stoa-reason': 'forbidden' } });
  const told = ({ body }: Answer) => ({ ...(JSON.parse(body) as object), request_id: '' });
  expect(told(denied)).toEqual(told(unknown));
});

describe('what would tell an upstream of another request than was decided on', () => {
  it.each([
    'X-HTTP-Method-Override',
    'x_http_method_override',
    'X-Method-Override',
    'X-HTTP-Method',
    '_method',
    'X-Original-URL',
    'X-Rewrite-URL',
    'x_rewrite-url',
    'x_stoa_consumer',
    'X-Stoa_Consumer',
    'X.Stoa.Consumer',
    'X-Stoa-Tenant',
  ])('is denied in the header %s', async (name) => {
    const { ask, bearer } = await serve();
    const denied = { status: 403, headers: { 'x-stoa-reason': 'overridden_request' } };
    expect(await ask('/authz', { ...bearer, ...nginx('GET', '/v1/orders/7'), [name]: '/admin' })).toMatchObject(denied);
    expect(await ask('/authz/v1/orders/7', { ...bearer, [name]: 'DELETE' })).toMatchObject(denied);
  });

  it.each(['_method=DELETE', 'x=1&_method=DELETE', '%5Fmethod=DELETE', 'x=1;_METHOD=DELETE', 'X-HTTP-Method-Override=PUT'])(
    'is denied in the query %s',
    async (query) => {
      const { ask, bearer } = await serve();
      expect(await ask('/authz', { ...bearer, ...nginx('GET', `/v1/orders/7?${query}`) })).toMatchObject({ status: 403 });
      expect(await ask(`/authz/v1/orders/7?${query}`, bearer)).toMatchObject({ status: 403 });
    },
  );

  it('is not seen in names that only look like it, nor is a long query', async () => {
    const { ask, bearer } = await serve();
    const query = `method=DELETE&x_method_=1&x=${'x'.repeat(20_000)}`;
    expect(await ask('/authz', { ...bearer, ...nginx('GET', `/v1/orders/7?${query}`), 'x-methods': 'GET' })).toMatchObject({ status: 200 });
  });
});

describe('HEAD', () => {
  it('is allowed where GET is, and denied where it is not', async () => {
    const { ask, bearer } = await serve();
    expect(await ask('/authz', { ...bearer, ...nginx('HEAD', '/v1/orders/7') })).toMatchObject({
      status: 200,
      headers: { 'x-stoa-operation': 'getOrder' },
    });
    expect(await ask('/authz/v1/orders/7', bearer, 'HEAD')).toMatchObject({ status: 200 });
    expect(await ask('/authz/v1/orders', bearer, 'HEAD')).toMatchObject({ status: 403 });
  });
});

it('a bad key is counted under the address that a trusted proxy tells; a good one, and none, under no address', async () => {
  const { item, key } = consumerItem();
  const { engine } = engineOf(configOf(apiItem(), item), { trustedProxies: ['127.0.0.1', '::1'] });
  const counted = vi.spyOn(Penalties.prototype, 'wait');
  const ask = await open(engine);
  const question = { ...nginx('GET', '/v1/orders/7'), 'x-forwarded-for': '192.0.2.7' };
  for (const credential of [{ authorization: 'Bearer nonsense' }, { authorization: `Bearer ${key}` }, {}])
    await ask('/authz', { ...question, ...credential });
  expect(counted.mock.calls).toEqual([['192.0.2.7']]);
  counted.mockRestore();
});

it('a key that has expired stays dead when the wall clock is set back', async () => {
  const { item, key } = consumerItem('support-agent', { expiresAt: new Date(Date.now() + 60_000).toISOString() });
  const { engine } = engineOf(configOf(apiItem(), item));
  const ask = await open(engine);
  const question = { authorization: `Bearer ${key}`, ...nginx('GET', '/v1/orders/7') };
  const start = Date.now();
  const wall = vi.spyOn(Date, 'now');
  const verdicts: (number | undefined)[] = [];
  for (const ahead of [0, 120_000, -3_600_000]) {
    wall.mockReturnValue(start + ahead);
    verdicts.push((await ask('/authz', question)).status);
  }
  wall.mockRestore();
  expect(verdicts).toEqual([200, 401, 401]);
});

describe('a body that the gateway tells of is held to the limit of its API', () => {
  const tooLarge = { headers: { 'x-stoa-reason': 'too_large' } };
  async function serveLimited() {
    const { item, key } = consumerItem();
    const api = apiItem({ operations: [createOrder()] });
    const { engine } = engineOf(configOf(api, item, policyItem({ kind: 'request_size_limit', config: { max_bytes: 10 } }, [api])));
    return { ask: await open(engine), bearer: { authorization: `Bearer ${key}` } };
  }

  it('by its length in a header', async () => {
    const { ask, bearer } = await serveLimited();
    const told = (bytes: number) => ({ ...bearer, 'x-original-content-length': String(bytes) });
    expect(await ask('/authz', { ...told(11), ...nginx('POST', '/v1/orders') })).toMatchObject({ status: 403, ...tooLarge });
    expect(await ask('/authz', { ...told(11), ...traefik('POST', '/v1/orders') })).toMatchObject({ status: 413, ...tooLarge });
    expect(await ask('/authz/v1/orders', told(11), 'POST')).toMatchObject({ status: 413, ...tooLarge });
    expect(await ask('/authz/v1/orders', told(10), 'POST')).toMatchObject({ status: 200 });
  });

  it('by what comes along of it, whatever a client says', async () => {
    const { ask, bearer } = await serveLimited();
    const headers = { ...bearer, 'x-original-content-length': '1' };
    expect(await ask('/authz/v1/orders', headers, 'POST', 'x'.repeat(11))).toMatchObject({ status: 413, ...tooLarge });
    expect(await ask('/authz/v1/orders', headers, 'POST', 'x'.repeat(10))).toMatchObject({ status: 200 });
  });
});

describe('an address restriction', () => {
  const restricted = (trustedProxies: string[]) => {
    const { item, key } = consumerItem();
    const api = apiItem();
    const policy = policyItem({ kind: 'ip_restriction', config: { allow: ['192.0.2.0/24'] } }, [api]);
    const { engine } = engineOf(configOf(api, item, policy), { trustedProxies });
    return open(engine).then((ask) => async (client: Record<string, string>) => {
      const { status, headers } = await ask('/authz', { authorization: `Bearer ${key}`, ...client, ...nginx('GET', '/v1/orders/7') });
      return [status, headers['x-stoa-reason']];
    });
  };

  it('is judged by the address that the gateway tells of', async () => {
    const from = await restricted(['127.0.0.1']);
    expect(await from({ 'x-forwarded-for': '192.0.2.9' })).toEqual([200, undefined]);
    expect(await from({ 'x-forwarded-for': '192.0.2.9, 198.51.100.1' })).toEqual([403, 'address_refused']);
  });

  it('refuses every request where nobody who is trusted tells of one', async () => {
    const refused = [403, 'address_refused'];
    expect(await (await restricted(['127.0.0.1']))({})).toEqual(refused);
    expect(await (await restricted([]))({ 'x-forwarded-for': '192.0.2.9' })).toEqual(refused);
  });
});

describe('a good key', () => {
  async function serveTwo() {
    const { item, key } = consumerItem();
    const orders = apiItem({ name: 'orders' });
    const bills = apiItem({ name: 'bills', url: 'http://127.0.0.1:9/bills' });
    const keyHeader = policyItem({ kind: 'api_key_auth', config: { header: 'X-API-Key' } }, [bills]);
    const { engine, usage } = engineOf(configOf(orders, bills, item, keyHeader));
    return { ask: await open(engine), key, engine, usage, consumerId: item.consumer_id };
  }

  it.each(['x-api-key', 'authorization'])('in %s is known where there is no operation, and what it asked for is metered to it', async (name) => {
    const { ask, key, engine, usage, consumerId } = await serveTwo();
    const headers = { [name]: name === 'authorization' ? `Bearer ${key}` : key };
    const asked: [string, string][] = [
      ['GET', '/nothing'],
      ['DELETE', '/bills/orders/7'],
      ['GET', '/bills/orders/..%2f7'],
    ];
    for (const [method, path] of asked) {
      expect(await ask(`/authz${path}`, headers, method)).toMatchObject({ status: 403, headers: { 'x-stoa-reason': 'forbidden' } });
    }
    await engine.close();
    expect(usage).toMatchObject([
      { api_id: '00000000-0000-0000-0000-000000000000', operation_id: '', consumer_id: consumerId, door: 'authz', calls: 3, denied: 3 },
    ]);
  });

  it('counts in the header of its API only, where there is an operation', async () => {
    const { ask, key } = await serveTwo();
    expect(await ask('/authz/v1/orders/7', { 'x-api-key': key })).toMatchObject({ status: 401 });
    expect(await ask('/authz/bills/orders/7', { 'x-api-key': key })).toMatchObject({ status: 200 });
    expect(await ask('/authz/nothing', { 'x-api-key': `${key}x` })).toMatchObject({ status: 401 });
  });
});

it('a question that is refused without a decision is metered to whoever asked, too', async () => {
  const { item, key } = consumerItem();
  const api = apiItem({ operations: [getOrder(), createOrder()] });
  const { engine, usage } = engineOf(configOf(api, item));
  const ask = await open(engine);
  const bearer = { authorization: `Bearer ${key}` };
  const order = nginx('GET', '/v1/orders/7');
  const asked: [string, Record<string, string>][] = [
    ['/authz', { ...bearer, ...order, 'x-rewrite-url': '/admin' }],
    ['/authz', { ...order, 'x-rewrite-url': '/admin' }],
    ['/authz/v1/orders/7', { ...bearer, upgrade: 'websocket', connection: 'Upgrade' }],
    ['/authz', { ...bearer, ...order, ...traefik('GET', '/admin') }],
    ['/authz', bearer],
    ['/healthz', { ...bearer, 'content-length': '0' }],
  ];
  for (const [path, headers] of asked) expect([400, 403]).toContain((await ask(path, headers)).status);
  expect(await engine.meter.registry.metrics()).toContain('stoa_calls_total{door="authz",outcome="forbidden"} 6');
  await engine.close();
  const { consumer_id } = item;
  const denied = (calls: number) => ({ door: 'authz', calls, denied: calls });
  expect(usage).toMatchObject([
    { api_id: api.api_id, operation_id: 'getOrder', consumer_id, ...denied(2) },
    { api_id: api.api_id, operation_id: 'getOrder', ...denied(1) },
    { operation_id: '', consumer_id, ...denied(3) },
  ]);
  expect(usage[1]).not.toHaveProperty('consumer_id');
});

it.each([
  ['WebSocket', { upgrade: 'websocket', connection: 'Upgrade' }],
  ['HTTP/2', { upgrade: 'h2c', connection: 'Upgrade' }],
  ['WebSocket, where the gateway takes Upgrade off the question', { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }],
  ['HTTP/2, where it does', { 'http2-settings': 'AAMAAABkAAQAAP__' }],
])('an upgrade to %s is not permitted as its GET is', async (_protocol, upgrade) => {
  const { ask, bearer } = await serve();
  const denied = { status: 403, headers: { 'x-stoa-reason': 'upgrade' } };
  expect(await ask('/authz', { ...bearer, ...upgrade, ...traefik('GET', '/v1/orders/7') })).toMatchObject(denied);
  expect(await ask('/authz/v1/orders/7', { ...bearer, ...upgrade })).toMatchObject(denied);
});

it.each<[string, Record<string, string>]>([
  ['GET', { 'content-length': '0' }],
  ['HEAD', { 'content-length': '0' }],
  ['POST', { 'x-envoy-auth-partial-body': 'false' }],
])('the question of a gateway that forgot its prefix is no %s of what Link serves itself', async (method, marks) => {
  const { ask, bearer } = await serve();
  for (const path of ['/healthz', '/readyz', '/metrics', '/version', '/mcp', '/apis/orders/orders/7', '/v1/orders/7']) {
    expect(await ask(path, { ...bearer, ...marks }, method)).toMatchObject({ status: 403, headers: { 'x-stoa-reason': 'misdirected_question' } });
    expect(await ask(path, bearer, method)).toMatchObject({ status: 404 });
  }
});
