import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { listen } from '@stoa/lib/listen.ts';
import { consumerItem } from '../testing/fixtures.ts';
import { Pending } from './pending.ts';
import type { McpAnswer, PeerRequest } from './peer.ts';
import { mcpServerItem, serves, startGateway } from './testing/gateway.ts';
import type { TestGateway } from './testing/gateway.ts';
import { rawClient } from './testing/raw-client.ts';
import type { RawClient } from './testing/raw-client.ts';

const agent = consumerItem();
const json = { 'content-type': 'application/json' };
const stream = { 'content-type': 'text/event-stream' };

describe('a server that is not to be trusted', () => {
  let http: Server;
  let gateway: TestGateway;
  let client: RawClient;
  let elsewhere = 0;
  /** How it answers a call of a tool, by the tool's name; `id` is that of the request. */
  const answers: Record<string, (response: ServerResponse, id: number) => void> = {
    fine: (response, id) => response.writeHead(200, json).end(`{"jsonrpc":"2.0","id":${id},"result":{"content":[]}}`),
    html: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Sign in</h1>'),
    moved: (response) => response.writeHead(302, { location: '/elsewhere' }).end(),
    broken: (response) => response.writeHead(200, json).end('{"jsonrpc":"2.0","id":1,"result":'),
    nothing: (response, id) => response.writeHead(200, json).end(`{"jsonrpc":"2.0","id":${id}}`),
    deep: (response, id) => response.writeHead(200, json).end(`{"jsonrpc":"2.0","id":${id},"result":{"a":${'['.repeat(5000)}${']'.repeat(5000)}}}`),
    huge: (response, id) => response.writeHead(200, json).end(`{"jsonrpc":"2.0","id":${id},"result":{"a":"${'x'.repeat(17 * 1024 * 1024)}"}}`),
    silent: (response) => response.writeHead(200, stream).end(),
    resumed: (response) =>
      response.writeHead(200, stream).end('id: e1\ndata: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}\n\n'),
    split: (response, id) =>
      response.writeHead(200, stream).end(`: hi\r\nevent: message\r\ndata: {"jsonrpc":"2.0",\r\ndata: "id":${id},"result":{"content":[]}}\r\n\r\n`),
  };
  let resumedId = 0;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url === '/elsewhere') elsewhere += 1;
    if (request.method === 'GET' && request.headers['last-event-id'] === 'e1')
      return void response.writeHead(200, stream).end(`id: e2\ndata: {"jsonrpc":"2.0","id":${resumedId},"result":{"content":[]}}\n\n`);
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString()) as { id?: number; method: string; params?: { name?: string } };
    if (id === undefined) return void response.writeHead(202).end();
    if (method === 'initialize') {
      const result = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'bad', version: '1' } };
      return void response.writeHead(200, json).end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    }
    if (method === 'tools/list') {
      const tools = Object.keys(answers).map((name) => ({ name, inputSchema: { type: 'object' } }));
      return void response.writeHead(200, json).end(JSON.stringify({ jsonrpc: '2.0', id, result: { tools } }));
    }
    if (method !== 'tools/call') return void response.writeHead(404).end();
    resumedId = id;
    answers[params?.name ?? '']?.(response, id);
  };

  beforeAll(async () => {
    http = createServer((request, response) => void serve(request, response));
    const url = await listen(http, { host: '127.0.0.1', port: 0 });
    gateway = await startGateway(mcpServerItem(url, { call_timeout_s: 20 }), agent.item);
    await gateway.until(() => serves(gateway, 'tickets_fine'));
    client = await rawClient(gateway.url, 'legacy', { key: agent.key });
  });
  afterAll(async () => {
    await gateway.stop();
    http.closeAllConnections();
    http.close();
  });
  const call = async (name: string): Promise<string> => {
    const { answer } = await client.ask('tools/call', { name: `tickets_${name}`, arguments: {} });
    return answer.get('result') ?? answer.get('error') ?? '';
  };

  it.each([
    ['html', 'answered with something else than a message'],
    ['moved', 'refused the request with HTTP 302'],
    ['broken', 'broke the protocol: what it sent is no JSON'],
    ['nothing', 'answered with what is no answer'],
    ['deep', 'broke the protocol: what it sent nests deeper than 256 levels'],
    ['huge', 'broke the protocol: what it sent is larger than'],
    ['silent', 'broke off its answer'],
  ])('that answers by %s is told of in a sentence, and its other tools go on', async (name, words) => {
    expect(await call(name)).toContain(words);
    expect(await call('fine')).toBe('{"content":[]}');
    expect(elsewhere).toBe(0);
  });

  it('may break its streams into lines and pieces as the format allows, and go on where one was broken off', async () => {
    expect(await call('split')).toBe('{"content":[]}');
    expect(await call('resumed')).toBe('{"content":[]}');
  });
});

describe('a request', () => {
  const pendingFor = (timeoutMs: number): { pending: Pending; settled: Promise<McpAnswer>; told: string[] } => {
    const told: string[] = [];
    const { promise, resolve } = Promise.withResolvers<McpAnswer>();
    const request: PeerRequest = { method: 'tools/call', params: {}, timeoutMs, settle: resolve };
    return {
      pending: new Pending(request, { abort: (isTimeout) => told.push(String(isTimeout)), reply: (text) => told.push(text) }),
      settled: promise,
      told,
    };
  };
  const message = (members: Record<string, string>): Map<string, string> => new Map(Object.entries(members));

  it('ends when nothing comes in time, and progress gives it as much time again', async () => {
    vi.useFakeTimers();
    try {
      const { pending, settled, told } = pendingFor(1000);
      for (let step = 1; step < 5; step += 1) {
        vi.advanceTimersByTime(900);
        pending.take(message({ method: '"notifications/progress"', params: `{"progressToken":1,"progress":${step}}` }));
      }
      expect(pending.isSettled).toBe(false);
      vi.advanceTimersByTime(1001);
      expect(await settled).toMatchObject({ kind: 'failed', timeout: true });
      expect(told).toEqual(['true']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('of the server that nobody can answer is refused, and a ping is answered', () => {
    const { pending, told } = pendingFor(10_000);
    pending.take(message({ id: '"a"', method: '"roots/list"' }));
    pending.take(message({ id: '2', method: '"ping"' }));
    pending.cancel();
    expect(told).toEqual([
      '{"jsonrpc":"2.0","id":"a","error":{"code":-32601,"message":"Method not found"}}',
      '{"jsonrpc":"2.0","id":2,"result":{}}',
      'false',
    ]);
  });
});
