import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type KongSimulator, type KongSimulatorOptions, startKongSimulator } from './main.ts';

let kong: KongSimulator;
let upstream: Server;
let upstreamUrl: string;

beforeAll(async () => {
  upstream = createServer((req, res) => res.end(JSON.stringify({ url: req.url, headers: req.headers })));
  await once(upstream.listen(0, '127.0.0.1'), 'listening');
  upstreamUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
});
afterAll(async () => {
  upstream.closeAllConnections();
  await once(upstream.close(), 'close');
});
const start = (options: Partial<KongSimulatorOptions> = {}) => startKongSimulator({ adminPort: 0, proxyPort: 0, ...options });
beforeEach(async () => void (kong = await start()));
afterEach(() => kong.close());

async function admin(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await fetch(kong.adminUrl + path, init);
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}
async function route(name: string, fields: Record<string, unknown>): Promise<void> {
  await admin('PUT', '/services/s', { url: upstreamUrl });
  expect((await admin('PUT', `/services/s/routes/${name}`, fields)).status).toBe(200);
}
const proxied = async (path: string, init?: RequestInit) => (await fetch(kong.proxyUrl + path, init)).status;

describe('the proxy follows what the Admin API accepted', () => {
  it('takes plain paths as prefixes, and templates and old regexes literally', async () => {
    await route('pre', { paths: ['/pre'] });
    await route('slash', { paths: ['/slash/'] });
    await route('template', { paths: ['/tpl/{id}'] });
    await route('old', { paths: ['/old/\\d+$'] });
    const statuses = await Promise.all(['/pre', '/prefix', '/slash/', '/slash', '/tpl/5', '/old/5'].map((path) => proxied(path)));
    expect(statuses).toEqual([200, 200, 200, 404, 404, 404]);
  });

  it('anchors a regex path at the start only', async () => {
    await route('regex', { paths: ['~/orders/(?<id>[^/]+)$'] });
    await route('open', { paths: ['~/rxa/[0-9]+'] });
    const statuses = await Promise.all(['/orders/7', '/orders/7/items', '/x/orders/7', '/rxa/7/more'].map((path) => proxied(path)));
    expect(statuses).toEqual([200, 404, 404, 200]);
  });

  it('prefers a regex to a prefix, a longer prefix to a shorter, and more kinds of criteria to fewer', async () => {
    const reached = async (path: string): Promise<string> => {
      const response = await fetch(kong.proxyUrl + path);
      return String(((await response.json()) as { headers: Record<string, string> }).headers['x-route']);
    };
    for (const [name, fields] of Object.entries({
      short: { paths: ['/a'] },
      long: { paths: ['/a/b/c/d'] },
      regex: { paths: ['~/a/b'] },
      method: { paths: ['/z'], methods: ['GET'] },
      plain: { paths: ['/z/long'] },
    })) {
      await route(name, { ...fields });
      await admin('POST', `/routes/${name}/plugins`, { name: 'request-transformer', config: { add: { headers: [`x-route:${name}`] } } });
    }
    expect(await Promise.all(['/a/x', '/a/b/c/d', '/z/long'].map(reached))).toEqual(['short', 'regex', 'method']);
  });

  it('refuses a call without a key, and names the consumer to the upstream with one', async () => {
    await route('r', { paths: ['/r'] });
    await admin('POST', '/services/s/plugins', { name: 'key-auth' });
    await admin('PUT', '/consumers/alice', {});
    await admin('PUT', '/consumers/alice/key-auth/secret', {});
    expect(await proxied('/r')).toBe(401);
    const answer = await fetch(`${kong.proxyUrl}/r`, { headers: { apikey: 'secret' } });
    expect(await answer.json()).toMatchObject({ headers: { 'x-consumer-username': 'alice' } });
  });

  it('refuses rather than opens a route whose guard it does not run', async () => {
    await route('r', { paths: ['/r'] });
    await admin('POST', '/services/s/plugins', { name: 'jwt' });
    expect(await proxied('/r')).toBe(501);
  });

  it('serves the old configuration until the delay is over', async () => {
    await kong.close();
    kong = await start({ proxyDelayMs: 60_000 });
    await route('r', { paths: ['/r'] });
    expect(await proxied('/r')).toBe(404);
    await kong.close();
    kong = await start({ proxyDelayMs: 1 });
    await route('r', { paths: ['/r'] });
    await expect.poll(() => proxied('/r')).toBe(200);
  });

  it('answers 502 when the service does not', async () => {
    await route('r', { paths: ['/r'] });
    await admin('PATCH', '/services/s', { url: 'http://127.0.0.1:1' });
    expect(await proxied('/r')).toBe(502);
  });
});

