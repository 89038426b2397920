import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket, createSecureContext } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '@stoa/lib/listen.ts';
import { compiled } from '@stoa/lib/testing/compiled.ts';

const root = join(import.meta.dirname, '../..');
const file = (name: string) => join(root, 'lib/testing/tls', name);
const [cert, key] = [readFileSync(file('server.pem')), readFileSync(file('server.key'))];
const caFile = { STOA_CA_FILE: file('ca.pem') };

/** Runs `check` of a program: what it reaches, the program reaches in the same way. */
function check(program: string, env: Record<string, string>): Promise<string> {
  const own: Record<string, string> =
    program === 'stoa-control-plane' ? { STOA_DATA_DIR: tmpdir() } : { STOA_STATE_DIR: tmpdir(), STOA_GATEWAY_KEY: 'stoa_gk_test' };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, 'dist', program, 'main.mjs'), 'check'],
      { env: { PATH: process.env['PATH'], ...compiled(), ...own, ...env }, timeout: 50_000 },
      (_error, stdout) => resolve(stdout),
    );
  });
}

/** Answers as a Control Plane does, which asks for a key and knows no such gateway, and as a Kong. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const isKong = request.url === '/';
  const status = isKong ? 200 : request.headers.authorization === undefined ? 401 : 404;
  response.writeHead(status, { 'content-type': isKong ? 'application/json' : 'application/problem+json' });
  response.end(JSON.stringify(isKong ? { version: '3.9.1', configuration: { database: 'postgres' } } : { title: 'Refused', status }));
}

const servers: Server[] = [];
const sockets = new Set<Socket>();
let plain = '';
let secure = 0;
let proxy = '';
const proxied: string[] = [];
beforeAll(async () => {
  const overTls = createTlsServer({ cert, key }, answer);
  const straight = createServer(answer);
  const through = createServer((request, response) => {
    proxied.push(String(request.url));
    answer(Object.assign(request, { url: new URL(request.url ?? '').pathname }), response);
  });
  // As a proxy does, it knows where a name leads that nobody else can resolve.
  through.on('connect', (request, socket: Socket) => {
    proxied.push(`CONNECT ${request.url}`);
    const target = connect(request.url?.endsWith(':443') === true ? secure : Number(request.url?.split(':').pop()), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(target).pipe(socket);
    });
    for (const end of [socket, target]) end.on('error', () => end.destroy());
  });
  servers.push(overTls, straight, through);
  overTls.listen(0, '127.0.0.1');
  plain = await listen(straight, { host: '127.0.0.1', port: 0 });
  proxy = await listen(through, { host: '127.0.0.1', port: 0 });
  secure = (overTls.address() as AddressInfo).port;
  for (const server of servers) server.on('connection', (socket: Socket) => sockets.add(socket));
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});

describe.each(['stoa-gateway', 'stoa-link', 'stoa-connect'])('%s', (program) => {
  it('trusts STOA_CA_FILE', async () => {
    const env = { STOA_CONTROL_PLANE_URL: `https://localhost:${secure}` };
    expect(await check(program, env)).toContain('cannot be reached (UNABLE_TO_VERIFY_LEAF_SIGNATURE)');
    expect(await check(program, { ...env, ...caFile })).toContain('takes the gateway key');
    expect(await check(program, { ...env, STOA_CA_FILE: '/nowhere.pem' })).toMatch(
      /fault {2}STOA_CA_FILE names \/nowhere\.pem, which cannot be used \(ENOENT\)/,
    );
  });

  it('goes through HTTPS_PROXY and HTTP_PROXY, in either case of their letters, and not where NO_PROXY says so', async () => {
    const https = { STOA_CONTROL_PLANE_URL: 'https://plane.invalid', ...caFile };
    expect(await check(program, { ...https, https_proxy: proxy })).toContain('takes the gateway key');
    expect(await check(program, { ...https, HTTPS_PROXY: proxy, NO_PROXY: '.invalid' })).toContain('cannot be reached (ENOTFOUND)');
    expect(await check(program, { ...https, HTTPS_PROXY: '' })).toContain('cannot be reached (ENOTFOUND)');
    const before = proxied.length;
    expect(await check(program, { STOA_CONTROL_PLANE_URL: 'http://plane.invalid:81', HTTP_PROXY: proxy.replace('//', '//user:hunter2@') })).toMatch(
      /ok {5}HTTP_PROXY: \[secret\][\s\S]*takes the gateway key/,
    );
    expect(proxied.length).toBeGreaterThan(before);
    expect(await check(program, { STOA_CONTROL_PLANE_URL: plain, HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: 'x.example, 127.0.0.0/8' })).toContain(
      'takes the',
    );
  });
});

it('Connect reaches its admin API with the same authorities and proxies', async () => {
  const env = { STOA_CONTROL_PLANE_URL: plain, NO_PROXY: '127.0.0.1', ...caFile };
  const program = 'stoa-connect';
  expect(await check(program, { ...env, STOA_TARGET_GATEWAY_URL: `https://localhost:${secure}` })).toContain('it answers, as kong 3.9.1');
  for (const target of ['https://kong.invalid', 'http://kong.invalid:8001']) {
    expect(await check(program, { ...env, HTTPS_PROXY: proxy, HTTP_PROXY: proxy, STOA_TARGET_GATEWAY_URL: target })).toContain(
      'it answers, as kong 3.9.1',
    );
  }
});

it('the Control Plane trusts STOA_CA_FILE for its database', async () => {
  // As far as a PostgreSQL goes before it speaks: it agrees to TLS, and leaves.
  const database = createTcpServer((socket) => {
    sockets.add(socket);
    socket.once('data', () => {
      socket.write('S');
      const over = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ cert, key }) });
      over.on('secure', () => over.end());
      over.on('error', () => socket.destroy());
    });
  }).listen(0, '127.0.0.1');
  await once(database, 'listening');
  const { port } = database.address() as AddressInfo;
  const env = {
    DATABASE_URL: `postgres://u@localhost:${port}/stoa?sslmode=verify-full`,
    STOA_SINGLE_ROLE: 'true',
    STOA_MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
  };
  try {
    expect(await check('stoa-control-plane', env)).toMatch(/unable to verify the first certificate/);
    expect(await check('stoa-control-plane', { ...env, ...caFile })).toMatch(/fault {2}PostgreSQL .*Connection terminated/);
  } finally {
    database.close();
  }
});
