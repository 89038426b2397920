import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { configOf, consumerItem, getOrder, subscriptionItem } from '../../testing/fixtures.ts';
import { agent, bearer, credential, key, openingRest, upgrade } from './testing/fixture.ts';

const { upstream, open, orders, withPolicies } = openingRest();

describe('a request that may be made', () => {
  it('reaches the operation below the upstream, and its answer the caller, whatever its status', async () => {
    const { ask, metered } = await open(configOf(orders(), agent));
    expect(await ask('/apis/orders/orders/7?x=%41&y')).toMatchObject({ status: 200, body: 'got ' });
    upstream.respond = (_request, response) => response.writeHead(418, { 'x-upstream': 'a' }).end('tea');
    expect(await ask('/apis/orders/orders', bearer, 'POST', '{"a":1}')).toMatchObject({ status: 418, body: 'tea', headers: { 'x-upstream': 'a' } });
    expect(upstream.seen).toMatchObject([
      { method: 'GET', url: '/v1/orders/7?x=%41&y' },
      { method: 'POST', url: '/v1/orders', headers: { 'content-length': '7' } },
    ]);
    expect(await metered()).toMatchObject([
      { door: 'rest', operation_id: 'getOrder', calls: 1, errors: 0, response_bytes: 4, new_key_ids: [agent.keys[0]?.key_id] },
      { door: 'rest', operation_id: 'createOrder', calls: 1, request_bytes: 7, response_bytes: 3 },
    ]);
  });

  it('is told by whom it is made, in our name alone', async () => {
    const { ask } = await open(configOf(orders(), agent));
    const spelt = {
      'x-stoa-consumer': 'root',
      'X-Stoa_Consumer': 'root',
      x_stoa_consumer: 'root',
      'X.Stoa.Consumer': 'root',
      'x-stoa-anything': 'x',
    };
    const others = {
      'x-consumer-username': 'root',
      'x-forwarded-client-cert': 'Subject=root',
      x_forwarded_for: '10.0.0.1',
      'x-forwarded-for': '10.0.0.1',
    };
    const connection = { connection: 'keep-alive, x-secret-hop', 'x-secret-hop': '1', te: 'trailers', 'proxy-authorization': 'Basic x' };
    const { headers } = await ask('/apis/orders/orders/7', { ...bearer, ...spelt, ...others, ...connection, 'x-kept': 'yes' });
    const [told] = upstream.seen;
    expect(told?.headers).toMatchObject({
      'x-stoa-consumer': 'support-agent',
      'x-request-id': headers['x-request-id'],
      'x-forwarded-for': '127.0.0.1',
      'x-kept': 'yes',
      host: new URL(upstream.url).host,
    });
    expect(told?.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    const names = told?.rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase()) ?? [];
    expect(names.filter((name) => name.replace(/[_.]/g, '-') === 'x-stoa-consumer')).toEqual(['x-stoa-consumer']);
    const gone = ['authorization', 'te', 'proxy-authorization', 'x-secret-hop', 'x-consumer-username', 'x-forwarded-client-cert', 'x_forwarded_for'];
    expect(names.filter((name) => gone.includes(name))).toEqual([]);
  });

  it('goes on with its trace, and comes back without what speaks in our name', async () => {
    upstream.respond = (_request, response) =>
      response.writeHead(200, { 'x-stoa-consumer': 'somebody', connection: 'close, x-hop', 'x-hop': '1', 'x-request-id': 'theirs' }).end();
    const { ask } = await open(configOf(orders(), agent));
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const { headers } = await ask('/apis/orders/orders/7', { ...bearer, traceparent, tracestate: 'x=1' });
    expect(upstream.seen[0]?.headers).toMatchObject({ traceparent, tracestate: 'x=1' });
    expect(headers).not.toHaveProperty('x-stoa-consumer');
    expect(headers).not.toHaveProperty('x-hop');
    expect(headers['x-request-id']).not.toBe('theirs');
  });

  it('carries the credentials of the gateway, in place of whatever the caller wrote there', async () => {
    const credentials = [
      { in: 'header' as const, name: 'X-Api-Key', value: 'ours' },
      { in: 'query' as const, name: 'key', value: 'ours' },
      { in: 'cookie' as const, name: 'session', value: 'ours' },
    ];
    const { ask } = await open(configOf(orders({ upstream: { url: `${upstream.url}/v1`, credentials } }), agent));
    await ask('/apis/orders/orders/7?a=1&key=theirs&%6bey=theirs&b=2', { ...bearer, 'x-api-key': 'theirs', cookie: 'session=theirs; kept=1' });
    expect(upstream.seen).toMatchObject([{ url: '/v1/orders/7?a=1&b=2&key=ours', headers: { 'x-api-key': 'ours', cookie: 'kept=1; session=ours' } }]);
  });

  it('HEAD is GET without a body, and an answer without one keeps its length', async () => {
    upstream.respond = (_request, response) => response.writeHead(200, { 'content-length': '5' }).end();
    const { ask } = await open(configOf(orders(), agent));
    expect(await ask('/apis/orders/orders/7', bearer, 'HEAD')).toMatchObject({ status: 200, headers: { 'content-length': '5' }, body: '' });
  });
});

