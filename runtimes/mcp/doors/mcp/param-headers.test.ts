import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closedTo, configOf, headersFor, keys, modern, operation, rpc, send, startDoor, startUpstream } from './testing/fixture.ts';
import type { TestDoor, Upstream } from './testing/fixture.ts';

describe('a tool that wants arguments in headers', () => {
  let upstream: Upstream;
  let door: TestDoor;
  beforeAll(async () => {
    upstream = await startUpstream();
    const open = operation('ship', 'GET', '/orders');
    const properties = {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      count: { type: 'integer', 'x-mcp-header': 'Count' },
      inner: { type: 'object', properties: { fast: { type: 'boolean', 'x-mcp-header': 'Fast' } } },
    };
    const tool = { ...open.tool, input_schema: { type: 'object', properties, additionalProperties: false } };
    door = await startDoor({ config: closedTo(configOf([{ ...open, tool }], upstream.url), 'agent') });
  });
  afterAll(async () => {
    await door.close();
    upstream.server.close();
  });

  const call = async (
    args: object,
    headers: Record<string, string>,
    { revision = modern, key = keys.agent }: { revision?: string; key?: string } = {},
  ) => {
    const message = rpc(revision, 'tools/call', { name: 'ship', arguments: args });
    const sent = { ...headersFor(revision, message), authorization: `Bearer ${key}`, ...headers };
    return send(door.url, { headers: sent, body: JSON.stringify(message) });
  };

  it.each<[object, Record<string, string>]>([
    [{ region: 'eu' }, { 'mcp-param-region': 'eu' }],
    [{ region: 'Köln' }, { 'mcp-param-region': '=?base64?S8O2bG4=?=' }],
    [{ count: 42 }, { 'mcp-param-count': '42.0' }],
    [{ inner: { fast: true } }, { 'mcp-param-fast': 'true' }],
    [{}, { 'mcp-param-region': 'nobody expects it' }],
    [{ count: JSON.rawJSON('12345678901234567890') }, {}],
  ])('is called with %o by a client that says so in %o', async (args, headers) => {
    const { status, text } = await call(args, headers);
    expect(text).toContain('"result"');
    expect(status).toBe(200);
  });

  it.each<[object, Record<string, string>, string]>([
    [{ region: 'eu' }, {}, 'Mcp-Param-Region is missing, which has to repeat params.arguments.region.'],
    [{ region: 'eu' }, { 'mcp-param-region': 'us' }, 'Mcp-Param-Region says something else than params.arguments.region.'],
    [{ region: 'eu' }, { 'mcp-param-region': '=?base64?ZXU?=' }, 'Mcp-Param-Region is no valid Base64'],
    [{ region: '42' }, { 'mcp-param-region': '42.0' }, 'says something else'],
    [{ count: 42 }, { 'mcp-param-count': '43' }, 'says something else'],
    [{ inner: { fast: true } }, { 'mcp-param-fast': 'false' }, 'than params.arguments.inner.fast.'],
  ])('is not called with %o where the headers are %o', async (args, headers, words) => {
    const before = upstream.seen.length;
    const { status, message } = await call(args, headers);
    expect(status).toBe(400);
    expect(message).toMatchObject({ id: 7, error: { code: -32020, message: expect.stringContaining(words) as string } });
    expect(upstream.seen).toHaveLength(before);
  });

  it('is called without headers by clients of older revisions, which know nothing of them', async () => {
    expect((await call({ region: 'eu' }, {}, { revision: '2025-11-25' })).text).toContain('"result"');
  });

  it('is not told of to whom it is not listed', async () => {
    expect((await call({ region: 'eu' }, {}, { key: keys.other })).message).toMatchObject({ error: { code: -32602, message: 'Unknown tool: ship' } });
  });
});
