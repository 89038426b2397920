import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import type { PolicySpec } from '@stoa/generated/schemas.ts';
import { compile, configOf, getOrder, policyItem } from '../../testing/fixtures.ts';
import { agent, bearer, credential, key, openingRest, upgrade } from './testing/fixture.ts';
import { createTunnelMemory } from './tunnels.ts';

const { upstream, open, orders, withPolicies } = openingRest();

describe('one connection to an upstream carries no request within another', () => {
  it.each(['Content-Length: 5', 'Transfer-Encoding: chunked'])(
    'a request for WebSocket with %s is refused: nobody would read that body',
    async (line) => {
      const { port } = await open(configOf(orders(), agent));
      const { head, socket } = await upgrade(port, `${credential}${line}\r\n`);
      expect(head).toMatch(/^HTTP\/1\.1 400 /);
      socket.destroy();
      expect(upstream.seen).toEqual([]);
    },
  );

  it('a request for WebSocket goes on without a length, on a connection that carries nothing after it', async () => {
    upstream.takesUpgrades(false);
    const { port, ask } = await open(configOf(orders(), agent));
    await ask('/apis/orders/orders/1');
    const { head, socket } = await upgrade(port, `${credential}Content-Length: 0\r\n`);
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
    await ask('/apis/orders/orders/2');
    await ask('/apis/orders/orders/3');
    const [first, second, third, fourth] = upstream.seen;
    expect(second?.headers).toMatchObject({ upgrade: 'websocket' });
    expect(second?.headers).not.toHaveProperty('content-length');
    expect([first, third, fourth].map((each) => each?.socket === second?.socket)).toEqual([false, false, false]);
  });
});

describe('an upstream that answers what it may not', () => {
  const saying = (lines: string) => {
    upstream.respond = (_request, response) => void response.socket?.end(`${lines}\r\n\r\n`);
  };

  it.each(['000 Nothing', '042 Odd', '099 Odd'])('502 for the status %s, and the gateway goes on', async (status) => {
    saying(`HTTP/1.1 ${status}\r\nContent-Length: 0`);
    const { ask, metered } = await open(configOf(orders(), agent));
    expect(await ask('/apis/orders/orders/7')).toMatchObject({ status: 502, headers: { 'content-type': 'application/problem+json' } });
    expect(await metered()).toMatchObject([{ calls: 1, errors: 1 }]);
  });

  it('502 for another protocol that nobody asked for', async () => {
    saying('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket');
    const { ask, metered } = await open(configOf(orders(), agent));
    expect(await ask('/apis/orders/orders/7', bearer)).toMatchObject({ status: 502 });
    expect(await metered()).toMatchObject([{ calls: 1, errors: 1 }]);
  });
});

it('an answer that did not wait for the end of its request gives back its connection, and its place among the calls', async () => {
  const gone = Promise.withResolvers<void>();
  upstream.respond = (request, response) => {
    request.socket.once('close', () => gone.resolve());
    response.end('early');
  };
  const { port, ask } = await open(configOf(orders(), agent), { upstream: { maxCallsPerOrigin: 1 } });
  const sent = httpRequest({ port, path: '/apis/orders/orders', method: 'POST', headers: bearer });
  sent.write('a piece');
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  await gone.promise;
  await once(answer.resume(), 'end');
  sent.end();
  expect(await ask('/apis/orders/orders/7')).toMatchObject({ status: 200 });
});

