import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import type { Runtime } from '@stoa/mcp/start.ts';
import { apiItem, compile, configOf, consumerItem, createOrder, getOrder, policyItem } from '@stoa/mcp/testing/fixtures.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { settings } from './config.ts';
import { startLink } from './start.ts';
import { changed, freePort, guideBlock, installed, startGateway } from './testing/gateway-process.ts';
import { nginx, nginxRest } from './testing/nginx.ts';

const folder = mkdtempSync(join(tmpdir(), 'stoa-callers-'));
const socket = join(folder, 'link.sock');
const grpcSocket = join(folder, 'grpc.sock');
const tls = (name: string): string => join(import.meta.dirname, '../../lib/testing/tls', name);
const { item: consumer, key } = consumerItem();
const api = apiItem({ operations: [getOrder(), createOrder()] });
const bearer = { authorization: `Bearer ${key}` };
const upstream = createServer((_request, response) => response.end('from the upstream'));
const ends: (() => Promise<unknown>)[] = [];
let upstreamPort = 0;

beforeAll(async () => {
  upstreamPort = Number(new URL(await listen(upstream, { host: '127.0.0.1', port: 0 })).port);
});
afterAll(async () => {
  await closeGracefully(upstream, 0);
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const load = (env: Record<string, string>) =>
  settings.load({
    argv: [],
    env: {
      STOA_CONTROL_PLANE_URL: 'http://127.0.0.1:9',
      STOA_GATEWAY_KEY: 'stoa_gk_test',
      STOA_LISTEN: '127.0.0.1:0',
      STOA_STATE_DIR: join(folder, 'state'),
      ...env,
    },
  });
async function start(env: Record<string, string>, ...policies: ReturnType<typeof policyItem>[]): Promise<Runtime> {
  const link = await startLink(load(env), createLogger({ program: 'test', level: 'silent' }));
  ends.push(() => link.stop());
  link.engine?.replace(compile(configOf(api, consumer, ...policies), ['mcp', 'authz', 'rest', 'grpc']).snapshot);
  return link;
}
const question = { 'x-original-method': 'GET', 'x-original-uri': '/v1/orders/7', ...bearer };

/** Asks at /authz, and answers the status with the reason where one is told. */
function ask(where: RequestOptions, headers: Record<string, string> = {}, path = '/authz'): Promise<string> {
  const send = where.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    send({ ...where, path, headers: { ...question, ...headers }, agent: false }, (answer) => {
      answer.resume().once('end', () => resolve([answer.statusCode, answer.headers['x-stoa-reason']].filter(Boolean).join(' ')));
    })
      .once('error', reject)
      .end();
  });
}
const overTcp = ({ url }: Runtime): RequestOptions => ({ protocol: new URL(url).protocol, host: '127.0.0.1', port: new URL(url).port });
const overSocket: RequestOptions = { socketPath: socket };
/** A socket that a program left which was killed. */
const leaveSocket = (): unknown =>
  spawnSync(process.execPath, ['-e', `require('net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 'SIGKILL'))`]);