describe('a request that may not be made', () => {
  it('401 without a good key, whether there is such an API or not, with a challenge', async () => {
    const { ask, metered } = await open(configOf(orders(), agent));
    for (const path of ['/apis/orders/orders/7', '/apis/orders/nothing', '/apis/nothing/orders/7', '/apis/orders']) {
      expect(await ask(path, {})).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Bearer realm="stoa"', 'content-type': 'application/problem+json' },
      });
    }
    expect(await ask('/apis/orders/orders/7', { authorization: 'Bearer nonsense' })).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="stoa", error="invalid_token"' },
    });
    expect(upstream.seen).toEqual([]);
    expect(await metered()).toMatchObject([
      { operation_id: 'getOrder', calls: 2, denied: 2, refusals: [{ reason: 'unauthenticated', calls: 2, address: '127.0.0.1' }] },
      { operation_id: '', calls: 0, denied: 0, refusals: [{ reason: 'unauthenticated', calls: 3 }] },
    ]);
  });

  it('404 for what the document does not have, and for what this consumer may not use', async () => {
    const stranger = consumerItem('stranger');
    const api = orders({ subscription_required: true });
    const { ask } = await open(configOf(api, agent, stranger.item, subscriptionItem(api, agent)));
    const asked: [string, string?][] = [
      ['/apis/orders/nothing'],
      ['/apis/nothing/orders/7'],
      ['/apis/orders/orders/7', 'DELETE'],
      ['/apis/orders'],
      ['/apis/Orders/orders/7'],
    ];
    for (const [path, method] of asked) {
      const { status, body } = await ask(path, bearer, method);
      expect({ status, ...(JSON.parse(body) as object) }).toMatchObject({ status: 404, code: 'not_found' });
    }
    expect(await ask('/apis/orders/orders/7', { authorization: `Bearer ${stranger.key}` })).toMatchObject({ status: 404 });
    expect(await ask('/apis/orders/orders/7')).toMatchObject({ status: 200 });
    expect(upstream.seen).toHaveLength(1);
  });

  it.each([
    '/apis/orders/orders/%2e%2e',
    '/apis/orders/orders/..%2fadmin',
    '/apis/orders/orders/../admin',
    '/apis/orders//orders/7',
    '/apis/orders/orders/7%00',
    '/apis/orders/orders/a\\b',
    '/apis/orders/orders/7;x',
    '/apis/orders/orders/%zz',
    '/apis/%6frders/orders/7',
    '/apis/orders%2forders/7',
    '/apis/../apis/orders/orders/7',
  ])('lesson 27: %s is nothing, for what is decided on is what is sent on', async (path) => {
    const { ask } = await open(configOf(orders(), agent));
    expect(await ask(path)).toMatchObject({ status: 404 });
    expect(upstream.seen).toEqual([]);
  });

  it('403 for what would tell the upstream of another request', async () => {
    const { ask } = await open(configOf(orders(), agent));
    expect(await ask('/apis/orders/orders/7', { ...bearer, 'x-http-method-override': 'DELETE' })).toMatchObject({ status: 403 });
    expect(await ask('/apis/orders/orders/7?_method=DELETE')).toMatchObject({ status: 403 });
    expect(upstream.seen).toEqual([]);
  });

  it('429 over a limit, with when to come back', async () => {
    const { ask } = await open(withPolicies({ kind: 'rate_limit', config: { limit: 1, window_s: 60 } }));
    expect(await ask('/apis/orders/orders/7')).toMatchObject({ status: 200 });
    expect(await ask('/apis/orders/orders/7')).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
  });

  it('says of each limit what it is and what is left, in place of what the upstream says of its own', async () => {
    upstream.respond = (_request, response) => response.writeHead(200, { ratelimit: '"theirs";r=1;t=1' }).end();
    const quota = { kind: 'quota' as const, config: { limit: 5, period: 'hour' as const } };
    const { ask } = await open(withPolicies({ kind: 'rate_limit', config: { limit: 2, window_s: 60 } }, quota));
    const said = async () => (await ask('/apis/orders/orders/7')).headers;
    const first = await said();
    expect(String(first['ratelimit-policy']).split(', ').sort()).toEqual(['"p0";q=2;w=60', '"p1";q=5;w=3600']);
    expect(String(first['ratelimit']).split(', ').sort()).toEqual(['"p0";r=1;t=60', expect.stringMatching(/^"p1";r=4;t=\d+$/)]);
    await said();
    expect(
      String((await said())['ratelimit'])
        .split(', ')
        .sort(),
    ).toEqual(['"p0";r=0;t=60', expect.stringMatching(/^"p1";r=3;t=\d+$/)]);
  });

  it('429 once the bytes of a quota have passed, which counts a stream while it lasts', async () => {
    const quota = { kind: 'quota', config: { limit: 2_000_000, period: 'month', unit: 'bytes' } } as const;
    const { ask } = await open(withPolicies(quota));
    expect((await ask('/apis/orders/orders', bearer, 'POST', 'x'.repeat(100))).headers).toMatchObject({
      'ratelimit-policy': expect.stringMatching(/^"p0";q=2000000;qu="content-bytes";w=\d+$/),
    });
    // Of the request and of what it was answered: "got " and the same.
    expect(String((await ask('/apis/orders/orders/7')).headers['ratelimit'])).toContain(`r=${2_000_000 - 204};`);
    let end: () => void = () => undefined;
    upstream.respond = (_request, response) => {
      response.write('x'.repeat(4_000_000));
      end = () => response.end();
    };
    const stream = ask('/apis/orders/orders/7');
    await vi.waitUntil(() => upstream.seen.length === 3);
    upstream.respond = (_request, response) => response.end();
    await vi.waitUntil(async () => (await ask('/apis/orders/orders/7')).status === 429);
    end();
    expect(await stream).toMatchObject({ status: 200 });
  });

  it('413 for a body that is too large, told or not', async () => {
    const { ask, metered } = await open(withPolicies({ kind: 'request_size_limit', config: { max_bytes: 10 } }));
    expect(await ask('/apis/orders/orders', bearer, 'POST', 'x'.repeat(11))).toMatchObject({ status: 413 });
    expect(upstream.seen).toEqual([]);
    expect(await ask('/apis/orders/orders', { ...bearer, 'transfer-encoding': 'chunked' }, 'POST', 'x'.repeat(11))).toMatchObject({ status: 413 });
    expect(await ask('/apis/orders/orders', { ...bearer, 'transfer-encoding': 'chunked' }, 'POST', 'x'.repeat(10))).toMatchObject({ status: 200 });
    expect(await metered()).toMatchObject([{ calls: 3, denied: 2 }]);
  });

  it('403 from an address that a policy does not admit', async () => {
    const { ask } = await open(withPolicies({ kind: 'ip_restriction', config: { allow: ['192.0.2.0/24'] } }), { trustedProxies: ['127.0.0.1'] });
    expect(await ask('/apis/orders/orders/7')).toMatchObject({ status: 403 });
    expect(await ask('/apis/orders/orders/7', { ...bearer, 'x-forwarded-for': '192.0.2.7' })).toMatchObject({ status: 200 });
    expect(upstream.seen).toMatchObject([{ headers: { 'x-forwarded-for': '192.0.2.7' } }]);
  });

  it('a key in the header that the API names is a key, and stays here', async () => {
    const { ask } = await open(withPolicies({ kind: 'api_key_auth', config: { header: 'X-Key' } }));
    expect(await ask('/apis/orders/orders/7', { 'x-key': key })).toMatchObject({ status: 200 });
    expect(upstream.seen[0]?.headers).not.toHaveProperty('x-key');
  });

  it('502 where the upstream is not there', async () => {
    const { ask, metered } = await open(configOf(orders({ upstream: { url: 'http://127.0.0.1:9' } }), agent));
    expect(await ask('/apis/orders/orders/7')).toMatchObject({ status: 502, headers: { 'content-type': 'application/problem+json' } });
    expect(await metered()).toMatchObject([{ calls: 1, errors: 1 }]);
  });

  it('504 where it does not answer in time', async () => {
    upstream.respond = () => undefined;
    const { ask } = await open(configOf(orders(), agent), { upstream: { timeoutMs: 50 } });
    expect(await ask('/apis/orders/orders/7')).toMatchObject({ status: 504 });
  });
});

