import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { ConfigItem } from '@stoa/generated/schemas.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectTo } from '../../laws/run.ts';
import { api, operation } from '../../testing/config.ts';
import { realNginx, startNginx } from '../../testing/nginx-process.ts';
import type { RunningNginx } from '../../testing/nginx-process.ts';
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

  const adapterAt = (listenAt: string) =>
    createNginxAdapter({
      url: nginx.places[0]?.generationUrl ?? '',
      settings: {
        nginxDir: nginx.ownDir,
        nginxListen: listenAt,
        nginxProgram: nginx.program,
        nginxConfig: nginx.config,
        nginxErrorLog: nginx.errorLog,
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