describe('a header that is not the caller’s to write is not in any spelling that CGI reads as the same', () => {
  const namesSent = (): string[] => upstream.seen[0]?.rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase()) ?? [];
  const likeOne = (plain: string): string[] => namesSent().filter((name) => name.replace(/[_.]/g, '-') === plain);

  it('what a policy sets or removes, and the header of the key', async () => {
    const change = { request: { set: { 'X-Tenant': 'acme' }, remove: ['X-Debug-Me'] } };
    const { ask } = await open(withPolicies({ kind: 'headers', config: change }, { kind: 'api_key_auth', config: { header: 'X-Key' } }));
    const spelt = { X_Tenant: 'other', 'X.Tenant': 'other', X_Debug_Me: '1', 'X-Debug.Me': '1', X_Key: 'other' };
    expect(await ask('/apis/orders/orders/7', { ...bearer, 'x-key': key, ...spelt })).toMatchObject({ status: 200 });
    expect(upstream.seen[0]?.headers).toMatchObject({ 'x-tenant': 'acme' });
    expect([likeOne('x-tenant'), likeOne('x-debug-me'), likeOne('x-key')]).toEqual([['x-tenant'], [], []]);
  });

  it('a credential of the gateway, what Connection names, and what frames the message', async () => {
    const credentials = [{ in: 'header' as const, name: 'X-Api-Key', value: 'ours' }];
    const { ask } = await open(configOf(orders({ upstream: { url: `${upstream.url}/v1`, credentials } }), agent));
    const spelt = { 'X.Api.Key': 'theirs', x_api_key: 'theirs', connection: 'keep-alive, x-hop', X_Hop: '1', Content_Length: '7', keep_alive: '1' };
    expect(await ask('/apis/orders/orders/7', { ...bearer, ...spelt })).toMatchObject({ status: 200 });
    expect(upstream.seen[0]?.headers).toMatchObject({ 'x-api-key': 'ours' });
    expect([likeOne('x-api-key'), likeOne('x-hop'), likeOne('content-length')]).toEqual([['x-api-key'], [], []]);
    expect(namesSent()).not.toContain('keep_alive');
  });
});

describe('of a caller who hangs up', () => {
  const head = `Host: a\r\n${credential}`;
  const webSocket = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n';

  const guarded = {
    kind: 'guardrails' as const,
    config: { request: { detectors: [{ detector: 'payment_card' as const, action: 'refuse' as const }] } },
  };
  it.each<[string, string, PolicySpec?]>([
    ['a request', `GET /apis/orders/orders/7 HTTP/1.1\r\n${head}\r\n`],
    ['a request with a body', `POST /apis/orders/orders HTTP/1.1\r\n${head}Content-Length: 1\r\n\r\n1`],
    ['a request whose body a policy reads', `POST /apis/orders/orders HTTP/1.1\r\n${head}Content-Length: 9\r\n\r\n1`, guarded],
    ['a request for WebSocket', `GET /apis/orders/orders/7 HTTP/1.1\r\n${head}${webSocket}\r\n`],
  ])('%s that a limit is still asked about goes nowhere, counts, and keeps no place', async (_what, asked, policy) => {
    const limit = { kind: 'rate_limit' as const, config: { limit: 10, window_s: 60 } };
    const [begun, decided] = [Promise.withResolvers<void>(), Promise.withResolvers<{ allowed: true }>()];
    const consume = (): Promise<{ allowed: true }> => {
      begun.resolve();
      return decided.promise;
    };
    const limits = { consume, standing: () => [], retain: () => undefined, charge: () => undefined };
    const { port, nextGone, ask, engine } = await open(
      withPolicies(...[limit, policy ?? []].flat()),
      { limits },
      { tunnels: { memory: createTunnelMemory(1) } },
    );
    const gone = nextGone();
    const caller = connect(port, '127.0.0.1');
    caller.write(asked);
    await begun.promise;
    caller.destroy();
    await gone;
    decided.resolve({ allowed: true });
    expect(await ask('/apis/orders/orders/8')).toMatchObject({ status: 200 });
    expect(upstream.seen.map(({ url }) => url)).toEqual(['/v1/orders/8']);
    const { head: joined, socket } = await upgrade(port, credential);
    expect(joined).toMatch(policy === undefined ? /^HTTP\/1\.1 101 / : /^HTTP\/1\.1 403 /);
    socket.destroy();
    expect(await engine.meter.registry.metrics()).toMatch(/outcome="cancelled"[^\n]* 1\n/);
  });

  it('a request whose body is not all there counts when he does', async () => {
    const { port, engine } = await open(withPolicies(guarded));
    const metered = new Promise((resolve) => vi.spyOn(engine.meter, 'record').mockImplementation(({ outcome }) => resolve(outcome)));
    const caller = connect(port, '127.0.0.1');
    caller.write(`POST /apis/orders/orders HTTP/1.1\r\n${head}Expect: 100-continue\r\nContent-Length: 9\r\n\r\n`);
    await once(caller, 'data');
    caller.write('1');
    caller.end();
    expect(await metered).toBe('cancelled');
    expect(upstream.seen).toEqual([]);
  });
});

