import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import type { ConfigItem } from '@stoa/generated/schemas.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectTo } from '../../laws/run.ts';
import { api, keyAuth, operation, policy } from '../../testing/config.ts';
import { realNginx, startNginx } from '../../testing/nginx-process.ts';
import type { RunningNginx } from '../../testing/nginx-process.ts';
import { reachedBy, startPublicPaths } from '../../testing/public-paths.ts';
import { askAsWritten } from '../../testing/written.ts';
import { createNginxAdapter } from './adapter.ts';
import { nginxHealth } from './health.ts';
import { nginxTools } from './tools.ts';

// What only a real one shows. What CI misses, the laws say.

describe.skipIf(realNginx.path === undefined)(`on a real nginx${realNginx.path === undefined ? ` (${realNginx.remedy})` : ''}`, () => {
  let nginx: RunningNginx;
  let upstream: { url: string; close(): Promise<void> };
  beforeAll(async () => {
    nginx = await startNginx(realNginx.path ?? '');
    const server = createServer((_request, response) => void response.end('from the upstream'));
    upstream = { url: await listen(server, { host: '127.0.0.1', port: 0 }), close: () => closeGracefully(server, 0) };
  });
  afterAll(async () => {
    await nginx?.stop();
    await upstream?.close();
  });

  const adapterAt = (listenAt: string, more = {}) =>
    createNginxAdapter({
      url: nginx.places[0]?.generationUrl ?? '',
      settings: {
        nginxDir: nginx.ownDir,
        nginxListen: listenAt,
        nginxProgram: nginx.program,
        nginxConfig: nginx.config,
        nginxErrorLog: nginx.errorLog,
        ...more,
      },
    });
  const connectAt = (listenAt = nginx.places[0]?.listen ?? '') => connectTo(adapterAt(listenAt));
  const one = (name: string, url = upstream.url): ConfigItem => api(name, { url, operations: [operation(`GET /${name}`, 'op')] });
  const status = (path: string) =>
    fetch(`${nginx.places[0]?.proxyUrl}${path}`).then(
      (response) => response.status,
      () => 'nobody',
    );
  afterEach(() => connectAt().pass([]));

  it('a path that nginx reads as another than is written reaches no upstream, which is sent what is written', async () => {
    await connectAt().pass([api('orders', { url: upstream.url, operations: [operation('GET /orders/{id}', 'op')] })]);
    const written = async (path: string): Promise<number> => (await askAsWritten(nginx.places[0]?.proxyUrl ?? '', path)).status;
    for (const path of [
      '/admin/../orders/7',
      '/admin//../orders/7',
      '/admin/%2E%2e/orders/7',
      '/admin%2f..%2Forders/7',
      '/orders/./7',
      '/orders/7#/../../admin',
      '/orders/..;x=1',
      '/orders/..%5Cadmin',
      '/orders/..\\admin',
    ])
      expect([path, await written(path)]).toEqual([path, 404]);
    for (const path of ['/orders/7', '/orders/7..8', '/orders/.7', '/orders/7?at=//a/../b%2f'])
      expect([path, await written(path)]).toEqual([path, 200]);
  });

  it('APIs with the same paths are told apart by prefixes and hosts, which upstreams do not see, or do', async () => {
    const paths = await startPublicPaths();
    try {
      const connect = connectAt();
      expect((await connect.pass(paths.items)).outcome.state).toBe('applied');
      for (const [path, host, reached] of paths.calls)
        expect([path, host, await reachedBy(nginx.places[0]?.proxyUrl ?? '', path, host)]).toEqual([path, host, reached]);
      expect((await connect.pass(paths.items)).writes).toEqual([]);
    } finally {
      await paths.close();
    }
  });

  describe('that asks a Link', () => {
    type Asked = { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders; body: string };
    const asked: Record<'link' | 'upstream', Asked[]> = { link: [], upstream: [] };
    const open: Server[] = [];
    const serve = async (who: keyof typeof asked, answer: (one: Asked) => { status: number; headers: Record<string, string> }) => {
      const server = createServer((request, response) => {
        void readText(request).then((body) => {
          const one = { method: request.method, url: request.url, headers: request.headers, body };
          asked[who].push(one);
          const { status: code, headers } = answer(one);
          response.writeHead(code, headers).end('said');
        });
      });
      open.push(server);
      return listen(server, { host: '127.0.0.1', port: 0 });
    };
    let own: { url: string; link: string };
    beforeAll(async () => {
      const link = await serve('link', ({ headers }) => {
        if (headers['x-api-key'] !== 'good' && headers.authorization !== 'Bearer good')
          return { status: 401, headers: { 'www-authenticate': 'Bearer realm="stoa"' } };
        if (headers['x-original-method'] === 'DELETE') return { status: 403, headers: { 'x-stoa-reason': 'rate_limited', 'retry-after': '7' } };
        return { status: 200, headers: { 'x-stoa-consumer': 'agent', 'x-stoa-api': 'orders', 'x-stoa-operation': 'getOrder' } };
      });
      own = { link, url: await serve('upstream', () => ({ status: 200, headers: {} })) };
    });
    afterAll(() => Promise.all(open.map((server) => closeGracefully(server, 0))));
    beforeEach(() => void (asked.link.length = asked.upstream.length = 0));
    const linked = (link = own.link) => connectTo(adapterAt(nginx.places[0]?.listen ?? '', { nginxLinkUrl: link }));
    const call = (path: string, init: RequestInit = {}) => fetch(`${nginx.places[0]?.proxyUrl}${path}`, init);
    const orders = (changes = {}) =>
      api('orders', {
        url: `${own.url}/v1`,
        operations: ['GET /orders/{id}', 'POST /orders', 'DELETE /orders/{id}'].map((text) => operation(text, text.replace(/\W+/g, '-'))),
        changes,
      });

    it('each call is the business of the Link, and what it says is what the caller hears', async () => {
      const item = orders({ subscription_required: true });
      const tokens = policy('tokens', { kind: 'jwt_auth', config: { issuer: 'https://id.example.com', audience: ['a'] } }, item);
      const inside = policy('inside', { kind: 'ip_restriction', config: { deny: ['192.0.2.0/24'] } }, item);
      const { outcome } = await linked().pass([item, tokens, inside]);
      expect(outcome.items.find(({ id }) => id === tokens.id)).toMatchObject({
        reason: expect.stringContaining('The Link at STOA_NGINX_LINK_URL decides'),
      });
      const refused = await call('/v1/orders/7');
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="stoa"']);
      const limited = await call('/v1/orders/7', { method: 'DELETE', headers: { authorization: 'Bearer good' } });
      expect([limited.status, limited.headers.get('retry-after'), await limited.json()]).toMatchObject([429, '7', { code: 'rate_limited' }]);
      // What asks the Link, and what it guards, is nobody's to ask for.
      const file = await readFile(join(nginx.ownDir, (await readdir(nginx.ownDir))[0] ?? ''), 'utf8');
      const inner = [...file.matchAll(/location = (\/_\S+) \{/g)].map(([, path = '']) => path);
      for (const path of [...inner, ...inner.map((one) => one.replace('/_', '/%5f'))]) expect((await call(path)).status).toBe(404);
      expect([inner.length, asked.upstream]).toEqual([2, []]);

      asked.link.length = 0;
      const spoofed = { 'x-stoa-consumer': 'somebody', 'x-original-uri': '/free', 'x-forwarded-uri': '/free', 'x-http-method-override': 'PUT' };
      expect((await call('/v1/orders/a%20b?x=1&y', { headers: { authorization: 'Bearer good', ...spoofed } })).status).toBe(200);
      expect(asked.link).toMatchObject([
        { method: 'GET', url: '/authz', headers: { 'x-original-method': 'GET', 'x-original-uri': '/v1/orders/a%20b?x=1&y' } },
      ]);
      expect(asked.link[0]?.headers).not.toHaveProperty('x-forwarded-uri');
      expect(asked.upstream).toMatchObject([
        { url: '/v1/orders/a%20b?x=1&y', headers: { 'x-stoa-consumer': 'agent', 'x-stoa-operation': 'getOrder' } },
      ]);
      expect(JSON.stringify(asked.upstream)).not.toMatch(/good|somebody|free|PUT/);
      const body = 'b'.repeat(5_000);
      expect((await call('/v1/orders', { method: 'POST', headers: { 'x-api-key': 'good' }, body })).status).toBe(200);
      expect(asked.upstream.at(-1)).toMatchObject({ method: 'POST', body });
      expect(asked.link.at(-1)).toMatchObject({ body: '', headers: { 'x-original-content-length': '5000' } });
    });

    it('a Link is asked about the path that the upstream has, whatever the public path', async () => {
      for (const strip of [true, false]) {
        const item = orders({ public_path: { prefix: '/shop', strip } });
        await linked().pass([item, keyAuth(item)]);
        asked.link.length = asked.upstream.length = 0;
        expect((await call('/shop/orders/7?x', { headers: { 'x-api-key': 'good' } })).status).toBe(200);
        expect(asked.link[0]?.headers['x-original-uri']).toBe('/v1/orders/7?x');
        expect(asked.upstream[0]?.url).toBe(strip ? '/v1/orders/7?x' : '/v1/shop/orders/7?x');
        expect((await call('/%73hop/orders/7', { headers: { 'x-api-key': 'good' } })).status).toBe(404);
      }
    });

    it('one that is away lets nobody through', async () => {
      const item = orders();
      await linked('http://127.0.0.1:9').pass([item, keyAuth(item)]);
      const answer = await call('/v1/orders/7', { headers: { 'x-api-key': 'good' } });
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
      expect(asked.upstream).toEqual([]);
    });
  });

  it('a reload that nginx refuses in silence is told with its reason, and the old file is back', async () => {
    const connect = connectAt();
    await connect.pass([one('orders')]);
    const held = createServer();
    const taken = new URL(await listen(held, { host: '127.0.0.1', port: 0 })).host;
    const result = await connectAt(taken).pass([one('orders'), one('stock')]);
    await closeGracefully(held, 0);
    const stock = result.outcome.items.find(({ id }) => id === one('stock').id);
    expect(stock).toMatchObject({ state: 'rejected' });
    expect(stock?.reason).toMatch(/nginx was told to reload, and goes on with what it had: .*\[emerg\].* bind\(\) to .* failed/);
    expect(await status('/orders')).toBe(200);
    await nginx.restart();
    expect(await status('/orders')).toBe(200);
  });

  it('one API that nginx does not take does not hold up the others', async () => {
    const lost = one('lost', 'http://no-such-host.invalid');
    const result = await connectAt().pass([one('orders'), lost]);
    expect(result.outcome.items.find(({ id }) => id === lost.id)).toMatchObject({
      state: 'rejected',
      reason: expect.stringContaining('host not found in upstream'),
    });
    expect([await status('/orders'), await status('/lost')]).toEqual([200, 404]);
  });

  it('a file of somebody else that nginx does not take holds up every change, and is named; so is a folder that is not included', async () => {
    const theirs = join(nginx.ownDir, 'theirs.conf');
    await writeFile(theirs, 'nonsense;\n');
    const result = await connectAt().pass([one('orders')]);
    expect(await adapterAt('1').health?.(AbortSignal.timeout(10_000))).toEqual({
      ready: false,
      reason: expect.stringMatching(/^nginx does not take its own configuration, so that it would not start again: .*theirs\.conf/),
    });
    await expect(adapterAt('1').reach(AbortSignal.timeout(10_000))).rejects.toThrow(/does not take its own configuration, .*theirs\.conf/);
    await rm(theirs);
    expect(result.outcome.items[0]).toMatchObject({
      state: 'rejected',
      reason: expect.stringMatching(/unknown directive "nonsense" in .*theirs\.conf:1/),
    });
    expect(await adapterAt('1').reach(AbortSignal.timeout(10_000))).toMatchObject({ type: 'nginx', version: expect.stringMatching(/^1\./) });
    const settings = { nginxDir: '/somewhere/else', nginxListen: '1', nginxProgram: nginx.program, nginxConfig: nginx.config };
    const stranger = createNginxAdapter({ url: 'http://127.0.0.1:9', settings });
    await expect(stranger.reach(AbortSignal.timeout(10_000))).rejects.toThrow('write `include /somewhere/else/*.conf;` into the http block');
  });

  it('tells how it is: whether it answers, and when the certificates of its servers end', async () => {
    const health = () => adapterAt('1').health?.(AbortSignal.timeout(10_000));
    // Nothing of ours is there yet that it could answer with.
    expect(await health()).toEqual({ certificates: [] });
    const theirs = join(nginx.ownDir, 'theirs.conf');
    const tls = join(import.meta.dirname, '../../../../lib/testing/tls');
    await writeFile(
      theirs,
      `server { listen unix:${nginx.directory}/tls.sock ssl; ssl_certificate ${tls}/server.pem; ssl_certificate_key "${tls}/server.key"; }\n`,
    );
    await connectAt().pass([one('orders')]);
    expect(await health()).toEqual({ ready: true, certificates: [{ name: `${tls}/server.pem`, endsAtMs: expect.any(Number) }] });
    await rm(theirs);
    const elsewhere = new URL(nginx.places[0]?.generationUrl ?? '');
    const silent = nginxTools({ url: 'http://127.0.0.1:9', dir: nginx.ownDir, program: nginx.program, config: nginx.config });
    expect(await nginxHealth(silent, elsewhere.href, AbortSignal.timeout(10_000))).toMatchObject({
      ready: false,
      reason: expect.stringContaining('nginx does not answer at'),
    });
  });
});