describe('the Admin API keeps the rules that clients rely on', () => {
  it('stores exactly what GET returned when it is PUT back', async () => {
    await route('r', { paths: ['/r'] });
    await admin('POST', '/routes/r/plugins', { name: 'rate-limiting', config: { minute: 3, redis_host: 'r.example' } });
    for (const collection of ['services', 'routes', 'plugins']) {
      const [row] = (await admin('GET', `/${collection}`)).body['data'] as [{ id: string }];
      const again = await admin('PUT', `/${collection}/${row.id}`, row);
      expect(again).toEqual({ status: 200, body: { ...row, updated_at: again.body['updated_at'] } });
    }
  });

  it('changes a deprecated twin and the field that replaced it together', async () => {
    const { body } = await admin('POST', '/plugins', { name: 'rate-limiting', config: { minute: 3, redis: { host: 'a', port: 1 } } });
    const patched = await admin('PATCH', `/plugins/${String(body['id'])}`, { config: { redis_host: 'b' } });
    expect(patched.body['config']).toMatchObject({ redis_host: 'b', redis_port: 1, redis: { host: 'b', port: 1 } });
  });

  it('makes one entity of ten parallel PUTs, and one plugin of ten parallel POSTs', async () => {
    const ten = <T>(make: () => Promise<T>) => Promise.all(Array.from({ length: 10 }, make));
    const puts = await ten(() => admin('PUT', '/services/race', { host: 'h' }));
    expect(new Set(puts.map(({ status, body }) => `${status} ${String(body['id'])}`)).size).toBe(1);
    const posts = await ten(() => admin('POST', '/services/race/plugins', { name: 'cors' }));
    expect(posts.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(9).fill(409)]);
  });

  it('answers 404 below a parent that is not there, and 501 where Kong has an endpoint the simulator has not', async () => {
    expect((await admin('POST', '/services/ghost/routes', { paths: ['/x'] })).status).toBe(404);
    expect((await admin('GET', '/certificates')).status).toBe(501);
  });

  it('pages through a nested list by its next links', async () => {
    for (const name of ['a', 'b', 'c']) await route(name, { paths: [`/${name}`], tags: ['t'] });
    const seen: string[] = [];
    let next: string | null = '/services/s/routes?size=2&tags=t';
    for (let pages = 0; next !== null && pages < 5; pages += 1) {
      const { body }: { body: Record<string, unknown> } = await admin('GET', next);
      seen.push(...(body['data'] as { name: string }[]).map(({ name }) => name));
      next = body['next'] as string | null;
    }
    expect(seen.sort()).toEqual(['a', 'b', 'c']);
  });

  it('lets a service go only after its routes, and takes its plugins with it', async () => {
    await route('r', { paths: ['/r'] });
    await admin('POST', '/services/s/plugins', { name: 'cors' });
    expect((await admin('DELETE', '/services/s')).status).toBe(400);
    await admin('DELETE', '/routes/r');
    expect((await admin('DELETE', '/services/s')).status).toBe(204);
    expect((await admin('GET', '/plugins')).body['data']).toEqual([]);
  });

  it('says it is a simulator in a header, and names the plugins in use', async () => {
    await admin('POST', '/plugins', { name: 'cors' });
    const response = await fetch(kong.adminUrl);
    expect(response.headers.get('x-stoa-simulator')).toBe('kong');
    expect(await response.json()).toMatchObject({ version: '3.9.3', plugins: { enabled_in_cluster: ['cors'] } });
  });
});

describe('the hooks for tests', () => {
  it('records what reached the Admin API', async () => {
    await admin('PUT', '/services/a', { host: 'h' });
    await admin('GET', '/services?size=5');
    expect(kong.exchanges).toEqual([
      { method: 'PUT', path: '/services/a', status: 200 },
      { method: 'GET', path: '/services?size=5', status: 200 },
    ]);
  });

  it('fails as often as it was told, with or without doing what was asked', async () => {
    kong.failNext({ method: 'PUT', path: /^\/services\//, status: 500, body: { message: 'down' }, times: 2 });
    expect((await admin('PUT', '/services/a', { host: 'h' })).body).toEqual({ message: 'down' });
    expect((await admin('PUT', '/services/b', { host: 'h' })).status).toBe(500);
    expect((await admin('GET', '/services/a')).status).toBe(404);
    kong.failNext({ path: '/services/a', applied: true });
    await expect(admin('PUT', '/services/a', { host: 'h' })).rejects.toThrow();
    expect((await admin('GET', '/services/a')).status).toBe(200);
  });
});

it('finds what was configured when it is started again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kong-simulator-'));
  try {
    await kong.close();
    kong = await start({ stateFile: join(folder, 'state.json') });
    await route('r', { paths: ['/r'] });
    await kong.close();
    expect(readdirSync(folder)).toEqual(['state.json']);
    kong = await start({ stateFile: join(folder, 'state.json') });
    expect((await admin('GET', '/routes/r')).status).toBe(200);
    expect(await proxied('/r')).toBe(200);
    expect(JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'))).toHaveProperty('services');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('explains itself with --help', () => {
  const main = new URL('./main.ts', import.meta.url).pathname;
  expect(execFileSync(process.execPath, [main, '--help'], { encoding: 'utf8' })).toContain('Kong simulator');
});
