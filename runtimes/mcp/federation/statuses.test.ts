import { afterAll, beforeAll, expect, it } from 'vitest';
import { consumerItem } from '../testing/fixtures.ts';
import { mcpServerItem, serves, startGateway } from './testing/gateway.ts';
import type { TestGateway } from './testing/gateway.ts';
import type { FixtureServer } from './testing/legacy-server.ts';
import { startModernServer } from './testing/modern-server.ts';

const agent = consumerItem();
const own = 'io.modelcontextprotocol/';
let server: FixtureServer;
let gateway: TestGateway;
beforeAll(async () => {
  server = await startModernServer();
  gateway = await startGateway(mcpServerItem(server.url), agent.item);
  await gateway.until(() => serves(gateway, 'tickets_fail'));
});
afterAll(async () => {
  await gateway.stop();
  await server.stop();
});

/** The HTTP status and the error code of a request of 2026-07-28. */
async function answerTo(method: string, params: Record<string, unknown>): Promise<[status: number, code: unknown]> {
  const _meta = { [`${own}protocolVersion`]: '2026-07-28', [`${own}clientCapabilities`]: {} };
  const headers = {
    authorization: `Bearer ${agent.key}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...(typeof params['name'] === 'string' && { 'mcp-name': params['name'] }),
  };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } });
  const response = await fetch(gateway.url, { method: 'POST', headers, body });
  return [response.status, ((await response.json()) as { error?: { code: number } }).error?.code];
}

it('a capability that the client lacks is 400, as the server said it', async () => {
  expect(await answerTo('tools/call', { name: 'tickets_fail', arguments: { code: -32021 } })).toEqual([400, -32021]);
});

it('any other error of a tool is an answer of 200', async () => {
  expect(await answerTo('tools/call', { name: 'tickets_fail', arguments: {} })).toEqual([200, -32050]);
});

it('what 2026-07-28 has not any more is 404, also where an MCP server would have it', async () => {
  expect(await answerTo('logging/setLevel', { level: 'info' })).toEqual([404, -32601]);
  expect(await answerTo('resources/subscribe', { uri: 'file:///notes.txt' })).toEqual([404, -32601]);
});
