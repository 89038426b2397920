import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Connections } from './connections.ts';
import type { Carried } from './connections.ts';
import type { Connection } from './http1/connection.ts';
import { openerOf } from './http1/open-socket.ts';

type Asked = { readonly path: string; readonly port: number | undefined; answer(): void };

let asked: Asked[];
let server: Server;
let url = '';
beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', port: request.socket.remotePort, answer: () => void response.end('ok') });
    server.emit('asked');
  });
  url = await listen(server, { host: '127.0.0.1', port: 0 });
});
afterEach(() => closeGracefully(server, 0));

const open = (connections: number) => new Connections({ open: openerOf(url), fixed: 'host: there\r\n' }, connections);
const arrivals = async (count: number): Promise<void> => {
  while (asked.length < count) await once(server, 'asked');
};

class Call implements Carried {
  carrier: Connection | undefined;
  readonly ended = Promise.withResolvers<string>();
  readonly #lines: Connections;

  constructor(lines: Connections, path: string) {
    this.#lines = lines;
    lines.dispatch({ method: 'GET', target: path, headers: [], body: undefined }, this);
  }

  begun(): void {}
  piece(): void {}
  answered(): void {
    this.#lines.release(this);
    this.ended.resolve('answered');
  }
  failed(error: Error): void {
    this.#lines.release(this);
    this.ended.resolve(error.message);
  }
}

it('carries one call at a time on each connection; others wait in their order, and closing waits for all', async () => {
  const lines = open(2);
  const calls = ['/1', '/2', '/3', '/4'].map((path) => new Call(lines, path));
  await arrivals(2);
  expect(asked.map(({ path }) => path).sort()).toEqual(['/1', '/2']);
  const closed = lines.close();
  asked[0]?.answer();
  await arrivals(3);
  expect(asked[2]).toMatchObject({ path: '/3', port: asked[0]?.port });
  for (const each of asked) each.answer();
  await arrivals(4);
  asked[3]?.answer();
  expect(await Promise.all(calls.map(({ ended }) => ended.promise))).toEqual(['answered', 'answered', 'answered', 'answered']);
  await closed;
  expect(new Set(asked.map(({ port }) => port)).size).toBe(2);
});

it('the connection used last is the next, so that one caller after the other needs one only', async () => {
  const lines = open(8);
  for (const path of ['/1', '/2', '/3']) {
    const call = new Call(lines, path);
    await arrivals(asked.length + 1);
    asked.at(-1)?.answer();
    await call.ended.promise;
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
  }
  expect(new Set(asked.map(({ port }) => port)).size).toBe(1);
  await lines.close();
});

it('a call that is given up while it waits is never made, and one that is cut makes room', async () => {
  const lines = open(1);
  const first = new Call(lines, '/first');
  await arrivals(1);
  const given = new Call(lines, '/given-up');
  const last = new Call(lines, '/last');
  lines.cut(given);
  lines.cut(first);
  expect(await first.ended.promise).toBe('The call is over.');
  await arrivals(2);
  asked[1]?.answer();
  expect(await last.ended.promise).toBe('answered');
  expect(asked.map(({ path }) => path)).toEqual(['/first', '/last']);
  await lines.close();
});
