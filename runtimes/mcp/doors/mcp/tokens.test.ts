import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConfigItem, PolicySpec, TokenRules } from '@stoa/generated/schemas.ts';
import { once } from 'node:events';
import { createServer, IncomingMessage, request as httpRequest, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import type { LastingRights } from '../../decide/may-go-on.ts';
import { Cancellation } from '../../upstream/cancellation.ts';
import { createCompile, policyItem } from '../../testing/fixtures.ts';
import { TestIssuer } from '../../testing/issuer.ts';
import { authzDoor } from '../authz/door.ts';
import { restDoor } from '../rest/door.ts';
import type { DoorContext, Exchange } from './exchange.ts';
import { createSdkLane } from './sdk-lane.ts';
import { Streams } from './streams.ts';
import { ask, configOf, headersFor, keys, limitedApi, modern, operations, rpc, send, startDoor, startUpstream } from './testing/fixture.ts';
import type { Reply, TestDoor, Upstream } from './testing/fixture.ts';

const publicUrl = 'https://gateway.example';
const resource = `${publicUrl}/mcp`;
const legacy = '2025-11-25';
let issuer: TestIssuer;
let upstream: Upstream;
let door: TestDoor;
beforeAll(async () => {
  issuer = new TestIssuer();
  await issuer.listen();
  await issuer.addKey();
  upstream = await startUpstream();
  door = await startDoor();
  door.engine.publicUrl = publicUrl;
});
afterAll(async () => {
  await door.close();
  await issuer.close();
  upstream.server.close();
});
beforeEach(() => serve());

/** Two APIs, of which the first has these policies, and an issuer that is trusted by these rules. */
async function serve(policies: PolicySpec[] = [], rules: Partial<TokenRules> = {}): Promise<void> {
  const items = [...limitedApi(upstream.url)];
  const config = configOf([operations.getOrder], upstream.url, items);
  const [api] = config.items.filter((item) => item.kind === 'api');
  const guards: ConfigItem[] = policies.map((policy) => policyItem(policy, api === undefined ? [] : [api]));
  const trusted = issuer.item({
    consumers: [{ claim: 'azp', value: 'helpdesk', consumer: 'agent' }],
    scopes: ['mcp:tools'],
    optional_scopes: ['orders:write'],
    ...rules,
  });
  await door.apply({ ...config, items: [...config.items, ...guards, trusted] });
}
const token = (claims: object = {}) => issuer.sign({ aud: resource, ...claims });
const call = (name: string, credential: string, revision = modern) =>
  ask(door.url, revision, 'tools/call', { name, arguments: { id: '7' } }, credential);
const challengeIn = ({ headers }: Reply): string => headers['www-authenticate'] ?? '';
const tools = async (credential: string, revision = modern): Promise<string[]> => {
  const { message } = await ask(door.url, revision, 'tools/list', {}, credential);
  return (message as { result: { tools: { name: string }[] } }).result.tools.map(({ name }) => name);
};
const metadata = (suffix: string, method = 'GET') => send(`${new URL(door.url).origin}/.well-known/oauth-protected-resource${suffix}`, { method });

describe('a caller by a token', () => {
  it.each([modern, legacy])('lists and calls as its consumer in %s, and is metered as that', async (revision) => {
    const good = await token();
    expect(await tools(good, revision)).toEqual(['getOrder', 'limited']);
    expect((await call('getOrder', good, revision)).message).toMatchObject({ result: { content: [{ type: 'text' }] } });
    // The limit counts the consumer, by whatever it proves who it is.
    const limited = [await call('limited', good, revision), await call('limited', keys.agent, revision)];
    expect(limited.some(({ text }) => text.includes('one-an-hour'))).toBe(true);
  });

  it('is told where tokens are had and which scopes to ask for, below the public URL and as it was typed', async () => {
    for (const suffix of ['/mcp', '/mcp/', '/mcp?x=1']) {
      const message = rpc(modern, 'tools/list');
      const { authorization: _none, ...headers } = headersFor(modern, message);
      const reply = await send(`${new URL(door.url).origin}${suffix}`, {
        headers: { ...headers, host: 'evil.example' },
        body: JSON.stringify(message),
      });
      expect(reply.status).toBe(401);
      expect(challengeIn(reply)).toBe(
        `Bearer realm="stoa", scope="mcp:tools", resource_metadata="${publicUrl}/.well-known/oauth-protected-resource${suffix}"`,
      );
      expect((await metadata(suffix)).message).toEqual({
        resource: `${publicUrl}${suffix}`,
        authorization_servers: [issuer.issuer],
        scopes_supported: ['mcp:tools', 'orders:write'],
        bearer_methods_supported: ['header'],
        dpop_signing_alg_values_supported: expect.arrayContaining(['ES256', 'EdDSA', 'RS256']),
      });
    }
    expect((await metadata('')).message).toMatchObject({ resource });
    expect((await metadata('/mcp', 'POST')).status).toBe(405);
    expect((await metadata('/elsewhere')).status).toBe(404);
    await serve([], { ask_for_all_scopes: true });
    expect(challengeIn(await call('getOrder', 'bad'))).toContain('error="invalid_token", scope="mcp:tools orders:write"');
  });

  it('is told nothing of issuers where none is trusted', async () => {
    await door.apply(configOf([operations.getOrder], upstream.url));
    expect((await metadata('/mcp')).status).toBe(404);
    expect(challengeIn(await call('getOrder', 'bad'))).toBe('Bearer realm="stoa", error="invalid_token"');
  });

  it('may have asked for the address with a slash or a query at its end, and for no other', async () => {
    for (const aud of [`${resource}/`, `${resource}?x=1`, [resource, 'account']]) expect(await tools(await token({ aud }))).toHaveLength(2);
    for (const aud of [publicUrl, `${resource}/deeper`, 'https://evil.example/mcp'])
      expect((await call('getOrder', await token({ aud }))).status).toBe(401);
  });

  it('that lacks a scope which every token must have is told all of them, with 403', async () => {
    const reply = await call('getOrder', await token({ scope: 'other' }));
    expect(reply.status).toBe(403);
    expect(challengeIn(reply)).toContain('error="insufficient_scope", scope="mcp:tools"');
  });

  it('is answered 503, and not 401, while its issuer cannot be asked', async () => {
    const elsewhere = new TestIssuer('http://127.0.0.1:9');
    await door.apply({ ...configOf([operations.getOrder], upstream.url, [elsewhere.item()]) });
    const reply = await call('getOrder', await elsewhere.sign({ aud: resource }, {}, await elsewhere.addKey()));
    expect([reply.status, reply.headers['retry-after']]).toEqual([503, '1']);
  });
});

describe('a stream of a caller by an opaque token', () => {
  let nowMs = 0;
  let connected: TestDoor;
  let asked = Promise.withResolvers<string>();
  const told = { active: true, sub: 'ada', azp: 'helpdesk', aud: resource, scope: 'mcp:tools' };
  /** From now on the issuer answers this about tokens. */
  const answering = (answer: object | undefined): void => {
    issuer.introspect = () => {
      asked.resolve('asked');
      // Without an answer of its own, it says 404.
      return answer as object;
    };
  };
  beforeAll(async () => {
    nowMs = Date.now();
    connected = await startDoor({ now: () => nowMs, keepAliveMs: 20 });
    connected.engine.publicUrl = publicUrl;
    const trusted = issuer.item(
      { consumers: [{ claim: 'azp', value: 'helpdesk', consumer: 'agent' }] },
      { client_id: 'gateway', client_secret: 'secret' },
    );
    await connected.apply(configOf([operations.getOrder], upstream.url, [trusted]));
  });
  afterAll(() => connected.close());

  it.each(['GET', 'subscriptions/listen'])(
    'by %s goes on when the word of the issuer has run out, until it says that the token is no more',
    async (way) => {
      answering(told);
      const credential = way === 'GET' ? 'opaque' : 'opaque-too';
      const listening = rpc(modern, 'subscriptions/listen', { notifications: { toolsListChanged: true } });
      const headers =
        way === 'GET' ? { authorization: `Bearer ${credential}`, accept: 'text/event-stream' } : headersFor(modern, listening, credential);
      const outgoing = httpRequest(connected.url, { method: way === 'GET' ? 'GET' : 'POST', headers, agent: false });
      outgoing.end(way === 'GET' ? undefined : JSON.stringify(listening));
      const [stream] = (await once(outgoing, 'response')) as [IncomingMessage];
      expect(stream.statusCode).toBe(200);
      const ended = once(stream, 'end').then(() => 'ended');
      const nextAlive = () => Promise.race([once(stream, 'data').then(() => 'alive'), ended]);
      stream.resume();
      for (const answer of [told, undefined, told]) {
        asked = Promise.withResolvers<string>();
        answering(answer);
        nowMs += 61_000;
        expect(await Promise.race([asked.promise, ended])).toBe('asked');
        expect([await nextAlive(), await nextAlive()]).toEqual(['alive', 'alive']);
      }
      answering({ active: false });
      nowMs += 61_000;
      expect(await ended).toBe('ended');
    },
  );

  it('is not begun for who hung up while the issuer was asked', async () => {
    const [judged, gone, handled] = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    asked = Promise.withResolvers<string>();
    answering(told);
    const { tokens } = connected.engine;
    const judge = tokens.judge.bind(tokens);
    const late = vi.spyOn(tokens, 'judge').mockImplementation(async (...asks) => {
      await judge(...asks);
      await judged.promise;
    });
    const before = connected.door.streamCount;
    const front = createServer((request, response) => {
      response.once('close', gone.resolve);
      void connected.door.handle(request, response).then(handled.resolve);
    });
    const url = await listen(front, { host: '127.0.0.1', port: 0 });
    const outgoing = httpRequest(`${url}/mcp`, { headers: { authorization: 'Bearer opaque-late', accept: 'text/event-stream' }, agent: false });
    outgoing.on('error', () => undefined).end();
    await asked.promise;
    outgoing.destroy();
    await gone.promise;
    judged.resolve();
    await handled.promise;
    expect(connected.door.streamCount).toBe(before);
    late.mockRestore();
    front.close();
  });
});

describe('the long-lived streams', () => {
  const log = createLogger({ program: 'test', level: 'silent' });
  const standing = { endRefused: () => undefined } as unknown as LastingRights;
  const lasting = (credential: string) => ({ credential, isLetIn: () => true, isLetInAsKnown: () => true });
  const opening = (keepAliveMs: number) => {
    const tally = { streams: 0 };
    return { tally, streams: new Streams({ maxStreams: 9, keepAliveMs, standing, lasting, tally }) };
  };
  const asking = (headers: object = {}): IncomingMessage =>
    Object.assign(new IncomingMessage(new Socket()), { method: 'POST', url: '/mcp', headers: { accept: 'text/event-stream', ...headers } });

  it('of the SDK keep none whose caller has gone before it begins', async () => {
    const { streams, tally } = opening(60_000);
    const message = rpc(modern, 'subscriptions/listen', { notifications: { toolsListChanged: true } });
    const request = asking(headersFor(modern, message));
    const response = new ServerResponse(request);
    response.destroy();
    const lane = createSdkLane({ log, serverInfo: { name: 'a', version: '1' } } as unknown as DoorContext, streams, {
      keepAliveMs: 60_000,
      maxStreams: 9,
    });
    const register = vi.spyOn(streams, 'register');
    const exchange = { caller: { consumerId: 'a' }, credential: 'a', headers: request.headers, cancellation: new Cancellation(), holdsExact: false };
    await lane.answer(exchange as unknown as Exchange, message, request, response);
    expect([tally.streams, register.mock.calls]).toEqual([0, []]);
    streams.close();
  });

  it('forget what is gone and was not told so', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { streams } = opening(1000);
    const request = asking();
    const response = new ServerResponse(request);
    streams.openLegacy(request, response, 'a');
    response.removeAllListeners('close').destroy();
    expect(streams.size).toBe(1);
    vi.advanceTimersByTime(1000);
    expect(streams.size).toBe(0);
    streams.close();
    vi.useRealTimers();
  });
});

