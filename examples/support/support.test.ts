import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSupportServer } from './support-server.ts';
import type { SupportServer } from './support-server.ts';

let server: SupportServer;
beforeAll(async () => {
  server = await startSupportServer();
});
afterAll(() => server.close());

type Subject = Pick<ModernClient, 'callTool' | 'listTools' | 'close'>;
async function modern(): Promise<Subject> {
  const client = new ModernClient({ name: 'modern', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(new ModernTransport(new URL(server.url)));
  return client;
}
async function older(): Promise<Subject> {
  const client = new OlderClient({ name: 'older', version: '1' });
  await client.connect(new OlderTransport(new URL(server.url)));
  // Both libraries answer the calls made here alike; their declared types differ in what is not used.
  return client as unknown as Subject;
}

it.each([
  ['2026-07-28', modern],
  ['the revisions before', older],
] as const)('tickets are listed and closed by a client of %s, and a ticket that is not there is told as such', async (_era, connect) => {
  const client = await connect();
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['list', 'close']);
  expect(await client.callTool({ name: 'close', arguments: { id: 'tic_2' } })).toMatchObject({ structuredContent: { id: 'tic_2', state: 'closed' } });
  const { structuredContent } = await client.callTool({ name: 'list', arguments: { state: 'closed' } });
  expect(structuredContent).toEqual({ tickets: [{ id: 'tic_2', title: 'The invoice names another company', order: 'ord_1002', state: 'closed' }] });
  expect(await client.callTool({ name: 'close', arguments: { id: 'tic_9' } })).toMatchObject({ isError: true });
  await client.close();
});