describe('parameters are held against the document as those of tools are', () => {
  const listed = getOrder({
    operation_id: 'listOrders',
    path: '/orders',
    tool: {
      name: 'listOrders',
      input_schema: {
        type: 'object',
        properties: {
          limit: { type: 'integer', maximum: 100 },
          state: { type: 'string', enum: ['open', 'closed'] },
          tag: { type: 'array', items: { type: 'string', maxLength: 3 } },
          total: { type: 'integer', maximum: 9007199254740992 },
          free: { anyOf: [{ type: 'integer' }, { type: 'boolean' }] },
          channel: { type: 'string' },
        },
      },
      annotations: {},
    },
    bindings: [
      ...['limit', 'state', 'tag', 'total', 'free'].map((name) => ({ argument: name, in: 'query' as const, name, required: name === 'limit' })),
      { argument: 'channel', in: 'header', name: 'X-Channel', required: false },
    ],
  });
  it.each([
    ['limit=7', 200],
    ['limit=100&state=open&tag=a&tag=b&other=1', 200],
    ['limit=7&free=whatever', 200],
    ['limit=7&total=9007199254740992', 200],
    ['limit=7&total=9007199254740993', 400],
    ['limit=101', 400],
    ['limit=ten', 400],
    ['limit=0x7', 400],
    ['state=open', 400],
    ['limit=7&state=lost', 400],
    ['limit=7&tag=a&tag=long', 400],
  ])('%s: %s', async (query, status) => {
    const { ask } = await open(configOf(orders({ operations: [listed] }), agent));
    expect(await ask(`/apis/orders/orders?${query}`)).toMatchObject({ status });
    expect(upstream.seen).toHaveLength(status === 200 ? 1 : 0);
  });

  it('one that has one value is given once: an upstream might take another than was judged', async () => {
    const { ask } = await open(configOf(orders({ operations: [listed] }), agent));
    const refused = async (query: string, headers: Record<string, string | string[]> = bearer): Promise<unknown> => {
      const { status, body } = await ask(`/apis/orders/orders?${query}`, headers);
      return { status, ...(JSON.parse(body) as object) };
    };
    expect(await refused('limit=7&limit=1000000&%6cimit=8&state=open')).toMatchObject({
      status: 400,
      code: 'invalid_arguments',
      errors: [{ pointer: '/limit', message: 'has one value, and the query parameter limit is given 3 times: give it once' }],
    });
    expect(await refused('limit=7', { ...bearer, 'X-Channel': ['shop', 'admin'] })).toMatchObject({
      status: 400,
      errors: [{ pointer: '/channel', message: 'has one value, and the header X-Channel is given 2 times: give it once' }],
    });
    expect(upstream.seen).toEqual([]);
    expect(await ask('/apis/orders/orders?limit=7&tag=a&tag=b', { ...bearer, 'x-channel': 'shop, admin' })).toMatchObject({ status: 200 });
  });
});

