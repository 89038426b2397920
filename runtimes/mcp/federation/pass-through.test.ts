import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consumerItem } from '../testing/fixtures.ts';
import { startLegacyServer } from './testing/legacy-server.ts';
import type { FixtureServer } from './testing/legacy-server.ts';
import { mcpServerItem, serves, startGateway } from './testing/gateway.ts';
import type { TestGateway } from './testing/gateway.ts';
import { startModernServer } from './testing/modern-server.ts';
import { bigText, instructions } from './testing/behaviour.ts';
import { rawClient } from './testing/raw-client.ts';
import type { Heard, RawClient } from './testing/raw-client.ts';

const agent = consumerItem();
const eras = [
  { era: 'legacy', start: startLegacyServer },
  { era: 'modern', start: startModernServer },
] as const;

/** Without the prefix that we put before names, and without what a server says of how long its own answer holds. */
const plain = (text: string | undefined): unknown => JSON.parse((text ?? 'null').replaceAll('"tickets_', '"'));

describe.each(eras)('a server of the $era era to a client of its own era', ({ era, start }) => {
  let server: FixtureServer;
  let gateway: TestGateway;
  let direct: RawClient;
  let through: RawClient;

  beforeAll(async () => {
    server = await start();
    gateway = await startGateway(mcpServerItem(server.url), agent.item);
    await gateway.until(() => serves(gateway, 'tickets_odd'));
    direct = await rawClient(server.url, era);
    through = await rawClient(gateway.url, era, { key: agent.key });
  });
  afterAll(async () => {
    await gateway.stop();
    await server.stop();
  });

  const both = async (method: string, params: Record<string, unknown> = {}, changed = params): Promise<[Heard, Heard]> =>
    Promise.all([direct.ask(method, params), through.ask(method, changed)]);
  const named = (name: string, more: object = {}): [Record<string, unknown>, Record<string, unknown>] => [
    { name, arguments: {}, ...more },
    { name: `tickets_${name}`, arguments: {}, ...more },
  ];

  it('lists each tool with every member that it has', async () => {
    const [one, other] = await both('tools/list');
    const tools = (heard: Heard): { name: string }[] => (plain(heard.answer.get('result')) as { tools: { name: string }[] }).tools;
    const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
    expect(tools(other)).toEqual(tools(one).toSorted(byName));
    expect(other.answer.get('result')).toContain('"name":"tickets_odd"');
  });

  it.each(['resources/list', 'resources/templates/list', 'prompts/list'])('answers %s member by member', async (method) => {
    const [one, other] = await both(method);
    const without = (heard: Heard): unknown => ({ ...(plain(heard.answer.get('result')) as object), ttlMs: 0, _meta: 0, cacheScope: 0 });
    expect(without(other)).toEqual(without(one));
  });

  it.each(['odd', 'big'])('passes the result of %s on as it is', async (name) => {
    const [one, other] = await both('tools/call', ...named(name));
    expect(other.answer.get('result')).toBe(one.answer.get('result'));
    if (name === 'big') expect(one.answer.get('result')).toContain(bigText);
  });

  it("passes the client's _meta up, with integers beyond 2^53 and long decimals in its arguments", async () => {
    const meta = { 'example.com/trace': { deep: [1, { a: null }] }, progressToken: 'p-1' };
    const big = { id: JSON.rawJSON('12345678901234567890'), share: JSON.rawJSON('0.1234567890123456789') };
    const { answer } = await through.ask('tools/call', { name: 'tickets_where', arguments: { region: 'ä', big }, _meta: meta });
    expect(answer.get('result')).toContain('"ä"');
    const [one, other] = await both('tools/call', ...named('echo', { arguments: { a: [1, { b: '2' }] }, _meta: meta }));
    expect(other.answer.get('result')).toBe(one.answer.get('result'));
  });

  it('passes an error on with its code and its data', async () => {
    const [one, other] = await both('tools/call', ...named('fail'));
    expect(other.answer.get('error')).toBe(one.answer.get('error'));
    expect(plain(other.answer.get('error'))).toMatchObject({ code: -32050, data: { why: ['because', { n: 1 }] } });
  });

  it('tells of progress on the stream of the call', async () => {
    const [one, other] = await both('tools/call', ...named('count', { _meta: { progressToken: 77 } }));
    expect(one.notifications).toHaveLength(3);
    expect(other.notifications.map(plain)).toEqual(one.notifications.map(plain));
  });

  it('tells what the server logs in the course of a call', async () => {
    const meta = era === 'modern' ? { _meta: { 'io.modelcontextprotocol/logLevel': 'debug' } } : {};
    const [one, other] = await both('tools/call', ...named('log', meta));
    expect(one.notifications).toHaveLength(1);
    expect(other.notifications.map(plain)).toEqual(one.notifications.map(plain));
  });

  it('reads resources, gets prompts and completes', async () => {
    const asked: [string, Record<string, unknown>, Record<string, unknown>][] = [
      ['resources/read', { uri: 'file:///notes.txt' }, { uri: 'file:///notes.txt' }],
      ['resources/read', { uri: 'notes://2026/11' }, { uri: 'notes://2026/11' }],
      ['prompts/get', { name: 'greet', arguments: { who: 'you' } }, { name: 'tickets_greet', arguments: { who: 'you' } }],
    ];
    const complete = (name: string) => ({
      ref: { type: 'ref/prompt', name },
      argument: { name: 'who', value: 'y' },
      context: { arguments: { x: 'z' } },
    });
    asked.push(['completion/complete', complete('greet'), complete('tickets_greet')]);
    for (const [method, params, changed] of asked) {
      const [one, other] = await both(method, params, changed);
      expect([method, other.answer.get('result')]).toEqual([method, one.answer.get('result')]);
    }
  });

  it('is introduced with its own instructions, and with no capability that it has not', async () => {
    const method = era === 'modern' ? 'server/discover' : 'initialize';
    const params = era === 'modern' ? {} : { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
    const { answer } = await through.ask(method, params);
    const result = plain(answer.get('result')) as { capabilities: Record<string, unknown> };
    expect(result).toMatchObject({ instructions, capabilities: { resources: {}, prompts: {}, completions: {}, logging: {} } });
    expect(Object.values(result.capabilities)).not.toContain(null);
  });

  it('is really stopped when its client gives a call up', async () => {
    const gone = new AbortController();
    const asked = through.ask('tools/call', { name: 'tickets_hang', arguments: {} }, gone.signal).catch((error: Error) => error.name);
    await server.seen.hanging;
    gone.abort();
    await server.seen.stopped;
    expect(await asked).toBe('AbortError');
  });

  it.each(era === 'legacy' ? ['notifications/cancelled'] : [])('is stopped by %s too', async (method) => {
    const again = await start();
    const watching = await startGateway(mcpServerItem(again.url), agent.item);
    await watching.until(() => serves(watching, 'tickets_hang'));
    const client = await rawClient(watching.url, era, { key: agent.key });
    // The first request of this client was its initialize.
    const asked = client.ask('tools/call', { name: 'tickets_hang', arguments: {} }).catch((error: Error) => error.message);
    await again.seen.hanging;
    await client.notify(method, { requestId: 2, reason: 'enough' });
    await again.seen.stopped;
    expect(await asked).toContain('No answer to tools/call');
    await watching.stop();
    await again.stop();
  });

  it('has one session with the gateway, whoever calls', () => {
    // And that of the client beside the gateway.
    expect(server.seen.sessions.size).toBe(era === 'legacy' ? 2 : 0);
  });
});

/** What a revision says of its own messages, and not the server of its things. */
const ofTheRevision = ['ttlMs', 'cacheScope', 'resultType', '_meta'];

describe.each(eras)('a server of the $era era to a client of the other era', ({ era, start }) => {
  const other = era === 'legacy' ? 'modern' : 'legacy';
  let server: FixtureServer;
  let gateway: TestGateway;
  let direct: RawClient;
  let through: RawClient;
  beforeAll(async () => {
    server = await start();
    gateway = await startGateway(mcpServerItem(server.url), agent.item);
    await gateway.until(() => serves(gateway, 'tickets_odd'));
    direct = await rawClient(server.url, era);
    through = await rawClient(gateway.url, other, { key: agent.key });
  });
  afterAll(async () => {
    await gateway.stop();
    await server.stop();
  });
  const membersOf = (heard: Heard): Record<string, unknown> => plain(heard.answer.get('result')) as Record<string, unknown>;
  const things = (heard: Heard): object => Object.fromEntries(Object.entries(membersOf(heard)).filter(([name]) => !ofTheRevision.includes(name)));
  const own = (meta: unknown): object =>
    Object.fromEntries(Object.entries(meta ?? {}).filter(([name]) => !name.startsWith('io.modelcontextprotocol/')));

  it.each(['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list'])('answers %s member by member', async (method) => {
    const [one, two] = [things(await direct.ask(method)), things(await through.ask(method))] as Record<string, { name: string }[]>[];
    const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
    const sorted = (all: Record<string, { name: string }[]> = {}) => Object.entries(all).map(([name, list]) => [name, list.toSorted(byName)]);
    expect(sorted(two)).toEqual(sorted(one));
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['tools/call', { name: 'odd', arguments: {} }, { name: 'tickets_odd', arguments: {} }],
    ['tools/call', { name: 'big', arguments: {} }, { name: 'tickets_big', arguments: {} }],
    ['resources/read', { uri: 'file:///notes.txt' }, { uri: 'file:///notes.txt' }],
    ['prompts/get', { name: 'greet', arguments: { who: 'you' } }, { name: 'tickets_greet', arguments: { who: 'you' } }],
    [
      'completion/complete',
      { ref: { type: 'ref/prompt', name: 'greet' }, argument: { name: 'who', value: 'y' } },
      { ref: { type: 'ref/prompt', name: 'tickets_greet' }, argument: { name: 'who', value: 'y' } },
    ],
  ])('answers %s of %j member by member, and what it says in _meta', async (method, params, changed) => {
    const [one, two] = [await direct.ask(method, params), await through.ask(method, changed)];
    expect(things(two)).toEqual(things(one));
    expect(own(membersOf(two)['_meta'])).toEqual(own(membersOf(one)['_meta']));
  });

  it('keeps codes and data of errors, progress, and what is logged', async () => {
    const [one, two] = [await direct.ask('tools/call', { name: 'fail' }), await through.ask('tools/call', { name: 'tickets_fail' })];
    expect(two.answer.get('error')).toBe(one.answer.get('error'));
    const counted = async (client: RawClient, name: string) =>
      (await client.ask('tools/call', { name, arguments: {}, _meta: { progressToken: 'p' } })).notifications.map(plain);
    expect(await counted(through, 'tickets_count')).toEqual(await counted(direct, 'count'));
    const logged = async (client: RawClient, name: string) =>
      (await client.ask('tools/call', { name, arguments: {}, _meta: { 'io.modelcontextprotocol/logLevel': 'debug' } })).notifications.map(plain);
    expect(await logged(through, 'tickets_log')).toEqual(await logged(direct, 'log'));
  });

  it.runIf(era === 'modern')(
    'logs to an older client that never said how much, as a server of its own revision does, and takes no level that there is not',
    async () => {
      const logged = () => through.ask('tools/call', { name: 'tickets_log', arguments: {} });
      expect((await logged()).notifications.map(plain)).toMatchObject([{ method: 'notifications/message', params: { level: 'info' } }]);
      expect((await through.ask('logging/setLevel', { level: 'loud' })).answer.get('error')).toContain('-32602');
      expect((await logged()).notifications).toHaveLength(1);
      await through.ask('logging/setLevel', { level: 'error' });
      expect((await logged()).notifications).toHaveLength(0);
    },
  );
});
