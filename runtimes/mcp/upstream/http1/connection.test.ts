import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BuiltRequest, OperationEntry } from '../../model.ts';
import { createUpstreams } from '../upstream.ts';
import type { UpstreamAnswer, UpstreamOptions, Upstreams } from '../upstream.ts';

let server: Server;
let upstreams: Upstreams;
let answer: (socket: Socket, count: number) => void;
let connections: number;
const asked: string[] = [];
const sockets = new Set<Socket>();

beforeEach(async () => {
  connections = 0;
  asked.length = 0;
  server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).on('data', (data) => answer(socket, asked.push(data.toString())));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await upstreams.close();
  server.close();
});

function caller(options: UpstreamOptions = {}) {
  upstreams = createUpstreams(options);
  const operation = { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, method: 'POST' } as OperationEntry;
  return async (given: Partial<BuiltRequest> = {}): Promise<string> => {
    const request = { path: '/', headers: [], body: undefined, bodyBytes: 0, ...given };
    const got = await new Promise<UpstreamAnswer>((resolve) => upstreams.call(operation, request, undefined, resolve));
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
    return got.kind === 'answered' ? got.body.toString() : got.kind === 'failed' ? got.cause.message : got.kind;
  };
}
const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

it('calls after one another share a connection, whatever their bodies are written in', async () => {
  answer = (socket) => socket.write(ok);
  const call = caller();
  expect([await call(), await call({ body: '{"a":"für"}' }), await call({ body: Buffer.from([0, 255]) }), await call({ body: 'a' })]).toEqual(
    Array.from({ length: 4 }, () => 'ok'),
  );
  expect(connections).toBe(1);
  expect(asked[1]).toMatch(/content-length: 12\r\n\r\n\{"a":"für"\}$/);
});

it('a connection that brought more than was asked for is not used again', async () => {
  answer = (socket) => socket.write(`${ok}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil`);
  const call = caller();
  expect([await call(), await call()]).toEqual(['ok', 'ok']);
  expect(connections).toBe(2);
});

it.each([
  ['says that it will', 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok'],
  ['says nothing', ok],
  ['ends its answer by it', 'HTTP/1.1 200 OK\r\n\r\nok'],
])('a server may close the connection after its answer, where it %s', async (_says, text) => {
  answer = (socket) => socket.end(text);
  const call = caller();
  expect([await call(), await call()]).toEqual(['ok', 'ok']);
  expect(connections).toBe(2);
});

it('a call fails once, and the next is made, where an answer breaks off', async () => {
  answer = (socket, count) => (count === 1 ? socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel') : socket.write(ok));
  const call = caller({ connectionsPerOrigin: 1 });
  expect(await Promise.all([call(), call()])).toEqual(['other side closed', 'ok']);
});

it('a request that cannot be written is not made, and takes no connection away', async () => {
  answer = (socket) => socket.write(ok);
  const call = caller({ connectionsPerOrigin: 1 });
  expect(await call({ headers: ['x', 'a\r\nb: c'] })).toContain('HTTP cannot carry');
  expect(await Promise.all([call(), call({ headers: ['x', 'a\nb'] }), call()])).toEqual(['ok', expect.stringContaining('HTTP cannot carry'), 'ok']);
  expect([connections, asked.length]).toEqual([1, 2]);
});

it('a body that comes in a thousand pieces is held once', async () => {
  answer = (socket) => socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${'1\r\na\r\n'.repeat(1000)}0\r\n\r\n`);
  expect(await caller()()).toBe('a'.repeat(1000));
});