describe('a Unix socket', () => {
  it('serves what the address serves, to whom its permissions let in, and is gone with Link', async () => {
    const link = await start({ STOA_SOCKET: socket, STOA_GRPC_LISTEN: `unix:${grpcSocket}` });
    expect([await ask(overSocket), await ask(overTcp(link)), await ask(overSocket, {}, '/apis/orders/nothing')]).toEqual(['200', '200', '404']);
    expect([socket, grpcSocket].map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual(['660', '660']);
    await ends.pop()?.();
    expect([socket, grpcSocket].map((path) => existsSync(path))).toEqual([false, false]);
  });

  it('has the permissions that are set', async () => {
    await start({ STOA_SOCKET: socket, STOA_SOCKET_MODE: '600' });
    expect((statSync(socket).mode & 0o777).toString(8)).toBe('600');
  });

  it('takes the place of one whose program was killed', async () => {
    leaveSocket();
    expect(existsSync(socket)).toBe(true);
    await start({ STOA_SOCKET: socket });
    expect(await ask(overSocket)).toBe('200');
  });

  it('takes the place of none that somebody listens on, of no file, and of no link to a socket', async () => {
    await start({ STOA_SOCKET: socket });
    await expect(start({ STOA_SOCKET: socket, STOA_STATE_DIR: join(folder, 'other') })).rejects.toThrow(
      /STOA_SOCKET cannot be listened on: .* is taken/,
    );
    expect(await ask(overSocket)).toBe('200');
    const file = join(folder, 'a file');
    writeFileSync(file, 'kept');
    await expect(start({ STOA_SOCKET: file, STOA_STATE_DIR: join(folder, 'other') })).rejects.toThrow('is no socket');
    expect(readFileSync(file, 'utf8')).toBe('kept');
    await ends.pop()?.();
    leaveSocket();
    const link = join(folder, 'link to a socket');
    symlinkSync(socket, link);
    await expect(start({ STOA_SOCKET: link, STOA_STATE_DIR: join(folder, 'other') })).rejects.toThrow('is taken');
    expect(existsSync(socket)).toBe(true);
    rmSync(socket);
  });

  it('whose folder is not there stops the start with the remedy', async () => {
    await expect(start({ STOA_SOCKET: join(folder, 'nowhere/link.sock') })).rejects.toThrow('is not there');
  });

  it.each([
    ['several threads', { STOA_SOCKET: socket, STOA_WORKERS: '2' }, 'STOA_WORKERS=1'],
    ['a path that is not whole', { STOA_SOCKET: 'link.sock' }, 'STOA_SOCKET must be the whole path'],
    ['permissions that everybody has', { STOA_SOCKET: socket, STOA_SOCKET_MODE: '777' }, '600, 660 or 666'],
    ['trust in who connects to none', { STOA_TRUSTED_PROXIES: 'unix' }, 'STOA_SOCKET'],
    ['an asker by none', { STOA_AUTHZ_CALLERS: 'socket' }, 'STOA_SOCKET'],
    ['an asker by a certificate that nobody is asked for', { STOA_AUTHZ_CALLERS: 'certificate=DNS:edge.example' }, 'STOA_CLIENT_CA_FILE'],
    ['an asker of no kind', { STOA_AUTHZ_CALLERS: 'everybody' }, 'must hold entries such as loopback'],
  ])('goes not together with %s', (_what, env, says) => {
    expect(() => load(env as Record<string, string>)).toThrow(says);
  });

  it('tells no address, unless who connects there is trusted to tell it', async () => {
    const inside = policyItem({ kind: 'ip_restriction', config: { allow: ['192.0.2.0/24'] } }, [api]);
    const told = { 'x-forwarded-for': '192.0.2.7' };
    await start({ STOA_SOCKET: socket, STOA_TRUSTED_PROXIES: '127.0.0.1' }, inside);
    expect([await ask(overSocket, told), await ask(overSocket)]).toEqual(['403 address_refused', '403 address_refused']);
    await ends.pop()?.();
    await start({ STOA_SOCKET: socket, STOA_TRUSTED_PROXIES: 'unix' }, inside);
    expect([await ask(overSocket, told), await ask(overSocket), await ask(overSocket, { 'x-forwarded-for': '192.0.2.7, 203.0.113.9' })]).toEqual([
      '200',
      '403 address_refused',
      '403 address_refused',
    ]);
  });
});

describe('who may ask at /authz', () => {
  const refused = '403 asker_refused';

  it('is everybody who reaches it, where nobody said otherwise', async () => {
    expect(await ask(overTcp(await start({})))).toBe('200');
  });

  it('is who connects to the socket, whatever the others write of themselves', async () => {
    const link = await start({ STOA_SOCKET: socket, STOA_AUTHZ_CALLERS: 'socket' });
    const claims = { 'x-forwarded-for': '127.0.0.1', forwarded: 'for=unix', 'x-forwarded-client-cert': 'URI=spiffe://bank.example/ns/agents/edge' };
    expect([await ask(overSocket), await ask(overTcp(link)), await ask(overTcp(link), claims)]).toEqual(['200', refused, refused]);
    expect(await ask(overTcp(link), {}, '/authz/v1/orders/7')).toBe(refused);
  });

  it('is who comes from this machine', async () => {
    const link = await start({ STOA_SOCKET: socket, STOA_AUTHZ_CALLERS: 'loopback' });
    expect([await ask(overTcp(link)), await ask(overSocket)]).toEqual(['200', refused]);
  });

  it('mTLS: is who has a certificate of that name, and neither one of another authority nor none', async () => {
    const secured = { STOA_TLS_CERT_FILE: tls('server.pem'), STOA_TLS_KEY_FILE: tls('server.key'), STOA_CLIENT_CA_FILE: tls('client-ca.pem') };
    const link = await start({ ...secured, STOA_AUTHZ_CALLERS: 'certificate=URI:spiffe://bank.example/ns/agents/*' });
    const shown = (name?: string): RequestOptions => ({
      ...overTcp(link),
      ca: readFileSync(tls('ca.pem')),
      ...(name !== undefined && { cert: readFileSync(tls(`${name}.pem`)), key: readFileSync(tls(`${name}.key`)) }),
    });
    expect([await ask(shown('helpdesk')), await ask(shown('nobody')), await ask(shown('impostor')), await ask(shown())]).toEqual([
      '200',
      refused,
      refused,
      refused,
    ]);
  });
});

/** Starts a gateway with a configuration, and answers what a call through it gets with the key, and without. */
async function throughGateway(
  program: string,
  subject: Parameters<typeof startGateway>[1],
  configuration: (port: number) => string,
): Promise<unknown[]> {
  const port = await freePort();
  ends.push(await startGateway(program, subject, configuration(port), port));
  const send = async (headers: Record<string, string>): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}/v1/orders/7`, { headers, signal: AbortSignal.timeout(20_000) })).status;
  return [await send(bearer), await send({})];
}
const inCi = process.env['CI'] === 'true';

describe.skipIf(nginx.program === undefined && !inCi)('nginx asks Link', () => {
  const guide = guideBlock('link-with-nginx.md', 'nginx');
  const configured = (port: number, change: (text: string) => string): string =>
    `${nginxRest}${change(changed(changed(guide, '127.0.0.1:8090', `127.0.0.1:${port}`), '127.0.0.1:8084', `127.0.0.1:${upstreamPort}`))}}\n`;

  it('at the socket, by the line of the guide', async () => {
    const line = changed(guideBlock('link.md', 'nginx'), '/run/stoa/link.sock', socket);
    await start({ STOA_SOCKET: socket, STOA_AUTHZ_CALLERS: 'socket' });
    const change = (text: string): string => changed(text, 'upstream link { server 127.0.0.1:8082 max_fails=0; keepalive 32; }\n', line);
    expect(await throughGateway(nginx.program ?? '', nginx, (port) => configured(port, change))).toEqual([200, 401]);
  });

  it('by mTLS, by the lines of the guide', async () => {
    const secured = { STOA_TLS_CERT_FILE: tls('server.pem'), STOA_TLS_KEY_FILE: tls('server.key'), STOA_CLIENT_CA_FILE: tls('client-ca.pem') };
    const link = await start({ ...secured, STOA_AUTHZ_CALLERS: 'certificate=DNS:helpdesk.bank.example' });
    const files = { '/etc/nginx/edge.pem': 'helpdesk.pem', '/etc/nginx/edge.key': 'helpdesk.key', '/etc/nginx/link-ca.pem': 'ca.pem' };
    const lines = Object.entries(files).reduce((text, [from, to]) => changed(text, from, tls(to)), guideBlock('link.md', 'nginx', 1));
    const change = (text: string): string =>
      changed(changed(text, 'proxy_pass http://link/authz;\n', lines), '127.0.0.1:8082', new URL(link.url).host);
    expect(await throughGateway(nginx.program ?? '', nginx, (port) => configured(port, change))).toEqual([200, 401]);
  });
});

it.skipIf(nginx.program === undefined && !inCi)(
  'nginx has Link as a hop at the socket, by the lines of the guide, and tells it who calls',
  async () => {
    const inside = policyItem({ kind: 'ip_restriction', config: { allow: ['127.0.0.1'] } }, [api]);
    const link = await start({ STOA_SOCKET: socket, STOA_TRUSTED_PROXIES: 'unix' });
    const reachable = { ...api, upstream: { url: `http://127.0.0.1:${upstreamPort}/v1` } };
    link.engine?.replace(compile(configOf(reachable, consumer, inside), ['rest']).snapshot);
    const location = changed(guideBlock('rest.md', 'nginx'), '/run/stoa/link.sock', socket);
    const statuses = await throughGateway(nginx.program ?? '', nginx, (port) => `${nginxRest}server { listen 127.0.0.1:${port};\n${location}}}\n`);
    expect(statuses).toEqual([200, 401]);
  },
);

