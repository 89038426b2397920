import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consumerItem } from '../testing/fixtures.ts';
import { listedForLegacy, resultFor } from './bridge.ts';
import { mcpServerItem, serves, startGateway } from './testing/gateway.ts';
import type { TestGateway } from './testing/gateway.ts';
import { startLegacyServer } from './testing/legacy-server.ts';
import type { FixtureServer } from './testing/legacy-server.ts';
import { startModernServer } from './testing/modern-server.ts';
import { bigText, instructions } from './testing/behaviour.ts';

const agent = consumerItem();
const init = { requestInit: { headers: { authorization: `Bearer ${agent.key}` } } };
type Client = Pick<
  ModernClient,
  | 'callTool'
  | 'listTools'
  | 'listResources'
  | 'listPrompts'
  | 'readResource'
  | 'getPrompt'
  | 'complete'
  | 'close'
  | 'getInstructions'
  | 'getServerCapabilities'
>;

const clients = {
  'the SDK 1.x': async (url: string): Promise<Client> => {
    const client = new OlderClient({ name: 'older', version: '1' });
    await client.connect(new OlderTransport(new URL(url), init));
    return client as unknown as Client;
  },
  'the SDK 2.x, which finds out for itself': async (url: string): Promise<Client> => {
    const client = new ModernClient({ name: 'modern', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
    await client.connect(new ModernTransport(new URL(url), init));
    return client;
  },
};
const corners = Object.entries(clients).flatMap(([client, connect]) => [
  { client, connect, server: '2025-11-25', start: startLegacyServer },
  { client, connect, server: '2026-07-28', start: startModernServer },
]);

describe.each(corners)('a client of $client with a server of $server', ({ connect, start }) => {
  let server: FixtureServer;
  let gateway: TestGateway;
  let client: Client;

  beforeAll(async () => {
    server = await start();
    gateway = await startGateway(mcpServerItem(server.url), agent.item);
    await gateway.until(() => serves(gateway, 'tickets_odd'));
    client = await connect(gateway.url);
  });
  afterAll(async () => {
    await client.close();
    await gateway.stop();
    await server.stop();
  });

  it('lists tools, calls them, and gets what its library takes for whole', async () => {
    expect(client.getInstructions()).toBe(instructions);
    expect(client.getServerCapabilities()).toMatchObject({ tools: {}, resources: {}, prompts: {} });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('tickets_odd');
    const odd = await client.callTool({ name: 'tickets_odd', arguments: {} });
    expect(odd).toMatchObject({ structuredContent: { a: [null, { b: 0.30000000000000004 }] }, _meta: { 'example.com/took': { ms: 3 } } });
    const big = (await client.callTool({ name: 'tickets_big', arguments: {} })) as { content: { text: string }[] };
    expect(big.content[0]?.text).toHaveLength(bigText.length);
  });

  it('sends arguments that a tool wants in headers there too', async () => {
    expect(await client.callTool({ name: 'tickets_where', arguments: { region: 'Köln' } })).toMatchObject({ content: [{ text: 'Köln' }] });
  });

  it('passes on what a client says in _meta, and tells of progress', async () => {
    const progress: number[] = [];
    const told = { onprogress: ({ progress: step }: { progress: number }) => progress.push(step) };
    await (client.callTool as unknown as (params: object, ...rest: unknown[]) => Promise<unknown>)(
      { name: 'tickets_count', arguments: {} },
      ...(client instanceof OlderClient ? [undefined, told] : [told]),
    );
    expect(progress).toEqual([1, 2, 3]);
    const echoed = (await client.callTool({ name: 'tickets_echo', arguments: { a: 1 }, _meta: { 'example.com/x': [1] } })) as {
      content: { text: string }[];
    };
    expect(JSON.parse(echoed.content[0]?.text ?? '')).toMatchObject({ args: { a: 1 }, meta: { 'example.com/x': [1] } });
  });

  it('has a call stopped at the server by giving it up', async () => {
    const gone = new AbortController();
    const { signal } = gone;
    const asked = (client.callTool as unknown as (params: object, ...rest: unknown[]) => Promise<unknown>)(
      { name: 'tickets_hang', arguments: {} },
      ...(client instanceof OlderClient ? [undefined, { signal }] : [{ signal }]),
    ).catch(() => 'given up');
    await server.seen.hanging;
    gone.abort();
    await server.seen.stopped;
    expect(await asked).toBe('given up');
  });

  it('gets an error with its code and data', async () => {
    await expect(client.callTool({ name: 'tickets_fail', arguments: {} })).rejects.toMatchObject({
      code: -32050,
      data: { why: ['because', { n: 1 }] },
    });
  });

  it('lists and reads resources, gets prompts, and completes', async () => {
    expect((await client.listResources()).resources.map(({ uri }) => uri)).toEqual(['file:///notes.txt']);
    expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual(['tickets_greet']);
    expect(await client.readResource({ uri: 'file:///notes.txt' })).toMatchObject({
      contents: [{ text: 'text of file:///notes.txt', _meta: { v: 1 } }],
    });
    expect(await client.getPrompt({ name: 'tickets_greet', arguments: { who: 'you' } })).toMatchObject({
      messages: [{ content: { text: 'Hello, you' } }],
    });
    const ref = { type: 'ref/prompt' as const, name: 'tickets_greet' };
    expect(await client.complete({ ref, argument: { name: 'who', value: 'y' } })).toMatchObject({ completion: { values: ['ya', 'yb'], total: 2 } });
  });
});

describe('what a revision has no counterpart for', () => {
  it('is text where it was structure that is no object, and is named', () => {
    const text = resultFor('legacy', 'modern', 'tools/call', '{"content":[],"structuredContent":[1.50],"resultType":"complete"}');
    expect(text).toBe('{"content":[{"type":"text","text":"[1.50]"}],"_meta":{"stoa.dev/lost":["structuredContent"]}}');
  });

  it('is an output schema that would cost an older client the whole list', () => {
    const kept = '{"name":"a","outputSchema":{"type":"object"}}';
    expect(listedForLegacy(kept)).toBe(kept);
    expect(listedForLegacy('{"name":"a","outputSchema":{"type":"array"}}')).toBe('{"name":"a","_meta":{"stoa.dev/lost":["outputSchema"]}}');
  });
});
