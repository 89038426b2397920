import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { configOf, keys, modern, operations, startDoor, startUpstream } from './testing/fixture.ts';
import type { TestDoor, Upstream } from './testing/fixture.ts';

const lifecycle = {
  version_of: 'orders',
  version: 'v1',
  deprecated_at: '2026-11-01T00:00:00.000Z',
  sunset_at: '2027-05-01T08:30:00.000Z',
  successor: 'orders-v2',
};
const init = { requestInit: { headers: { authorization: `Bearer ${keys.agent}` } } };
const told = { 'stoa/lifecycle': lifecycle };

let upstream: Upstream;
let door: TestDoor;
beforeAll(async () => {
  upstream = await startUpstream();
  const config = configOf(Object.values(operations), upstream.url);
  door = await startDoor({ config: { ...config, items: config.items.map((item) => (item.kind === 'api' ? { ...item, lifecycle } : item)) } });
});
afterAll(async () => {
  await door.close();
  upstream.server.closeAllConnections();
  upstream.server.close();
});

type Subject = Pick<ModernClient, 'callTool' | 'listTools' | 'close'>;
async function connectModern(): Promise<Subject> {
  const client = new ModernClient({ name: 'modern', version: '1' }, { versionNegotiation: { mode: { pin: modern } } });
  await client.connect(new ModernTransport(new URL(door.url), init));
  return client;
}
async function connectOlder(): Promise<Subject> {
  const client = new OlderClient({ name: 'older', version: '1' });
  await client.connect(new OlderTransport(new URL(door.url), init));
  // Both libraries answer the calls made here alike; their declared types differ in what we do not use.
  return client as unknown as Subject;
}

it.each([
  ['2026-07-28', connectModern],
  ['the revisions before', connectOlder],
] as const)(
  'a client of %s reads when a tool is given up in its description, and programs in `_meta` of the tool and of each result',
  async (_era, connect) => {
    const client = await connect();
    const { tools } = await client.listTools();
    expect(tools.find(({ name }) => name === 'getOrder')).toMatchObject({
      description:
        'Deprecated as of 2026-11-01: use the tools of orders-v2 in its place. It may be gone as of 2027-05-01T08:30:00Z.\n\nDoes getOrder.',
      _meta: told,
    });
    for (const id of ['o1', 7]) {
      const result = await client.callTool({ name: 'getOrder', arguments: { id } });
      expect([result.isError === true, result._meta]).toEqual([id === 7, expect.objectContaining(told)]);
    }
    await client.close();
  },
);
