import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ask,
  closedTo,
  configOf,
  consumerItem,
  headersFor,
  keys,
  legacyRevisions,
  limitedApi,
  modern,
  operation,
  operations,
  rpc,
  send,
  startDoor,
  startUpstream,
} from './testing/fixture.ts';
import type { Reply, Rpc, TestDoor, Upstream } from './testing/fixture.ts';

const revisions = [modern, ...legacyRevisions];
const older = '2025-11-25';
const origin = 'https://agent.example';
const getOrder = { name: 'getOrder', arguments: { id: 'o1' } };
const limited = { name: 'limited', arguments: { id: 'o1' } };

let upstream: Upstream;
let door: TestDoor;
beforeEach(async () => {
  upstream = await startUpstream();
  const config = configOf(Object.values(operations), upstream.url, limitedApi(upstream.url));
  door = await startDoor({ config, allowedOrigins: [origin], maxBodyBytes: 2000, maxStreams: 2 });
});
afterEach(async () => {
  await door.close();
  upstream.server.closeAllConnections();
  upstream.server.close();
});

/** Every way in for a call: each era, a batch, and the SDK's path (by a spelling that the hot lane leaves to it). */
const ways: { name: string; call(params: object, key?: string): Promise<Reply> }[] = [
  ...revisions.map((revision) => ({
    name: revision,
    call: (params: object, key?: string) => ask(door.url, revision, 'tools/call', { ...params }, key),
  })),
  { name: 'the SDK of 2025-11-25', call: (params, key) => ask(door.url, older, 'tools/call', { ...params, unknown: true }, key) },
  { name: 'the SDK of 2026-07-28', call: (params, key) => ask(door.url, modern, 'tools/call', { ...params, unknown: true }, key) },
  { name: 'a batch of 2025-03-26', call: (params, key) => sendBatch([rpc('2025-03-26', 'tools/call', { ...params })], '2025-03-26', key) },
  { name: 'a batch without a version', call: (params, key) => sendBatch([rpc('2025-03-26', 'tools/call', { ...params })], undefined, key) },
];

async function sendBatch(messages: unknown[], revision: string | undefined, key?: string): Promise<Reply> {
  const { 'mcp-protocol-version': _, ...headers } = headersFor(older, {}, key);
  return send(door.url, {
    headers: { ...headers, ...(revision !== undefined && { 'mcp-protocol-version': revision }) },
    body: JSON.stringify(messages),
  });
}

function resultOf({ message }: Reply): { isError?: boolean; structuredContent?: unknown; content?: { text: string }[] } {
  const [single] = Array.isArray(message) ? (message as unknown[]) : [message];
  return (single as { result?: object }).result ?? {};
}

