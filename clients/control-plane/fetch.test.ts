import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpFetch } from './fetch.ts';

let server: Server;
const http = createHttpFetch({ maxResponseBytes: 10_000 });

afterEach(async () => {
  server.closeAllConnections();
  await closeGracefully(server, 0);
});

function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  server = createServer(handle);
  return listen(server, { host: '127.0.0.1', port: 0 });
}

describe('the small fetch', () => {
  it('sends method, headers and body, and answers status, headers and body', async () => {
    const url = await serve(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      response.writeHead(201, { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] });
      response.end(
        `${request.method} ${request.url} ${request.headers['authorization']} ${request.headers['content-length']} ${Buffer.concat(chunks).toString()}`,
      );
    });
    const answer = await http.fetch(new Request(`${url}/a?b=c`, { method: 'PUT', body: 'über', headers: { authorization: 'Bearer x' } }));
    expect([answer.status, answer.headers.get('content-type'), answer.headers.getSetCookie()]).toEqual([201, 'text/plain', ['a=1', 'b=2']]);
    expect(await answer.text()).toBe('PUT /a?b=c Bearer x 5 über');
  });

  it.each([204, 304])('answers %s without a body', async (status) => {
    const url = await serve((_, response) => response.writeHead(status, { etag: '"1"' }).end());
    const answer = await http.fetch(new Request(url));
    expect([answer.status, answer.headers.get('etag'), await answer.text()]).toEqual([status, '"1"', '']);
  });

  it('keeps connections alive', async () => {
    const sockets = new Set<Socket>();
    const url = await serve((request, response) => {
      sockets.add(request.socket);
      response.end('ok');
    });
    for (let index = 0; index < 3; index += 1) await (await http.fetch(new Request(url))).text();
    expect(sockets.size).toBe(1);
  });

  it('tries once more when the server closed the kept connection meanwhile', async () => {
    let requests = 0;
    const url = await serve((request, response) => {
      requests += 1;
      if (requests === 2) request.socket.resetAndDestroy();
      else response.end('ok');
    });
    await (await http.fetch(new Request(url))).text();
    expect(await (await http.fetch(new Request(url))).text()).toBe('ok');
    expect(requests).toBe(3);
  });

  it('does not follow redirects, which would carry the credential elsewhere', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: 'http://elsewhere.test/' }).end());
    expect((await http.fetch(new Request(url))).status).toBe(302);
  });

  it('gives up a body that is larger than its bound', async () => {
    const url = await serve((_, response) => response.end(Buffer.alloc(20_000)));
    await expect(http.fetch(new Request(url))).rejects.toThrow('larger than 10000 bytes');
  });

  it.each([
    ['before the answer', false],
    ['in the middle of the body', true],
  ])('lesson 21: stops at an abort %s', async (_, begin) => {
    const controller = new AbortController();
    const url = await serve((_request, response) => {
      if (begin) response.write('{');
      setImmediate(() => controller.abort(new Error('enough')));
    });
    await expect(http.fetch(new Request(url, { signal: controller.signal }))).rejects.toThrow();
  });

  it('rejects when nobody listens, and when the connection is cut in the middle of the body', async () => {
    const url = await serve((request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{', () => request.socket.destroy());
    });
    await expect(http.fetch(new Request(url))).rejects.toThrow();
    await closeGracefully(server, 0);
    await expect(http.fetch(new Request(url))).rejects.toThrow('ECONNREFUSED');
  });
});
