import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configOf, keys, limitedApi, modern, operations, startDoor, startUpstream } from './testing/fixture.ts';
import type { TestDoor, Upstream } from './testing/fixture.ts';

/** What a program written against an MCP client library sees of it; the two libraries agree on this much. */
type Subject = {
  client: Pick<ModernClient, 'callTool' | 'listTools' | 'close' | 'getServerVersion'>;
  errors: Error[];
  /** Resolves at the next announcement of another list of tools. */
  listChanged: Promise<void>;
};

const init = { requestInit: { headers: { authorization: `Bearer ${keys.agent}` } } };

async function connectModern(url: string, mode: 'auto' | 'legacy' | { pin: string }): Promise<Subject & { client: ModernClient }> {
  const errors: Error[] = [];
  const changed = Promise.withResolvers<void>();
  const listChanged = { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => changed.resolve() } };
  const client = new ModernClient({ name: 'modern', version: '1' }, { versionNegotiation: { mode }, listChanged });
  client.onerror = (error) => errors.push(error);
  await client.connect(new ModernTransport(new URL(url), init));
  return { client, errors, listChanged: changed.promise };
}

async function connectOlder(url: string): Promise<Subject> {
  const errors: Error[] = [];
  const changed = Promise.withResolvers<void>();
  const client = new OlderClient({ name: 'older', version: '1' });
  client.onerror = (error) => errors.push(error);
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => changed.resolve());
  await client.connect(new OlderTransport(new URL(url), init));
  // Both libraries answer the calls made here alike; their declared types differ in what we do not use.
  return { client: client as unknown as Subject['client'], errors, listChanged: changed.promise };
}

const libraries: { name: string; connect(url: string): Promise<Subject> }[] = [
  { name: '@modelcontextprotocol/client pinned to 2026-07-28', connect: (url) => connectModern(url, { pin: modern }) },
  { name: '@modelcontextprotocol/client finding out for itself', connect: (url) => connectModern(url, 'auto') },
  { name: '@modelcontextprotocol/client with the older handshake', connect: (url) => connectModern(url, 'legacy') },
  { name: '@modelcontextprotocol/sdk 1.x', connect: connectOlder },
];

describe.each(libraries)('$name', ({ connect }) => {
  let upstream: Upstream;
  let door: TestDoor;
  let subject: Subject;
  beforeEach(async () => {
    upstream = await startUpstream();
    door = await startDoor({ config: configOf(Object.values(operations), upstream.url, limitedApi(upstream.url)) });
    subject = await connect(door.url);
  });
  afterEach(async () => {
    await subject.client.close();
    await door.close();
    upstream.server.closeAllConnections();
    upstream.server.close();
  });

  it('lists the tools in the order of their names', async () => {
    const { tools } = await subject.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['failOrder', 'getOrder', 'limited', 'slowOrder', 'textOrder']);
    expect(subject.client.getServerVersion()).toMatchObject({ name: 'stoa-test' });
    expect(subject.errors).toEqual([]);
  });

  it('lesson 36: calls a tool and gets text and structure that its output schema admits', async () => {
    await subject.client.listTools();
    const result = await subject.client.callTool({ name: 'getOrder', arguments: { id: 'o1' } });
    expect(result).toMatchObject({ structuredContent: { id: 'o1', amount: 12.5 }, content: [{ type: 'text' }] });
    expect(subject.errors).toEqual([]);
  });

  it('lets a model read why the upstream failed, why arguments are wrong and when a limit ends', async () => {
    await subject.client.listTools();
    const failed = await subject.client.callTool({ name: 'failOrder', arguments: { id: 'o1' } });
    expect(failed).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('500') as string }] });
    const wrong = await subject.client.callTool({ name: 'getOrder', arguments: { id: 5 } });
    expect(wrong).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('/id') as string }] });
    await subject.client.callTool({ name: 'limited', arguments: { id: 'o1' } });
    const limited = await subject.client.callTool({ name: 'limited', arguments: { id: 'o1' } });
    expect(limited).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/Call again in \d+ seconds/) as string }] });
  });

  it('is told by a protocol error that a tool does not exist', async () => {
    await expect(subject.client.callTool({ name: 'nothing', arguments: {} })).rejects.toMatchObject({ code: -32602 });
  });

  it('lesson 36: breaks nothing by asking for progress', async () => {
    const result = await callWith(subject, { name: 'getOrder', arguments: { id: 'o1' } }, { onprogress: () => undefined });
    expect(result.isError).toBeUndefined();
  });

  it('lesson 36: cancels the call of the upstream when it cancels its own', async () => {
    const cancel = new AbortController();
    const slow = upstream.nextSlow();
    const call = callWith(subject, { name: 'slowOrder', arguments: { id: 'o1' } }, { signal: cancel.signal });
    const refused = expect(call).rejects.toThrow();
    const response = await slow;
    const upstreamGone = new Promise((resolve) => response.on('close', resolve));
    cancel.abort('enough');
    await refused;
    await upstreamGone;
    const { tools } = await subject.client.listTools();
    expect(tools).toHaveLength(5);
    expect(subject.errors).toEqual([]);
  });

  it('lesson 26: hears of another list of tools and finds the withdrawn ones gone', async () => {
    await streamsOpen(door, 1);
    await door.apply(configOf([operations.getOrder], upstream.url, [], 2));
    await subject.listChanged;
    const { tools } = await subject.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['getOrder']);
    await expect(subject.client.callTool({ name: 'slowOrder', arguments: { id: 'o1' } })).rejects.toMatchObject({ code: -32602 });
  });
});

type CallParams = { name: string; arguments: Record<string, unknown> };
type CallOptions = { signal?: AbortSignal; onprogress?: () => void };

/** The older library takes a result schema before the options. */
function callWith({ client }: Subject, params: CallParams, options: CallOptions): ReturnType<ModernClient['callTool']> {
  if (client instanceof ModernClient) return client.callTool(params, options);
  return (client as unknown as OlderClient).callTool(params, undefined, options) as ReturnType<ModernClient['callTool']>;
}

/** The clients open the stream that announcements come on behind our back, after `connect` has resolved. */
async function streamsOpen({ door }: TestDoor, count: number): Promise<void> {
  await expect.poll(() => door.streamCount).toBeGreaterThanOrEqual(count);
}
