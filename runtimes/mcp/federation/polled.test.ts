import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '@stoa/lib/listen.ts';
import { consumerItem } from '../testing/fixtures.ts';
import { mcpServerItem, serves, startGateway } from './testing/gateway.ts';
import type { TestGateway } from './testing/gateway.ts';

const agent = consumerItem();
const json = { 'content-type': 'application/json' };
const stream = { 'content-type': 'text/event-stream' };
const result = '"result":{"content":[{"type":"text","text":"at last"}]}';

describe('a server that closes the stream of an answer to be come back to', () => {
  let http: Server;
  let gateway: TestGateway;
  let callId = 0;
  /** By which event it was come back to. */
  const back: unknown[] = [];

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { 'last-event-id': lastId } = request.headers;
    if (request.method === 'GET' && lastId !== undefined) {
      back.push(lastId);
      // Twice there is nothing new, not even an event.
      return void response.writeHead(200, stream).end(back.length < 3 ? '' : `id: p2\ndata: {"jsonrpc":"2.0","id":${callId},${result}}\n\n`);
    }
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method } = JSON.parse(Buffer.concat(chunks).toString()) as { id?: number; method: string };
    if (id === undefined) return void response.writeHead(202).end();
    const initialized = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'polling', version: '1' } };
    const answers: Record<string, object> = { initialize: initialized, 'tools/list': { tools: [{ name: 'poll', inputSchema: { type: 'object' } }] } };
    if (answers[method] !== undefined) return void response.writeHead(200, json).end(JSON.stringify({ jsonrpc: '2.0', id, result: answers[method] }));
    if (method !== 'tools/call') return void response.writeHead(404).end();
    callId = id;
    response.writeHead(200, stream).end('id: p1\nretry: 10\ndata: \n\n');
  };

  beforeAll(async () => {
    http = createServer((request, response) => void serve(request, response));
    gateway = await startGateway(mcpServerItem(await listen(http, { host: '127.0.0.1', port: 0 })), agent.item);
    await gateway.until(() => serves(gateway, 'tickets_poll'));
  });
  afterAll(async () => {
    await gateway.stop();
    http.closeAllConnections();
    http.close();
  });

  const begin = async (revision: string) => {
    const headers: Record<string, string> = { ...json, accept: 'application/json, text/event-stream', authorization: `Bearer ${agent.key}` };
    const post = (message: object) => fetch(gateway.url, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }) });
    const params = { protocolVersion: revision, capabilities: {}, clientInfo: { name: 'a', version: '1' } };
    headers['mcp-session-id'] = (await post({ method: 'initialize', params })).headers.get('mcp-session-id') ?? '';
    headers['mcp-protocol-version'] = revision;
    const called = await (await post({ method: 'tools/call', params: { name: 'tickets_poll' } })).text();
    return { called, comeBack: (id: string) => fetch(gateway.url, { headers: { ...headers, 'last-event-id': id } }) };
  };

  it('is come back to by the last event that there was, as often as it wants, and has a client of 2025-11-25 do the same', async () => {
    back.length = 0;
    const { called, comeBack } = await begin('2025-11-25');
    const [, id = ''] = /^id: (\S+)\nretry: \d+\ndata: \n\n$/.exec(called) ?? [];
    expect(id).not.toBe('');
    let answered = '';
    while (!answered.includes('"result"')) answered = await (await comeBack(id)).text();
    expect(answered).toContain('at last');
    expect(back).toEqual(['p1', 'p1', 'p1']);
  });

  it('has an older client go on waiting, which would take a closed stream for a lost one', async () => {
    back.length = 0;
    expect((await begin('2025-06-18')).called).toContain('at last');
    expect(back).toEqual(['p1', 'p1', 'p1']);
  });
});
