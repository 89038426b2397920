import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { closeGracefully } from '@stoa/lib/listen.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOperations, answers, expectedOf, startAnswering } from './testing/answers.ts';
import { ask, configOf, keys, modern, startDoor } from './testing/fixture.ts';
import type { TestDoor } from './testing/fixture.ts';

type Block = { type: string; text?: string };
type Read = { isError?: boolean; content: Block[]; structuredContent?: unknown };
type Subject = { callTool(params: { name: string; arguments: object }): Promise<unknown>; listTools(): Promise<unknown>; close(): Promise<void> };
const init = { requestInit: { headers: { authorization: `Bearer ${keys.agent}` } } };
const connectModern =
  (mode: 'legacy' | { pin: string }) =>
  async (url: string): Promise<Subject> => {
    const client = new ModernClient({ name: 'modern', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(new ModernTransport(new URL(url), init));
    return client as Subject;
  };

const libraries: [name: string, connect: (url: string) => Promise<Subject>][] = [
  ['@modelcontextprotocol/client in 2026-07-28', connectModern({ pin: modern })],
  ['@modelcontextprotocol/client with the older handshake', connectModern('legacy')],
  [
    '@modelcontextprotocol/sdk 1.x',
    async (url) => {
      const client = new OlderClient({ name: 'older', version: '1' });
      await client.connect(new OlderTransport(new URL(url), init));
      return client as Subject;
    },
  ],
];

let upstream: Awaited<ReturnType<typeof startAnswering>>;
let hot: TestDoor;
let sdk: TestDoor;
beforeAll(async () => {
  upstream = await startAnswering();
  const config = configOf(answerOperations, upstream.url);
  hot = await startDoor({ config });
  sdk = await startDoor({ config, lane: 'sdk' });
});
afterAll(async () => {
  await Promise.all([hot.close(), sdk.close()]);
  await closeGracefully(upstream.server, 0);
});

describe.each(libraries)('%s', (_name, connect) => {
  let client: Subject;
  beforeAll(async () => {
    client = await connect(hot.url);
    // From here on the library holds every answer against the schema that its tool lists.
    await client.listTools();
  });
  afterAll(() => client.close());

  it.each(Object.keys(answers))('reads the answer %s', async (name) => {
    const result = (await client.callTool({ name, arguments: {} })) as Read;
    const { isError, content, text, structure } = expectedOf(name);
    expect(result.isError ?? false).toBe(isError);
    expect(result.content.map(({ type }) => type)).toEqual(content);
    expect(result.content[0]?.text ?? '').toContain(text);
    expect(result.structuredContent).toEqual(structure);
  });
});

describe.each([modern, '2025-11-25'])('in %s', (revision) => {
  it.each(Object.keys(answers))('both lanes write the answer %s alike, to the digit', async (name) => {
    const replies = await Promise.all([hot, sdk].map(({ url }) => ask(url, revision, 'tools/call', { name, arguments: {} })));
    const [ours, theirs] = replies.map(({ message }) => (message as { result: unknown }).result);
    expect(ours).toEqual(theirs);
    for (const { text } of replies)
      for (const number of answers[name]?.structure?.match(/-?\d[\d.]{15,}|-0/g) ?? []) expect(text).toContain(`${number}`);
  });
});

it('a binary answer arrives whole, with its type', async () => {
  for (const name of ['image', 'audio', 'file'] as const) {
    const { message } = await ask(hot.url, modern, 'tools/call', { name, arguments: {} });
    const [block] = (message as { result: { content: Record<string, unknown>[] } }).result.content;
    const { body, type } = answers[name] ?? {};
    const data = (body as Buffer).toString('base64');
    const expected = name === 'file' ? { type: 'resource', resource: { mimeType: type, blob: data } } : { type: name, mimeType: type, data };
    expect(block).toMatchObject(expected);
  }
});
