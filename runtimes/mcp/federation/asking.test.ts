import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CreateMessageRequestSchema, ElicitRequestSchema, ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consumerItem } from '../testing/fixtures.ts';
import { TestIssuer } from '../testing/issuer.ts';
import { mcpServerItem, serves, startGateway } from './testing/gateway.ts';
import type { TestGateway } from './testing/gateway.ts';
import { startLegacyServer } from './testing/legacy-server.ts';
import type { FixtureServer } from './testing/legacy-server.ts';
import { startModernServer } from './testing/modern-server.ts';
import { rawClient } from './testing/raw-client.ts';

const [agent, other, searcher] = [consumerItem('agent'), consumerItem('other'), consumerItem('searcher')];
const initOf = (key: string) => ({ requestInit: { headers: { authorization: `Bearer ${key}` } } });
type Client = Pick<ModernClient, 'callTool' | 'close'>;
const elicited = { action: 'accept' as const, content: { name: 'Ada' } };
const sampled = { role: 'assistant' as const, model: 'm', content: { type: 'text' as const, text: 'four' } };
const rooted = { roots: [{ uri: 'file:///work', name: 'work' }] };
const capabilities = { elicitation: {}, sampling: {}, roots: {} };

const clients = {
  'the SDK 1.x': async (url: string, key = agent.key, asked: string[] = []): Promise<Client> => {
    const client = new OlderClient({ name: 'older', version: '1' }, { capabilities });
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => (asked.push(params.message), elicited));
    client.setRequestHandler(CreateMessageRequestSchema, () => sampled);
    client.setRequestHandler(ListRootsRequestSchema, () => rooted);
    await client.connect(new OlderTransport(new URL(url), initOf(key)));
    return client as unknown as Client;
  },
  'the SDK 2.x': async (url: string, key = agent.key, asked: string[] = []): Promise<Client> => {
    const client = new ModernClient({ name: 'modern', version: '1' }, { capabilities, versionNegotiation: { mode: { pin: '2026-07-28' } } });
    client.setRequestHandler('elicitation/create', ({ params }) => (asked.push(String(params.message)), elicited));
    client.setRequestHandler('sampling/createMessage', () => sampled);
    client.setRequestHandler('roots/list', () => rooted);
    await client.connect(new ModernTransport(new URL(url), initOf(key)));
    return client;
  },
};
const corners = Object.entries(clients).flatMap(([client, connect]) => [
  { client, connect, server: '2025-11-25', start: startLegacyServer },
  { client, connect, server: '2026-07-28', start: startModernServer },
]);
const form = { message: 'Who are you?', requestedSchema: { type: 'object', properties: { name: { type: 'string' } } } };
const prompt = { messages: [{ role: 'user', content: { type: 'text', text: '2 + 2' } }], maxTokens: 9 };

describe.each(corners)('a server of $server to a client of $client', ({ connect, server: revision, start }) => {
  let server: FixtureServer;
  let gateway: TestGateway;
  let client: Client;
  beforeAll(async () => {
    server = await start();
    const searching = { ...searcher.item, tool_exposure: 'search' as const };
    gateway = await startGateway(mcpServerItem(server.url), agent.item, other.item, searching);
    await gateway.until(() => serves(gateway, 'tickets_ask'));
    client = await connect(gateway.url);
  });
  afterAll(async () => {
    await client.close();
    await gateway.stop();
    await server.stop();
  });
  const answered = async (asking: Client, method: string, params: object, more: object = {}): Promise<unknown> => {
    const { content } = (await asking.callTool({ name: 'tickets_ask', arguments: { method, params, ...more } })) as { content: { text: string }[] };
    return JSON.parse(content[0]?.text ?? '');
  };

  it('asks for something of its user, for an answer of a model, and for its roots, in the course of a call', async () => {
    expect(await answered(client, 'elicitation/create', form)).toEqual(elicited);
    expect(await answered(client, 'sampling/createMessage', prompt)).toEqual(sampled);
    expect(await answered(client, 'roots/list', {})).toEqual(rooted);
    // A server of this revision may ask beside the stream of the call.
    if (revision === '2025-11-25') expect(await answered(client, 'elicitation/create', form, { alone: true })).toEqual(elicited);
  });

  it('asks who calls by call_tool as it asks who calls the tool itself', async () => {
    const searching = await connect(gateway.url, searcher.key);
    const args = { name: 'tickets_ask', arguments: { method: 'elicitation/create', params: form } };
    const { content } = (await searching.callTool({ name: 'call_tool', arguments: args })) as { content: { text: string }[] };
    expect(JSON.parse(content[0]?.text ?? '')).toEqual(elicited);
    await searching.close();
  });

  it('asks who calls and nobody else, though several call at once', async () => {
    const asked: [string[], string[]] = [[], []];
    const [one, two] = [await connect(gateway.url, agent.key, asked[0]), await connect(gateway.url, other.key, asked[1])];
    await Promise.all([1, 2, 3].flatMap((n) => [one, two].map((each, i) => answered(each, 'elicitation/create', { ...form, message: `${i} ${n}` }))));
    expect(asked.map((texts) => texts.toSorted())).toEqual([
      ['0 1', '0 2', '0 3'],
      ['1 1', '1 2', '1 3'],
    ]);
    await Promise.all([one.close(), two.close()]);
  });
});

