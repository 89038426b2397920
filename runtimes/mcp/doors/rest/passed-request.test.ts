import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { openConnection } from '@stoa/lib/testing/raw-exchange.ts';
import { describe, expect, it, vi } from 'vitest';
import { apiItem, compile, configOf, getOrder } from '../../testing/fixtures.ts';
import { Passage } from '../../upstream/passage.ts';
import { agent, bearer, openingRest } from './testing/fixture.ts';

const { upstream, open, orders } = openingRest();
const path = '/apis/orders/orders/7';
/** What says it of no request, and goes no further, but is not plain. */
const notPlain = { te: 'trailers' };

const answers: [what: string, respond: (request: IncomingMessage, response: ServerResponse) => void][] = [
  ['with a length', (_request, response) => void response.setHeader('content-length', 5).end('short')],
  ['in chunks', (_request, response) => void (response.write('one'), response.end('two'))],
  ['without a body', (_request, response) => void response.writeHead(204).end()],
  ['that nothing has changed', (_request, response) => void response.writeHead(304, { etag: '"a"' }).end()],
  ['of a fault', (_request, response) => void response.writeHead(500, 'Odd').end('fault')],
  ['with two lines of one name', (_request, response) => void response.writeHead(200, { 'set-cookie': ['a=1', 'b=2'] }).end('ok')],
  ['whose end is that of the connection', (request) => void request.socket.end('HTTP/1.1 200 OK\r\n\r\nrest')],
  ['of bytes of every kind', (_request, response) => void response.end(Buffer.from(Array.from({ length: 256 }, (_, at) => at)))],
  ['of a megabyte', (_request, response) => void response.end(Buffer.alloc(1_000_000, 'ab'))],
  ['that goes on in our name', (_request, response) => void response.writeHead(200, { 'x-stoa-consumer': 'other', 'x-request-id': 'a' }).end('ok')],
  ['with a date of its own', (_request, response) => void response.writeHead(200, { date: 'Mon, 01 Jan 2024 00:00:00 GMT' }).end('ok')],
];

