import { afterEach, describe, expect, it } from 'vitest';
import { consumerItem } from '../testing/fixtures.ts';
import { mcpServerItem, serves, startGateway } from './testing/gateway.ts';
import type { TestGateway } from './testing/gateway.ts';
import { startLegacyServer } from './testing/legacy-server.ts';
import type { FixtureServer } from './testing/legacy-server.ts';
import { startModernServer } from './testing/modern-server.ts';
import { rawClient } from './testing/raw-client.ts';

const agent = consumerItem();
const searching = { ...agent.item, tool_exposure: 'search' as const };
const corners = (['legacy', 'modern'] as const).flatMap((client) => [
  { client, server: '2025-11-25', start: startLegacyServer },
  { client, server: '2026-07-28', start: startModernServer },
]);

const told = {
  tickets_count: { _meta: { progressToken: 7 } },
  tickets_log: { _meta: { 'io.modelcontextprotocol/logLevel': 'debug' } },
};

describe.each(corners)('a consumer who searches, with a $client client and a server of $server', ({ client: era, start }) => {
  let server: FixtureServer;
  let gateway: TestGateway;
  afterEach(async () => {
    await gateway.stop();
    await server.stop();
  });

  it('is answered through call_tool as by the tool itself, and told what it takes', async () => {
    server = await start();
    gateway = await startGateway(mcpServerItem(server.url), searching);
    await gateway.until(() => serves(gateway, 'tickets_odd'));
    const client = await rawClient(gateway.url, era, { key: agent.key });
    const call = (name: string, args: object) => client.ask('tools/call', { name, arguments: args });
    const [through, itself] = [await call('call_tool', { name: 'tickets_odd', arguments: {} }), await call('tickets_odd', {})];
    expect(itself.answer.get('result')).toContain('content');
    expect(through.answer.get('result')).toBe(itself.answer.get('result'));
    for (const [name, more] of Object.entries(told)) {
      const [one, other] = await Promise.all([
        client.ask('tools/call', { name: 'call_tool', arguments: { name, arguments: {} }, ...more }),
        client.ask('tools/call', { name, arguments: {}, ...more }),
      ]);
      expect(other.notifications.length).toBeGreaterThan(0);
      expect(one.notifications).toEqual(other.notifications);
    }
    expect((await call('describe_tool', { name: 'tickets_echo' })).answer.get('result')).toContain('inputSchema');
    expect((await call('search_tools', { query: 'what was sent' })).answer.get('result')).toContain('tickets_echo');
  });

  it('has the tool stopped by giving the call up, and is told what is wrong with the arguments of call_tool', async () => {
    server = await start();
    gateway = await startGateway(mcpServerItem(server.url), searching);
    await gateway.until(() => serves(gateway, 'tickets_hang'));
    const client = await rawClient(gateway.url, era, { key: agent.key });
    const gone = new AbortController();
    const asked = client
      .ask('tools/call', { name: 'call_tool', arguments: { name: 'tickets_hang' } }, gone.signal)
      .catch((error: Error) => error.name);
    await server.seen.hanging;
    gone.abort();
    await server.seen.stopped;
    expect(await asked).toBe('AbortError');
    const wrong = await client.ask('tools/call', { name: 'call_tool', arguments: { name: 'tickets_echo', args: {} } });
    expect(wrong.answer.get('result')).toContain('The arguments of call_tool are invalid');
  });
});