describe('what is judged of a request is what its upstream reads', () => {
  const properties = { channel: { type: 'string', enum: ['shop', 'admin'] }, state: { type: 'string' }, note: { type: 'string' } };
  const listed = getOrder({
    path: '/orders',
    tool: { name: 'listOrders', input_schema: { type: 'object', properties }, annotations: {} },
    bindings: [
      { argument: 'channel', in: 'header', name: 'X-Channel', required: false },
      ...['state', 'note'].map((name) => ({ argument: name, in: 'query' as const, name, required: false })),
    ],
  });
  const all = 'permit(principal, action, resource)';
  const byShop = `${all} when { context.arguments.channel == "shop" };`;
  const noted = `${all} when { context.arguments.note like "a*" };`;

  it.each<[string, string, Record<string, string>, string, number]>([
    ['a header that Connection names is not there for Cedar', '', { 'x-channel': 'shop', connection: 'close, X-Channel' }, byShop, 403],
    ['nor for the document', '', { 'x-channel': 'none', connection: 'x.channel' }, `${all};`, 200],
    ['nor under another spelling', '', { x_channel: 'shop', connection: 'x-channel' }, byShop, 403],
    ['one that is spelt otherwise is refused', '', { x_channel: 'shop' }, `${all};`, 400],
    ['also beside the one that is meant', '', { 'X.Channel': 'admin', 'x-channel': 'shop' }, byShop, 400],
    ['a parameter behind a ";" is refused', '?other=1;state=closed', {}, `${all};`, 400],
    ['also beside one behind an "&"', '?state=open&other=1;%73tate=closed', {}, `${all};`, 400],
    ['what a ";" stands in is not known to Cedar', '?note=a;b', {}, noted, 403],
    ['and may be what it looks like for the document', '?note=a;b', {}, `${all};`, 200],
    ['a ";" that is escaped is none', '?note=a%3Bstate=closed', {}, noted, 200],
  ])('%s', async (_what, query, headers, cedar, status) => {
    const api = orders({ operations: [listed] });
    const { ask } = await open(configOf(api, agent, policyItem({ kind: 'tool_access', config: { cedar } }, [api])));
    expect(await ask(`/apis/orders/orders${query}`, { ...bearer, ...headers })).toMatchObject({ status });
    expect(upstream.seen).toHaveLength(status === 200 ? 1 : 0);
  });

  it('why it is refused is said', async () => {
    const { ask } = await open(configOf(orders({ operations: [listed] }), agent));
    const { body } = await ask('/apis/orders/orders?other=1;state=closed', { ...bearer, x_channel: 'shop' });
    expect(JSON.parse(body)).toMatchObject({
      errors: [
        { pointer: '/channel', message: 'is the header X-Channel, which is spelt otherwise, as x_channel: write it as it is' },
        { pointer: '/state', message: 'is the query parameter state, which stands behind a ";": write an "&" there, or a ";" as %3B' },
      ],
    });
  });

  it('nor is a parameter behind a ";" known to Cedar where another gateway tells of the request', () => {
    const { snapshot } = compile(configOf(orders({ operations: [listed] })));
    const [operation] = snapshot.apisByName.get('orders')?.operations ?? [];
    expect(operation?.forwarding.knownArguments({ pathAndQuery: '/orders?other=1;state=closed&note=b' })).toEqual({
      values: { note: 'b' },
      unknown: ['channel', 'state'],
    });
  });
});