describe('what policies do to answers', () => {
  it('sets and removes headers of requests and answers', async () => {
    upstream.respond = (_request, response) => response.writeHead(200, { server: 'secret', 'x-a': '1' }).end();
    const change = { request: { set: { 'X-Channel': 'rest' }, remove: ['X-Debug'] }, response: { set: { 'X-A': '2' }, remove: ['Server'] } };
    const { ask } = await open(withPolicies({ kind: 'headers', config: change }));
    const { headers } = await ask('/apis/orders/orders/7', { ...bearer, 'x-debug': '1', 'x-channel': 'theirs' });
    expect(headers).toMatchObject({ 'x-a': '2' });
    expect(headers).not.toHaveProperty('server');
    expect(upstream.seen[0]?.headers).toMatchObject({ 'x-channel': 'rest' });
    expect(upstream.seen[0]?.headers).not.toHaveProperty('x-debug');
  });

  it('a page that a policy names is answered its preflight and may read what it is told, also that it has no key', async () => {
    const config = { allow_origins: ['https://app.example'], allow_headers: ['Authorization'], expose_headers: ['X-Total'], max_age_s: 60 };
    const { ask } = await open(withPolicies({ kind: 'cors', config }));
    const preflight = { origin: 'https://app.example', 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' };
    expect(await ask('/apis/orders/orders/7', preflight, 'OPTIONS')).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': 'https://app.example',
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'Authorization',
        'access-control-max-age': '60',
      },
    });
    upstream.respond = (_request, response) => response.writeHead(200, { 'access-control-allow-origin': '*' }).end();
    const readable = { 'access-control-allow-origin': 'https://app.example', 'access-control-expose-headers': 'X-Total', vary: 'Origin' };
    expect((await ask('/apis/orders/orders/7', { ...bearer, origin: 'https://app.example' })).headers).toMatchObject(readable);
    expect(await ask('/apis/orders/orders/7', { origin: 'https://app.example' })).toMatchObject({ status: 401, headers: readable });
    const foreign = { ...preflight, origin: 'https://evil.example' };
    expect((await ask('/apis/orders/orders/7', foreign, 'OPTIONS')).headers).not.toHaveProperty('access-control-allow-origin');
    expect((await ask('/apis/orders/orders/7', { ...bearer, origin: 'https://evil.example' })).headers).not.toHaveProperty(
      'access-control-allow-origin',
    );
  });
});