describe('one pipeline', () => {
  it.each(ways)('lesson 22: lets a known consumer call through $name', async ({ call }) => {
    expect(resultOf(await call(getOrder))).toMatchObject({ structuredContent: { id: 'o1' } });
  });

  it.each(ways)('lesson 22: refuses an unknown key before it calls anything, through $name', async ({ call }) => {
    const reply = await call(getOrder, 'stoa_ck_nobody');
    expect(reply.status).toBe(401);
    expect(reply.headers['www-authenticate']).toBe('Bearer realm="stoa", error="invalid_token"');
    expect(upstream.seen).toEqual([]);
  });

  it.each(ways)('lesson 23: holds the limit of a consumer, and only of that consumer, through $name', async ({ call }) => {
    expect(resultOf(await ask(door.url, older, 'tools/call', limited)).isError).toBeUndefined();
    const refused = await call(limited);
    expect(resultOf(refused)).toMatchObject({ isError: true });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(resultOf(await call(limited, keys.other)).isError).toBeUndefined();
  });

  it.each(ways)('refuses a call from an address that a policy does not admit, through $name', async ({ call }) => {
    const restrictedTo = (allow: string[]) => {
      const policy = { kind: 'ip_restriction' as const, config: { allow } };
      const items = limitedApi(upstream.url).map((item) => (item.kind === 'policy' ? { ...item, policy } : item));
      return door.apply(configOf(Object.values(operations), upstream.url, items));
    };
    await restrictedTo(['192.0.2.0/24']);
    const { isError, content } = resultOf(await call(limited));
    expect({ isError, text: content?.[0]?.text }).toEqual({ isError: true, text: 'Calls of this API are not accepted from where this one comes.' });
    expect(upstream.seen).toEqual([]);
    await restrictedTo(['127.0.0.0/8']);
    expect(resultOf(await call(limited)).isError).toBeUndefined();
  });

  it.each(ways)('lesson 30: meters a call that came through $name', async ({ call }) => {
    await call(getOrder);
    await door.engine.meter.close();
    expect(door.usage).toMatchObject([{ operation_id: 'getOrder', door: 'mcp', calls: 1, errors: 0, denied: 0 }]);
  });

  it('lesson 29: another session does not reset a limit', async () => {
    await ask(door.url, older, 'tools/call', limited);
    const initialize = rpc(older, 'initialize', { protocolVersion: older, capabilities: {}, clientInfo: { name: 'test', version: '1' } });
    const { headers } = await send(door.url, { headers: headersFor(older, initialize), body: JSON.stringify(initialize) });
    const message = rpc(older, 'tools/call', limited);
    const session = { 'mcp-session-id': String(headers['mcp-session-id']) };
    expect(session['mcp-session-id']).toMatch(/^[0-9a-f-]{36}$/);
    const again = await send(door.url, { headers: { ...headersFor(older, message), ...session }, body: JSON.stringify(message) });
    expect(resultOf(again)).toMatchObject({ isError: true });
  });

  it('a tool that a consumer may not use looks like one that does not exist', async () => {
    const cedar = 'permit(principal == Consumer::"other", action, resource);';
    const [api] = configOf([], upstream.url).items;
    const policy = {
      id: 'policy:p',
      kind: 'policy',
      policy_id: '1b0c5d0e-1111-4222-8333-000000000000',
      name: 'p',
      policy: { kind: 'tool_access', config: { cedar } },
      api_ids: [api?.kind === 'api' ? api.api_id : ''],
    } as const;
    await door.apply(configOf([operations.getOrder], upstream.url, [{ ...policy, api_ids: [...policy.api_ids] }], 2));
    for (const { call } of ways) {
      const { message } = await call(getOrder);
      const [single] = Array.isArray(message) ? (message as unknown[]) : [message];
      expect(single).toMatchObject({ error: { code: -32602, message: 'Unknown tool: getOrder' } });
    }
    expect((await ask(door.url, modern, 'tools/list')).message).toMatchObject({ result: { tools: [] } });
    expect((await ask(door.url, modern, 'tools/list', {}, keys.other)).message).toMatchObject({ result: { tools: [{ name: 'getOrder' }] } });
  });
});