describe('an older client', () => {
  it('tells of other roots whom it may be asked by', async () => {
    const server = await startLegacyServer();
    const gateway = await startGateway(mcpServerItem(server.url), agent.item);
    await gateway.until(() => serves(gateway, 'tickets_ask'));
    const client = new OlderClient({ name: 'older', version: '1' }, { capabilities: { roots: { listChanged: true } } });
    client.setRequestHandler(ListRootsRequestSchema, () => rooted);
    await client.connect(new OlderTransport(new URL(gateway.url), initOf(agent.key)));
    await client.callTool({ name: 'tickets_ask', arguments: { method: 'roots/list', params: {} } });
    await client.sendRootsListChanged();
    await server.seen.rootsChanged;
    await client.close();
    await gateway.stop();
    await server.stop();
  });
});

describe('what a server asks for', () => {
  it('goes to no client that cannot be asked, and only who began a call can go on with it', async () => {
    const server = await startLegacyServer();
    const gateway = await startGateway(mcpServerItem(server.url), agent.item, other.item);
    await gateway.until(() => serves(gateway, 'tickets_ask'));
    const params = { name: 'tickets_ask', arguments: { method: 'elicitation/create', params: form } };
    const mute = await rawClient(gateway.url, 'modern', { key: agent.key });
    const refused = (await mute.ask('tools/call', params)).answer;
    expect(refused.get('error') ?? refused.get('result')).toMatch(/not support|Method not found/);
    const [mine, theirs] = await Promise.all(
      [agent, other].map(({ key }) => rawClient(gateway.url, 'modern', { key, capabilities: { elicitation: {} } })),
    );
    const first = JSON.parse((await mine?.ask('tools/call', params))?.answer.get('result') ?? '') as {
      resultType: string;
      requestState: string;
      inputRequests: Record<string, { params: object }>;
    };
    expect(first.resultType).toBe('input_required');
    const [[key = '', asked] = []] = Object.entries(first.inputRequests);
    expect(asked).toMatchObject({ method: 'elicitation/create', params: form });
    const bring = { ...params, requestState: first.requestState, inputResponses: { [key]: elicited } };
    expect((await theirs?.ask('tools/call', bring))?.answer.get('error')).toContain('Invalid or expired requestState');
    expect((await mine?.ask('tools/call', bring))?.answer.get('result')).toContain('Ada');
    expect((await mine?.ask('tools/call', bring))?.answer.get('error')).toContain('Invalid or expired requestState');
    await gateway.stop();
    await server.stop();
  });

  it('is asked each user of one consumer apart: neither goes on with a call of the other, nor shares a session there', async () => {
    const issuer = new TestIssuer();
    await issuer.listen();
    await issuer.addKey();
    const server = await startLegacyServer();
    const trusted = issuer.item({ consumers: [{ claim: 'azp', value: 'helpdesk', consumer: agent.item.name }], audiences: ['any'] });
    const gateway = await startGateway(mcpServerItem(server.url), agent.item, trusted);
    await gateway.until(() => serves(gateway, 'tickets_ask'));
    const before = server.seen.sessions.size;
    const params = { name: 'tickets_ask', arguments: { method: 'elicitation/create', params: form } };
    const [ada, bob] = await Promise.all(
      ['ada', 'bob'].map(async (sub) =>
        rawClient(gateway.url, 'modern', { key: await issuer.sign({ sub, aud: 'any' }), capabilities: { elicitation: {} } }),
      ),
    );
    const [mine, theirs] = await Promise.all([ada, bob].map(async (each) => (await each?.ask('tools/call', params))?.answer.get('result') ?? ''));
    const { requestState, inputRequests } = JSON.parse(mine ?? '') as { requestState: string; inputRequests: object };
    expect(theirs).toContain('input_required');
    expect(server.seen.sessions.size - before).toBe(2);
    const bring = { ...params, requestState, inputResponses: Object.fromEntries(Object.keys(inputRequests).map((key) => [key, elicited])) };
    expect((await bob?.ask('tools/call', bring))?.answer.get('error')).toContain('Invalid or expired requestState');
    expect((await ada?.ask('tools/call', bring))?.answer.get('result')).toContain('Ada');
    await gateway.stop();
    await server.stop();
    await issuer.close();
  });
});
