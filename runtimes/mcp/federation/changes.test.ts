import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { PromptListChangedNotificationSchema, ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, describe, expect, it } from 'vitest';
import { consumerItem } from '../testing/fixtures.ts';
import { mcpServerItem, serverSubscriptionItem, serves, startGateway } from './testing/gateway.ts';
import { startLegacyServer } from './testing/legacy-server.ts';
import { startModernServer } from './testing/modern-server.ts';

const [agent, other] = [consumerItem('agent'), consumerItem('other')];
const uri = 'file:///notes.txt';
/** What a client hears, and how it ends. */
type Listener = { readonly updated: Promise<string>; readonly promptsChanged: Promise<void>; close(): Promise<void> };
const init = (key: string) => ({ requestInit: { headers: { authorization: `Bearer ${key}` } } });

const clients = {
  'the SDK 1.x': async (url: string, key: string): Promise<Listener> => {
    const [updated, changed] = [Promise.withResolvers<string>(), Promise.withResolvers<void>()];
    const client = new OlderClient({ name: 'older', version: '1' });
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => updated.resolve(params.uri));
    client.setNotificationHandler(PromptListChangedNotificationSchema, () => changed.resolve());
    await client.connect(new OlderTransport(new URL(url), init(key)));
    await client.subscribeResource({ uri }).catch((error: Error) => updated.resolve(error.message));
    return { updated: updated.promise, promptsChanged: changed.promise, close: () => client.close() };
  },
  'the SDK 2.x': async (url: string, key: string): Promise<Listener> => {
    const [updated, changed] = [Promise.withResolvers<string>(), Promise.withResolvers<void>()];
    const client = new ModernClient({ name: 'modern', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => updated.resolve(params.uri));
    client.setNotificationHandler('notifications/prompts/list_changed', () => changed.resolve());
    await client.connect(new ModernTransport(new URL(url), init(key)));
    const { honoredFilter } = await client.listen({ resourceSubscriptions: [uri], promptsListChanged: true });
    if ((honoredFilter.resourceSubscriptions ?? []).length === 0) updated.resolve('not acknowledged');
    return { updated: updated.promise, promptsChanged: changed.promise, close: () => client.close() };
  },
};
const corners = Object.entries(clients).flatMap(([client, connect]) => [
  { client, connect, server: '2025-11-25', start: startLegacyServer },
  { client, connect, server: '2026-07-28', start: startModernServer },
]);

describe.each(corners)('a client of $client of a server of $server', ({ connect, start }) => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  it('is told of a resource that it subscribed to, and of another list of prompts, and nobody is who may not read it', async () => {
    const server = await start();
    ends.push(() => server.stop());
    const item = mcpServerItem(server.url, { subscription_required: true });
    const gateway = await startGateway(item, agent.item, other.item, serverSubscriptionItem(item, agent.item));
    ends.push(() => gateway.stop());
    await gateway.until(() => serves(gateway, 'tickets_ask'));
    const listener = await connect(gateway.url, agent.key);
    ends.push(() => listener.close());
    const stranger = await connect(gateway.url, other.key);
    ends.push(() => stranger.close());
    expect(await stranger.updated).toMatch(/not acknowledged|Method not found/);
    // The streams on either side may still be opening.
    const again = setInterval(() => void Promise.all([server.touch(uri), server.offerPrompt('more')]), 100);
    ends.push(() => Promise.resolve(clearInterval(again)));
    expect(await listener.updated).toBe(uri);
    await listener.promptsChanged;
  });
});