describe('admission', () => {
  const headers = headersFor(older, {});
  it('asks for a credential where there is none, without calling it wrong', async () => {
    const { authorization: _, ...anonymous } = headers;
    const reply = await send(door.url, { headers: anonymous, body: '{}' });
    expect(reply).toMatchObject({ status: 401, message: { jsonrpc: '2.0', id: null } });
    expect(reply.headers['www-authenticate']).toBe('Bearer realm="stoa"');
  });

  it('keeps pages of other origins out, even with a good key', async () => {
    const reply = await send(door.url, {
      headers: { ...headersFor(older, {}), origin: 'https://evil.example' },
      body: JSON.stringify(rpc(older, 'tools/list')),
    });
    expect(reply.status).toBe(403);
  });

  it('lets a page of an allowed origin ask and read', async () => {
    const preflight = await send(door.url, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    expect(preflight).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': origin } });
    const reply = await send(door.url, { headers: { ...headers, origin }, body: JSON.stringify(rpc(older, 'tools/list')) });
    expect(reply).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': origin, vary: 'Origin' } });
  });

  it.each([
    ['a body over the bound', { body: JSON.stringify(rpc(older, 'tools/call', { name: 'x'.repeat(3000) })) }, 413],
    ['a body over the bound whose length nobody declared', { body: 'x'.repeat(3000), headers: { 'transfer-encoding': 'chunked' } }, 413],
    ['text', { body: 'hello', headers: { 'content-type': 'text/plain' } }, 415],
    ['what is not JSON', { body: '{"jsonrpc":' }, 400],
    ['an empty body', { body: '' }, 400],
    ['a PUT', { method: 'PUT', body: '{}' }, 405],
    ['a DELETE where there is no session to end', { method: 'DELETE' }, 405],
    ['an OPTIONS without an origin', { method: 'OPTIONS' }, 405],
    ['a GET that does not want events', { method: 'GET', headers: { accept: 'application/json' } }, 406],
    ['a GET of 2026-07-28', { method: 'GET', headers: { accept: 'text/event-stream', 'mcp-protocol-version': modern } }, 405],
  ])('refuses %s', async (_, options: { method?: string; body?: string; headers?: Record<string, string> }, status) => {
    const reply = await send(door.url, { ...options, headers: { ...headers, ...options.headers } });
    expect(reply).toMatchObject({ status, message: { jsonrpc: '2.0', error: {}, id: null } });
    expect(upstream.seen).toEqual([]);
  });

  it('answers that nothing is configured yet instead of calling a good key unknown', async () => {
    const empty = await startDoor();
    const reply = await ask(empty.url, modern, 'tools/list');
    expect(reply).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    await empty.close();
  });

  it.each(['2025-06-18', '2025-11-25', modern])('refuses a batch of %s, which has none', async (revision) => {
    const reply = await sendBatch([rpc(older, 'tools/call', getOrder)], revision);
    expect(reply).toMatchObject({ status: 400, message: { error: { code: -32600 } } });
    expect(upstream.seen).toEqual([]);
  });

  it('answers every request of a batch, the refused ones too', async () => {
    const calls = [rpc(older, 'tools/call', getOrder, 1), rpc(older, 'tools/call', { name: 'nothing' }, 2), rpc(older, 'tools/list', {}, 3)];
    const { message } = await sendBatch([...calls, { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }], '2025-03-26');
    const answers = (message as { id: number }[]).toSorted((a, b) => a.id - b.id);
    expect(answers).toMatchObject([
      { id: 1, result: {} },
      { id: 2, error: { code: -32602 } },
      { id: 3, result: { tools: expect.any(Array) as unknown } },
    ]);
  });
});

describe('calls in flight', () => {
  it('lesson 26: keep the snapshot that they began with', async () => {
    const slow = upstream.nextSlow();
    const call = ask(door.url, modern, 'tools/call', { name: 'slowOrder', arguments: { id: 'o1' } });
    const response = await slow;
    await door.apply(configOf([], upstream.url, [], 2));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"o1"}');
    expect(resultOf(await call)).toMatchObject({ content: [{ text: '{"id":"o1"}' }] });
    expect((await ask(door.url, modern, 'tools/call', { name: 'slowOrder', arguments: { id: 'o1' } })).message).toMatchObject({
      error: { code: -32602 },
    });
  });

  it.each(['auto', 'sdk'] as const)('end at the upstream when the client hangs up (lane %s)', async (lane) => {
    const other = await startDoor({ lane, config: configOf(Object.values(operations), upstream.url) });
    for (const revision of revisions) {
      const hangUp = new AbortController();
      const slow = upstream.nextSlow();
      const message = rpc(revision, 'tools/call', { name: 'slowOrder', arguments: { id: 'o1' } });
      const call = send(other.url, { headers: headersFor(revision, message), body: JSON.stringify(message), signal: hangUp.signal });
      const refused = expect(call).rejects.toThrow();
      const response = await slow;
      const gone = once(response, 'close');
      hangUp.abort();
      await Promise.all([refused, gone]);
    }
    await other.close();
  });

  it.each(['auto', 'sdk'] as const)('are cancelled within their own session and consumer only (lane %s)', async (lane) => {
    const other = await startDoor({ lane, config: configOf(Object.values(operations), upstream.url) });
    const session = { 'mcp-session-id': 'mine' };
    const slow = upstream.nextSlow();
    const message = rpc(older, 'tools/call', { name: 'slowOrder', arguments: { id: 'o1' } }, 7);
    const call = send(other.url, { headers: { ...headersFor(older, message), ...session }, body: JSON.stringify(message) });
    const response = await slow;
    const gone = once(response, 'close');
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } };
    const cancelAs = (key: string, extra: Record<string, string>): Promise<Reply> =>
      send(other.url, { headers: { ...headersFor(older, cancel, key), ...extra }, body: JSON.stringify(cancel) });
    for (const [key, extra] of [
      [keys.other, session],
      [keys.agent, { 'mcp-session-id': 'theirs' }],
      [keys.agent, {}],
    ] as const) {
      expect((await cancelAs(key, extra)).status).toBe(202);
      expect(response.destroyed).toBe(false);
    }
    expect((await cancelAs(keys.agent, session)).status).toBe(202);
    await gone;
    expect(await call).toMatchObject({ status: 200, text: '', headers: { 'content-type': 'text/event-stream' } });
    await other.close();
  });
});

