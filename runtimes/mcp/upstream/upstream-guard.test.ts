import { createServer, request } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { Secret } from '@stoa/lib/secret.ts';
import { createUpstreamGuard } from '@stoa/lib/upstream-guard.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BuiltRequest, OperationEntry } from '../model.ts';
import { createUpstreams } from './upstream.ts';
import type { UpstreamAnswer, UpstreamOptions } from './upstream.ts';

let upstream: Server;
let url = '';
let asked = 0;
beforeAll(async () => {
  upstream = createServer((_request, response) => {
    asked += 1;
    response.end('hello');
  });
  url = await listen(upstream, { host: '127.0.0.1', port: 0 });
});
afterAll(() => closeGracefully(upstream, 0));

const port = () => new URL(url).port;
async function call(origin: string, options: UpstreamOptions) {
  const upstreams = createUpstreams({ timeoutMs: 5000, ...options });
  const operation = { origin, method: 'GET' } as OperationEntry;
  const get = { path: '/', headers: [], body: undefined } as unknown as BuiltRequest;
  const answer = await new Promise<UpstreamAnswer>((resolve) => upstreams.call(operation, get, undefined, resolve));
  await upstreams.close();
  return answer;
}
const guard = (upstreamAllow: string[], upstreamDeny: string[] = []) => createUpstreamGuard({ upstreamAllow, upstreamDeny });
const refused = { kind: 'failed', reason: 'The address of the upstream is refused by the rules of this gateway.', timeout: false };

it('no connection is made to an address that is refused, given as it is or found behind a name', async () => {
  const before = asked;
  expect(await call('http://169.254.169.254', {})).toMatchObject(refused);
  expect(await call(url, { guard: guard([], ['127.0.0.0/8']) })).toMatchObject(refused);
  const byName = await call(`http://localhost:${port()}`, { guard: guard([], ['127.0.0.0/8', '::1']) });
  expect(byName).toMatchObject(refused);
  // The log is told what the caller is not.
  expect(String('cause' in byName && byName.cause.message)).toMatch(
    /localhost resolves to (127\.0\.0\.1|::1), which is denied by STOA_UPSTREAM_DENY/,
  );
  expect(await call(`http://localhost:${port()}`, { guard: guard(['*.example']) })).toMatchObject(refused);
  expect(asked).toBe(before);
});

it('a connection is made to what is allowed', async () => {
  expect(await call(url, {})).toMatchObject({ kind: 'answered', status: 200 });
  expect(await call(`http://localhost:${port()}`, { guard: guard(['127.0.0.1', '::1']) })).toMatchObject({ kind: 'answered' });
});

it('goes through a proxy where one is set, and the rules for what stands in the URL hold there too', async () => {
  const seen: string[] = [];
  const proxy = createServer((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url} ${incoming.headers['proxy-authorization'] ?? ''}`);
    const target = new URL(incoming.url ?? '');
    request({ host: '127.0.0.1', port: target.port, path: target.pathname }, (answer) =>
      answer.pipe(response.writeHead(answer.statusCode ?? 0)),
    ).end();
  });
  proxy.on('connect', (incoming, socket) => {
    seen.push(`CONNECT ${incoming.url} ${incoming.headers['proxy-authorization'] ?? ''}`);
    const through = connect(Number(port()), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(through).pipe(socket);
    });
    socket.on('error', () => through.destroy());
  });
  const proxyUrl = new URL(await listen(proxy, { host: '127.0.0.1', port: 0 }));
  const proxies = { httpProxy: Secret.of(`http://user:word@${proxyUrl.host}`), httpsProxy: undefined, noProxy: ['127.0.0.1'] };
  try {
    // The name does not resolve here: the proxy knows it.
    expect(await call(`http://api.invalid:${port()}`, { proxies })).toMatchObject({ kind: 'answered', status: 200 });
    expect(seen).toEqual([expect.stringMatching(/api\.invalid:\d+\/? Basic dXNlcjp3b3Jk$/)]);
    expect(await call(url, { proxies })).toMatchObject({ kind: 'answered' });
    expect(await call('http://169.254.169.254', { proxies })).toMatchObject(refused);
    expect(seen).toHaveLength(1);
  } finally {
    proxy.closeAllConnections();
    await closeGracefully(proxy, 0);
  }
});