const envoy = installed(['envoy'], '--version');
describe.skipIf(envoy === undefined && !inCi).each([
  ['HTTP', 'link-with-envoy.md', 8082, socket],
  ['gRPC', 'link-with-envoy-grpc.md', 9001, grpcSocket],
] as const)('Envoy asks Link over %s', (_how, guide, port, path) => {
  it('at the socket, by the address of the guide', async () => {
    await start({ STOA_SOCKET: socket, STOA_GRPC_LISTEN: `unix:${grpcSocket}`, STOA_AUTHZ_CALLERS: 'socket' });
    const at = `socket_address: { address: 127.0.0.1, port_value: ${port} }`;
    const text = changed(changed(guideBlock(guide, 'yaml'), at, `pipe: { path: ${path} }`), 'port_value: 8084', `port_value: ${upstreamPort}`);
    const subject = {
      file: 'envoy.yaml',
      args: (file: string) => ['-c', file, '--use-dynamic-base-id', '--concurrency', '1', '--log-level', 'error'],
    };
    const statuses = await throughGateway(envoy ?? '', subject, (free) => changed(text, 'port_value: 8091', `port_value: ${free}`));
    expect(statuses).toEqual([200, 401]);
  });
});

const caddy = installed(['caddy'], 'version');
it.skipIf(caddy === undefined && !inCi)('Caddy asks Link at the socket, by the address of the guide', async () => {
  await start({ STOA_SOCKET: socket, STOA_AUTHZ_CALLERS: 'socket' });
  const text = changed(changed(guideBlock('link-with-caddy.md', 'caddy'), '127.0.0.1:8082', `unix/${socket}`), ':8084', `:${upstreamPort}`);
  const subject = { file: 'Caddyfile', args: (file: string) => ['run', '--config', file, '--adapter', 'caddyfile'] };
  expect(await throughGateway(caddy ?? '', subject, (port) => changed(text, ':8091', `:${port}`))).toEqual([200, 401]);
});