describe('an API that needs a subscription', () => {
  beforeEach(() => door.apply(closedTo(configOf(Object.values(operations), upstream.url, limitedApi(upstream.url), 2), 'other')));

  it.each(ways)('answers who has none as if its tools did not exist, and calls nothing, through $name', async ({ call }) => {
    const errorOf = ({ message }: Reply): unknown => (message as { error?: unknown }[])[0]?.error ?? (message as { error?: unknown }).error;
    expect(errorOf(await call(getOrder))).toEqual({ code: -32602, message: 'Unknown tool: getOrder' });
    expect(errorOf(await call({ ...getOrder, name: 'noSuchTool' }))).toEqual({ code: -32602, message: 'Unknown tool: noSuchTool' });
    expect(errorOf(await call({ name: 'getOrder', arguments: { wrong: 1 } }))).toEqual({ code: -32602, message: 'Unknown tool: getOrder' });
    expect(upstream.seen).toEqual([]);
    expect(resultOf(await call(getOrder, keys.other))).toMatchObject({ structuredContent: { id: 'o1' } });
  });

  it.each(revisions)('lists its tools to its subscribers only, in %s', async (revision) => {
    const namesFor = async (key: string) =>
      ((await ask(door.url, revision, 'tools/list', {}, key)).message as { result: { tools: { name: string }[] } }).result.tools.map(
        ({ name }) => name,
      );
    expect(await namesFor(keys.agent)).toEqual(['limited']);
    expect(await namesFor(keys.other)).toEqual([...Object.keys(operations), 'limited'].sort());
  });
});