describe('what policies of an API demand', () => {
  const jwt = (more: Partial<Extract<PolicySpec, { kind: 'jwt_auth' }>['config']> = {}): PolicySpec => ({
    kind: 'jwt_auth',
    config: { issuer: issuer.issuer, audience: [resource], ...more },
  });

  /** The answer to a call of somebody who presents a token of the agent's, and a key. */
  const both = async (key: string, claims: object = {}) => {
    const message = rpc(modern, 'tools/call', { name: 'getOrder', arguments: { id: '7' } });
    const headers = { ...headersFor(modern, message, await token(claims)), 'x-api-key': key };
    return (await send(door.url, { headers, body: JSON.stringify(message) })).text;
  };

  it.each([modern, legacy])('a token: who has none neither sees its tools nor finds them, in %s', async (revision) => {
    await serve([jwt()]);
    expect([await tools(keys.agent, revision), await tools(await token(), revision)]).toEqual([['limited'], ['getOrder', 'limited']]);
    expect((await call('getOrder', keys.agent, revision)).text).toContain('Unknown tool');
    expect((await call('getOrder', await token(), revision)).text).toContain('12.5');
  });

  it('a token for an audience that is the API’s own, of several policies any', async () => {
    await serve([jwt({ audience: ['orders'] })]);
    expect(await tools(await token())).toEqual(['limited']);
    expect(await tools(await token({ aud: [resource, 'orders'] }))).toEqual(['getOrder', 'limited']);
    await serve([jwt({ audience: ['orders'] }), jwt()]);
    expect(await tools(await token())).toEqual(['getOrder', 'limited']);
  });

  it.each([modern, legacy])('a scope: the tool is listed, and a call tells the client to ask for it, in %s', async (revision) => {
    await serve([jwt({ scopes: ['orders:write'] })]);
    const reply = await call('getOrder', await token(), revision);
    expect(reply.status).toBe(403);
    expect(challengeIn(reply)).toContain(`error="insufficient_scope", scope="orders:write", resource_metadata="${publicUrl}/.well-known/`);
    expect(await tools(await token(), revision)).toContain('getOrder');
    expect((await call('getOrder', await token({ scope: 'mcp:tools orders:write' }), revision)).text).toContain('12.5');
  });

  it('a key: a token alone does not do; with both, they are of one consumer', async () => {
    await serve([{ kind: 'api_key_auth', config: { header: 'X-API-Key' } }]);
    expect([await tools(await token()), await tools(keys.agent)]).toEqual([['limited'], ['getOrder', 'limited']]);
    await serve([{ kind: 'api_key_auth', config: { header: 'X-API-Key' } }, jwt()]);
    expect(await tools(keys.agent)).toEqual(['limited']);
    expect(await both(keys.agent)).toContain('12.5');
    expect(await both(keys.other)).toContain('Unknown tool');
  });

  it('a key or a token, where it says so: any of them does, and a token has to meet what is demanded of tokens', async () => {
    const either: PolicySpec = { kind: 'api_key_auth', config: { header: 'X-API-Key', or_token: true } };
    await serve([either]);
    expect([await tools(await token()), await tools(keys.agent)]).toEqual([
      ['getOrder', 'limited'],
      ['getOrder', 'limited'],
    ]);
    await serve([either, jwt({ audience: ['orders'] })]);
    expect([await tools(await token()), await tools(keys.agent)]).toEqual([['limited'], ['getOrder', 'limited']]);
    await serve([either, { kind: 'api_key_auth', config: { header: 'X-Key' } }]);
    expect(await tools(await token())).toEqual(['limited']);
  });

  it('of one consumer: the key of another one makes good neither a token that does not meet the demands, nor a missing key', async () => {
    await serve([{ kind: 'api_key_auth', config: { header: 'X-API-Key', or_token: true } }, jwt({ audience: ['orders'] })]);
    expect(await both(keys.other)).toContain('Unknown tool');
    expect(await both(keys.agent)).toContain('12.5');
    expect(await both(keys.other, { aud: [resource, 'orders'] })).toContain('12.5');
    await serve([{ kind: 'api_key_auth', config: { header: 'X-API-Key' } }]);
    expect(await both(keys.other)).toContain('Unknown tool');
    expect(await both(keys.agent)).toContain('12.5');
  });

  it('at /authz and below /apis as well: 401 by what the API demands, 403 for a scope', async () => {
    const authz = authzDoor.open({ engine: door.engine });
    const rest = restDoor.open({ engine: door.engine });
    const server = createServer((request, response) => {
      const path = request.url ?? '/';
      void (path.startsWith('/apis') ? rest : authz).handle(path, request, response);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const at = server.address() as { port: number };
    const judged = async (headers: Record<string, string>) => {
      const reply = await send(`http://127.0.0.1:${at.port}/authz/orders/7`, { method: 'GET', headers });
      const served = await send(`http://127.0.0.1:${at.port}/apis/orders/orders/7`, { method: 'GET', headers });
      expect(served.status).toBe(reply.status);
      return [reply.status, reply.headers['x-stoa-consumer'] ?? reply.headers['x-stoa-reason']];
    };
    const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });
    const compile = createCompile(['mcp', 'authz', 'rest']);
    const put = async (policies: PolicySpec[]) => {
      await serve(policies);
      const config = configOf([operations.getOrder], upstream.url);
      const [api] = config.items.filter((item) => item.kind === 'api');
      const trusted = issuer.item({ consumers: [{ claim: 'azp', value: 'helpdesk', consumer: 'agent' }], audiences: ['any'] });
      const guards = policies.map((policy) => policyItem(policy, api === undefined ? [] : [api]));
      door.engine.replace(compile({ ...config, items: [...config.items, ...guards, trusted] }).snapshot);
    };
    await put([]);
    expect(await judged(bearer(await token({ aud: 'any' })))).toEqual([200, 'agent']);
    expect(await judged(bearer(await token()))).toEqual([401, 'unauthenticated']);
    expect(await judged(bearer(keys.agent))).toEqual([200, 'agent']);
    await put([jwt({ audience: ['orders'], scopes: ['orders:read'] })]);
    expect(await judged(bearer(keys.agent))).toEqual([401, 'unauthenticated']);
    expect(await judged(bearer(await token({ aud: 'any' })))).toEqual([401, 'unauthenticated']);
    expect(await judged(bearer(await token({ aud: 'orders' })))).toEqual([403, 'insufficient_scope']);
    expect(await judged(bearer(await token({ aud: 'orders', scope: 'orders:read' })))).toEqual([200, 'agent']);
    const withKey = async (key: string, aud: string) => judged({ ...bearer(await token({ aud })), 'x-api-key': key });
    await put([{ kind: 'api_key_auth', config: { header: 'X-API-Key', or_token: true } }, jwt({ audience: ['orders'] })]);
    expect(await withKey(keys.other, 'any')).toEqual([401, 'unauthenticated']);
    expect(await withKey(keys.other, 'orders')).toEqual([200, 'agent']);
    expect(await withKey(keys.agent, 'any')).toEqual([200, 'agent']);
    // Where no token is asked for, one that comes along is the upstream's, and the key alone says who it is.
    await put([{ kind: 'api_key_auth', config: { header: 'X-API-Key' } }]);
    expect(await withKey(keys.other, 'any')).toEqual([200, 'other']);
    server.close();
  });
});