describe('a plain request is answered as every other one', () => {
  it.each(answers)('%s', async (_what, respond) => {
    upstream.respond = respond;
    const { ask, url, requestsByNode } = await open(configOf(orders(), agent));
    const told = async (headers: Record<string, string>) => {
      const { status, headers: all, body } = await ask(path, { ...bearer, ...headers });
      // What frames an answer is each lane's own, and what came at once has its length told.
      const { 'x-request-id': id, 'content-length': _, 'transfer-encoding': _framing, date, ...others } = all;
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      expect(Number.isNaN(Date.parse(date ?? ''))).toBe(false);
      return { status, others, body, year: new Date(date ?? '').getFullYear() };
    };
    const ours = await told({});
    expect(requestsByNode()).toBe(0);
    expect(ours).toEqual(await told(notPlain));
    expect(requestsByNode()).toBe(1);
    // The connection goes on.
    const connection = await openConnection(url);
    for (let asked = 0; asked < 2; asked += 1) {
      connection.send('GET /apis/none HTTP/1.1\r\nHost: a\r\n\r\n');
      expect((await connection.answer()).status).toBe(401);
    }
    connection.socket.destroy();
  });

  it('and so is its body', async () => {
    upstream.respond = (request, response) => void text(request).then((body) => response.end(`${request.headers['content-length']} ${body}`));
    const { ask, requestsByNode } = await open(configOf(orders(), agent));
    const body = JSON.stringify({ item: 'für' });
    const json = { ...bearer, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
    expect((await ask('/apis/orders/orders', json, 'POST', body)).body).toBe(`${Buffer.byteLength(body)} ${body}`);
    expect((await ask('/apis/orders/orders', { ...json, 'content-length': '0' }, 'POST')).body).toBe('0 ');
    expect(requestsByNode()).toBe(0);
  });
});

describe('an answer that does not come at once', () => {
  it('is passed on as it comes, and ends where its caller goes away', async () => {
    const gone = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<ServerResponse>();
    upstream.respond = (request, response) => {
      request.socket.once('close', () => gone.resolve());
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      begun.resolve(response);
    };
    const { port, engine, requestsByNode } = await open(configOf(orders(), agent));
    const sent = httpRequest({ port, path, headers: bearer }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const response = await begun.promise;
    for (const piece of ['data: 1\n\n', 'data: 2\n\n']) {
      response.write(piece);
      expect(String((await once(answer, 'data'))[0])).toBe(piece);
    }
    sent.destroy();
    await gone.promise;
    expect(await engine.meter.registry.metrics()).toContain('stoa_calls_total{door="rest",outcome="cancelled"} 1');
    expect(requestsByNode()).toBe(0);
  });

  it('waits for a caller who does not read, and then comes whole', async () => {
    const paused = new Promise<void>((resolve) => {
      const pause = vi.spyOn(Passage.prototype, 'pause').mockImplementation(function (this: Passage) {
        pause.mockRestore();
        this.pause();
        resolve();
      });
    });
    const piece = Buffer.alloc(256 * 1024, 'x');
    const most = 32 * 1024 * 1024;
    let written = 0;
    upstream.respond = (_request, response) => {
      const write = (): void => {
        while (written < most) {
          written += piece.length;
          if (!response.write(piece)) return;
        }
        response.end();
      };
      response.on('drain', write);
      write();
    };
    const { port, requestsByNode } = await open(configOf(orders(), agent));
    const sent = httpRequest({ port, path, headers: bearer }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    await paused;
    expect(written).toBeLessThan(most);
    let received = 0;
    for await (const bytes of answer as AsyncIterable<Buffer>) received += bytes.length;
    expect([received, written]).toEqual([most, most]);
    expect(requestsByNode()).toBe(0);
  });

  it.each([
    ['has begun', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfirst', 'broken off'],
    ['has not', '', 504],
  ])('is given up where the upstream is silent for too long, and it %s', async (_what, said, expected) => {
    const server = createServer((socket: Socket) => void socket.on('error', () => {}).once('data', () => socket.write(said)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const config = configOf(apiItem({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, operations: [getOrder()] }), agent);
    const { ask } = await open(config, { upstream: { timeoutMs: 100 } });
    const told = await ask(path).then(
      ({ status }) => status,
      () => 'broken off',
    );
    expect(told).toBe(expected);
    server.close();
  });
});

describe('a connection that the upstream closes as it is asked once more', () => {
  /** Answers the first request of each connection, and ends the connection at the next. */
  async function forgetful() {
    const seen: string[] = [];
    const server = createServer((socket: Socket) => {
      let requests = 0;
      socket
        .on('error', () => {})
        .on('data', (bytes) => {
          seen.push(String(bytes).split(' ', 1)[0] ?? '');
          requests += 1;
          if (requests === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
          else socket.destroy();
        });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return { seen, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  it.each([
    ['is replaced by another one for what may be asked twice', 'GET', [200, 200], ['GET', 'GET', 'GET']],
    ['is a fault for what may not', 'POST', [200, 502], ['POST', 'POST']],
  ])('%s', async (_what, method, statuses, requests) => {
    const { seen, server, url } = await forgetful();
    const { ask } = await open(configOf(orders({ ...apiItem({ url, operations: orders().operations }) }), agent));
    const at = method === 'GET' ? path : '/apis/orders/orders';
    const answered = [await ask(at, { ...bearer, 'content-length': '0' }, method), await ask(at, { ...bearer, 'content-length': '0' }, method)];
    expect([answered.map(({ status }) => status), seen]).toEqual([statuses, requests]);
    server.close();
  });
});

it('an answer that comes after the configuration changed waits until it is known that whoever asked still may', async () => {
  const asked = Promise.withResolvers<ServerResponse>();
  upstream.respond = (_request, response) => asked.resolve(response);
  const { ask, engine, requestsByNode } = await open(configOf(orders(), agent));
  const answer = ask(path).catch(() => 'ended');
  const response = await asked.promise;
  // In place, but nobody was asked yet.
  engine.replace(compile(configOf(orders(), { ...agent, keys: [] })).snapshot);
  response.end('secret');
  expect(await answer).toBe('ended');
  expect(requestsByNode()).toBe(0);
});