describe('streams', () => {
  /** A GET stream of the older revisions, or what 2026-07-28 opens with a message. */
  const open = async (key: string, { url = door.url, message }: { url?: string; message?: Rpc } = {}): Promise<IncomingMessage> => {
    const headers = message === undefined ? { authorization: `Bearer ${key}`, accept: 'text/event-stream' } : headersFor(modern, message, key);
    const outgoing = httpRequest(url, { method: message === undefined ? 'GET' : 'POST', headers, agent: false });
    outgoing.end(message === undefined ? undefined : JSON.stringify(message));
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return response;
  };

  it('end when their key is revoked, and the others go on and hear what changed', async () => {
    const config = configOf([operations.getOrder], upstream.url, limitedApi(upstream.url), 2);
    // A sweep of the keep-alive would end them too, late: here none comes.
    const quiet = await startDoor({ config: configOf([operations.getOrder], upstream.url), keepAliveMs: 3_600_000 });
    const listening = rpc(modern, 'subscriptions/listen', { notifications: { toolsListChanged: true } });
    const { url } = quiet;
    const agents = [await open(keys.agent, { url }), await open(keys.agent, { url, message: listening })];
    const other = await open(keys.other, { url });
    const ended = Promise.all(agents.map((agent) => once(agent.resume(), 'end')));
    const heard = once(other, 'data') as Promise<[Buffer]>;
    await quiet.apply({ ...config, items: config.items.filter(({ id }) => id !== consumerItem('agent').id) });
    await ended;
    expect((await heard)[0].toString()).toContain('list_changed');
    await expect.poll(() => quiet.door.streamCount).toBe(1);
    other.destroy();
    await quiet.close();
  });

  it('hear of a subscription that is made or withdrawn when it concerns them, and of no other', async () => {
    const config = configOf([operations.getOrder], upstream.url, limitedApi(upstream.url), 2);
    await door.apply(closedTo(config, 'agent', 'other'));
    const [agent, other] = [await open(keys.agent), await open(keys.other)];
    const heard = (stream: IncomingMessage): Promise<string> => once(stream, 'data').then(([chunk]) => (chunk as Buffer).toString());
    const first = heard(agent);
    const others = heard(other);
    await door.apply(closedTo({ ...config, generation: 3 }, 'other'));
    expect(await first).toContain('list_changed');
    const second = heard(agent);
    await door.apply(closedTo({ ...config, generation: 4 }, 'agent'));
    expect(await second).toContain('list_changed');
    // The first that the other hears is the withdrawal of its own.
    expect((await others).match(/list_changed/g)).toHaveLength(1);
    for (const stream of [agent, other]) stream.destroy();
  });

  it('of 2026-07-28 hear of a subscription that is withdrawn, and of no other', async () => {
    const config = configOf([operations.getOrder], upstream.url, [], 2);
    await door.apply(closedTo(config, 'agent', 'other'));
    const message = rpc(modern, 'subscriptions/listen', { notifications: { toolsListChanged: true } });
    const streams = [await open(keys.agent, { message }), await open(keys.other, { message })];
    const texts = ['', ''];
    for (const [index, stream] of streams.entries()) stream.on('data', (chunk: Buffer) => (texts[index] += chunk.toString()));
    const heard = () => texts.map((text) => text.match(/notifications\/tools\/list_changed/g)?.length ?? 0);
    await door.apply(closedTo({ ...config, generation: 3 }, 'other'));
    await expect.poll(heard).toEqual([1, 0]);
    await door.apply(closedTo({ ...config, generation: 4 }));
    await expect.poll(heard).toEqual([1, 1]);
    for (const stream of streams) stream.destroy();
  });

  it('end when their key expires, although no configuration comes', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const config = configOf([operations.getOrder], upstream.url);
    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    const items = config.items.map((item) => (item.kind === 'consumer' ? { ...item, keys: item.keys.map((key) => ({ ...key, expires_at })) } : item));
    const short = await startDoor({ config: { ...config, items }, keepAliveMs: 20 });
    const listening = rpc(modern, 'subscriptions/listen', { notifications: { toolsListChanged: true } });
    const streams = [await open(keys.agent, { url: short.url }), await open(keys.agent, { url: short.url, message: listening })];
    expect(streams.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    const ended = Promise.all(streams.map((stream) => once(stream.resume(), 'end')));
    vi.setSystemTime(Date.now() + 3_600_001);
    await ended;
    vi.useRealTimers();
    await short.close();
  });

  it('of 2026-07-28 end with a result at a shutdown, which calls of either lane outlive', async () => {
    const listening = await open(keys.agent, { message: rpc(modern, 'subscriptions/listen', { notifications: { toolsListChanged: true } }) });
    const slow = { name: 'slowOrder', arguments: { id: 'o1' } };
    const responses = [upstream.nextSlow(), upstream.nextSlow()];
    const calls = [ask(door.url, modern, 'tools/call', slow), ask(door.url, modern, 'tools/call', { ...slow, unknown: true })];
    const waiting = await Promise.all(responses);
    await door.door.close();
    const chunks: Buffer[] = [];
    for await (const chunk of listening) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toContain('"resultType":"complete"');
    for (const response of waiting) response.end('{}');
    for (const reply of await Promise.all(calls)) expect(resultOf(reply)).toMatchObject({ content: [{ text: '{}' }] });
  });

  it('say nothing when the tools are as they were', async () => {
    const stream = await open(keys.agent);
    await door.apply(configOf(Object.values(operations), upstream.url, limitedApi(upstream.url), 2));
    await door.apply(configOf([operations.getOrder], upstream.url, limitedApi(upstream.url), 3));
    const [chunk] = (await once(stream, 'data')) as [Buffer];
    expect(chunk.toString().match(/list_changed/g)).toHaveLength(1);
    stream.destroy();
  });

  it('are refused over their number, and told when to come back', async () => {
    const opened = [await open(keys.agent), await open(keys.agent)];
    const refused = await open(keys.agent);
    expect(refused).toMatchObject({ statusCode: 503, headers: { 'retry-after': '60' } });
    for (const stream of [...opened, refused]) stream.destroy();
  });
});

