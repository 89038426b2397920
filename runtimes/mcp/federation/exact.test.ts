import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { listen } from '@stoa/lib/listen.ts';
import { consumerItem } from '../testing/fixtures.ts';
import { mcpServerItem, serves, startGateway } from './testing/gateway.ts';
import type { TestGateway } from './testing/gateway.ts';
import { rawClient } from './testing/raw-client.ts';

const agent = consumerItem();
const tool =
  '{"name":"get","inputSchema":{"type":"object","properties":{"id":{"type":"integer","maximum":12345678901234567890}}},"x-new":{"n":1.10}}';
const result =
  '{"content":[{"type":"hologram","beams":[1e400,-0.0]},{"type":"text","text":"\\ud83d\\ude00"}],"structuredContent":{"id":12345678901234567890,"share":0.12345678901234567890},"unknown":[null]}';

describe('numbers and members that no library knows', () => {
  let http: Server;
  let gateway: TestGateway;
  const bodies: string[] = [];
  afterEach(async () => {
    await gateway.stop();
    http.closeAllConnections();
    http.close();
  });

  /** Speaks just enough of 2025-11-25, each answer a text. */
  const start = async (): Promise<string> => {
    http = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const body = Buffer.concat(chunks).toString();
        const { id, method } = (body === '' ? {} : JSON.parse(body)) as { id?: number; method?: string };
        bodies.push(body);
        const results: Record<string, string> = {
          initialize: '{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"raw","version":"1"}}',
          'tools/list': `{"tools":[${tool}, {"name":"broken","inputSchema":true}]}`,
          'tools/call': result,
        };
        const found = results[method ?? ''];
        if (id === undefined) return void response.writeHead(request.method === 'GET' ? 405 : 202).end();
        const outcome = found === undefined ? '"error":{"code":-32601,"message":"no"}' : `"result":${found}`;
        response.writeHead(200, { 'content-type': 'application/json' }).end(`{ "jsonrpc" : "2.0", "id" : ${id}, ${outcome} }`);
      })();
    });
    return listen(http, { host: '127.0.0.1', port: 0 });
  };

  it('go through both ways as they were written, and one tool that clients would refuse is told of and takes no other with it', async () => {
    const item = mcpServerItem(await start());
    gateway = await startGateway(item, agent.item);
    await gateway.until(() => serves(gateway, 'tickets_get'));
    const client = await rawClient(gateway.url, 'legacy', { key: agent.key });
    const listed = (await client.ask('tools/list')).answer.get('result');
    expect(listed).toContain('"maximum":12345678901234567890');
    expect(listed).toContain('"x-new":{"n":1.10}');
    expect(listed).not.toContain('broken');
    const args = { id: JSON.rawJSON('12345678901234567890'), share: JSON.rawJSON('0.12345678901234567891') };
    const { answer } = await client.ask('tools/call', { name: 'tickets_get', arguments: args });
    expect(answer.get('result')).toBe(result);
    expect(bodies.find((body) => body.includes('tools/call'))).toContain('{"id":12345678901234567890,"share":0.12345678901234567891}');
    expect(gateway.reports.at(-1)?.report).toMatchObject({ state: 'connected', reason: expect.stringContaining('"broken" is not served') as string });
  });
});