describe('what is passed on as it comes', () => {
  it('both bodies, piece by piece: an answer begins before its request has ended', async () => {
    upstream.respond = (request, response) => {
      response.writeHead(200);
      request.pipe(response);
    };
    const { port } = await open(configOf(orders(), agent));
    const sent = httpRequest({ port, path: '/apis/orders/orders', method: 'POST', headers: bearer });
    sent.write('one');
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    expect(String((await once(answer, 'data'))[0])).toBe('one');
    sent.write('two');
    expect(String((await once(answer, 'data'))[0])).toBe('two');
    sent.end();
    await once(answer.resume(), 'end');
  });

  it('a caller who goes away takes the request at the upstream with it', async () => {
    const gone = Promise.withResolvers<void>();
    upstream.respond = (request, response) => {
      response.writeHead(200).write('first');
      request.socket.once('close', () => gone.resolve());
    };
    const { port, metered, engine } = await open(configOf(orders(), agent));
    const sent = httpRequest({ port, path: '/apis/orders/orders/7', headers: bearer }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    await once(answer, 'data');
    sent.destroy();
    await gone.promise;
    expect(await engine.meter.registry.metrics()).toContain('stoa_calls_total{door="rest",outcome="cancelled"} 1');
    expect(await metered()).toMatchObject([{ calls: 1, response_bytes: 5 }]);
  });

  it('an answer that breaks off breaks off', async () => {
    upstream.respond = (request, response) => {
      response.writeHead(200).write('first', () => request.socket.destroy());
    };
    const { ask } = await open(configOf(orders(), agent));
    await expect(ask('/apis/orders/orders/7')).rejects.toThrow();
  });
});

describe('WebSocket', () => {
  it('goes through in both directions, and is metered at its end', async () => {
    const { port, metered } = await open(configOf(orders(), agent));
    const { socket, head } = await upgrade(port, credential);
    expect(head).toMatch(/^HTTP\/1\.1 101 [^]*sec-websocket-accept: y/i);
    expect(upstream.seen).toMatchObject([{ url: '/v1/orders/7', headers: { 'sec-websocket-key': 'x', 'x-stoa-consumer': 'support-agent' } }]);
    expect(upstream.seen[0]?.headers).not.toHaveProperty('authorization');
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toBe('hello');
    socket.end();
    await once(socket, 'close');
    expect(await metered()).toMatchObject([{ operation_id: 'getOrder', calls: 1, errors: 0, denied: 0 }]);
  });

  it('is refused like any other request', async () => {
    const { port } = await open(configOf(orders(), agent));
    const { head, socket } = await upgrade(port, '');
    expect(head).toMatch(/^HTTP\/1\.1 401 /);
    await once(socket.resume(), 'close');
    expect(upstream.seen).toEqual([]);
  });

  it('ends when its key is revoked, and when the gateway stops', async () => {
    const { port, apply } = await open(configOf(orders(), agent));
    const { socket } = await upgrade(port, credential);
    await apply(configOf(orders(), agent));
    socket.write('still there');
    await once(socket, 'data');
    const closed = once(socket.resume(), 'close');
    await apply(configOf(orders(), { ...agent, keys: [] }));
    await closed;
  });

  it('an upstream that does not speak it answers as it likes', async () => {
    upstream.takesUpgrades(false);
    const { port } = await open(configOf(orders(), agent));
    const { head, socket } = await upgrade(port, credential);
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });
});

describe('guardrails', () => {
  const masking = { detectors: [{ detector: 'payment_card', action: 'mask' }] } as const;
  const guarding = (side: 'request' | 'response', more: object = {}) =>
    withPolicies({ kind: 'guardrails', config: { [side]: { ...masking, ...more } } });
  const card = '4111111111111111';

  it('mask a body on its way to the upstream, in chunks or not', async () => {
    const { ask } = await open(guarding('request'));
    expect(await ask('/apis/orders/orders', bearer, 'POST', `{"a":"${card}"}`)).toMatchObject({ status: 200, body: 'got {"a":"[payment_card]"}' });
    expect(await ask('/apis/orders/orders', { ...bearer, 'transfer-encoding': 'chunked' }, 'POST', `a ${card}`)).toMatchObject({
      body: 'got a [payment_card]',
    });
    expect(upstream.seen.map(({ headers }) => headers['content-length'])).toEqual(['22', '16']);
  });

  it('refuse what is too large, compressed, or in the path, and the upstream hears nothing of it', async () => {
    const { ask, metered } = await open(guarding('request', { max_bytes: 8 }));
    expect(await ask('/apis/orders/orders', { ...bearer, 'transfer-encoding': 'chunked' }, 'POST', '123456789')).toMatchObject({ status: 403 });
    expect(await ask('/apis/orders/orders', { ...bearer, 'content-encoding': 'gzip' }, 'POST', 'x')).toMatchObject({ status: 403 });
    expect(await ask(`/apis/orders/orders/${card}`)).toMatchObject({ status: 403 });
    expect(upstream.seen).toEqual([]);
    expect(await metered()).toMatchObject([{ denied: 2 }, { denied: 1 }]);
  });

  it('mask an answer that comes whole and as it is, and take away what is no more true of it', async () => {
    upstream.respond = (_request, response) => void response.writeHead(200, { etag: '"1"', 'content-type': 'text/plain' }).end(gzipSync(`a ${card}`));
    upstream.respond = ((plain) => (request, response) => {
      response.setHeader('content-encoding', 'gzip');
      plain(request, response);
    })(upstream.respond);
    const { ask } = await open(guarding('response'));
    const answer = await ask('/apis/orders/orders/7', { ...bearer, range: 'bytes=0-3', 'accept-encoding': 'gzip' });
    expect(answer).toMatchObject({ status: 200, body: 'a [payment_card]', headers: { 'content-length': '16' } });
    expect(Object.keys(answer.headers)).not.toEqual(expect.arrayContaining(['etag']));
    expect(Object.keys(upstream.seen[0]?.headers ?? {})).not.toEqual(expect.arrayContaining(['range']));
    expect(upstream.seen[0]?.headers['accept-encoding']).toBeUndefined();
  });

  it('withhold streams, answers that are too large, and what breaks off; WebSocket is refused', async () => {
    const { ask, port } = await open(guarding('response', { max_bytes: 8 }));
    for (const [type, body] of [
      ['text/event-stream', 'a'],
      ['text/plain', '123456789'],
    ] as const) {
      upstream.respond = (_request, response) => void response.writeHead(200, { 'content-type': type }).end(body);
      expect(await ask('/apis/orders/orders/7')).toMatchObject({ status: 502, body: expect.stringContaining('answer_withheld') as string });
    }
    upstream.respond = (_request, response) => {
      response.writeHead(200, { 'content-length': '5' }).write('a');
      response.destroy();
    };
    expect(await ask('/apis/orders/orders/7')).toMatchObject({ status: 502, body: expect.stringContaining('upstream_failed') as string });
    expect((await upgrade(port, credential)).head).toContain('403 Forbidden');
  });
});