describe('a long list', () => {
  it('lesson 36: is whole although an upstream is dead', async () => {
    await door.apply(configOf([operations.getOrder], 'http://127.0.0.1:9', limitedApi(upstream.url), 2));
    const { message } = await ask(door.url, modern, 'tools/list');
    expect(message).toMatchObject({ result: { tools: [{ name: 'getOrder' }, { name: 'limited' }] } });
    expect(resultOf(await ask(door.url, modern, 'tools/call', getOrder))).toMatchObject({ isError: true });
  });

  it('comes in pages that name every tool once, in one order, in both lanes', async () => {
    const many = Array.from({ length: 1201 }, (_, index) => operation(`tool${String(1200 - index).padStart(4, '0')}`, 'GET', `/orders/${index}`));
    const config = configOf(many, upstream.url);
    await door.apply(config);
    const sdk = await startDoor({ lane: 'sdk', config });
    for (const url of [door.url, sdk.url]) {
      for (const revision of revisions) {
        const names: string[] = [];
        let cursor: string | undefined;
        do {
          const { message } = await ask(url, revision, 'tools/list', cursor === undefined ? {} : { cursor });
          const { result } = message as { result: { tools: { name: string }[]; nextCursor?: string } };
          names.push(...result.tools.map(({ name }) => name));
          cursor = result.nextCursor;
        } while (cursor !== undefined);
        expect(names).toEqual(many.map(({ tool }) => tool.name).toSorted());
      }
    }
    await sdk.close();
  });
});

describe('probes', () => {
  const at = (path: string, method = 'GET'): Promise<Reply> => send(new URL(path, door.url).href, { method });

  it('lesson 28: an instance without a configuration is not ready, one with an empty configuration is', async () => {
    const empty = await startDoor();
    const ready = (): Promise<Reply> => send(new URL('/readyz', empty.url).href, { method: 'GET' });
    expect(await ready()).toMatchObject({ status: 503, headers: { 'content-type': 'application/problem+json' } });
    await empty.apply(configOf([], upstream.url));
    expect(await ready()).toMatchObject({ status: 200, message: { status: 'ready', config: { generation: 1 } } });
    await empty.close();
  });

  it('say who runs', async () => {
    expect(await at('/healthz')).toMatchObject({ status: 200, message: { status: 'ok' } });
    expect(await at('/version')).toMatchObject({ status: 200, message: { product: 'STOA Gateway', contract_revision: 1, gateway_mode: 'edge_mcp' } });
  });

  it('count calls, refused ones too', async () => {
    await ask(door.url, modern, 'tools/call', getOrder);
    await ask(door.url, modern, 'tools/call', getOrder, 'stoa_ck_nobody');
    const response = await fetch(new URL('/metrics', door.url));
    expect(response.headers.get('content-type')).toContain('text/plain');
    const text = await response.text();
    expect(text).toContain('stoa_calls_total{door="mcp",outcome="ok"} 1');
    expect(text).toContain('stoa_calls_total{door="mcp",outcome="unauthenticated"} 1');
  });

  it('answer GET alone, and nothing answers elsewhere', async () => {
    expect(await at('/healthz', 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    expect(await at('/elsewhere')).toMatchObject({ status: 404, headers: { 'content-type': 'application/problem+json' } });
  });
});
