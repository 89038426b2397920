import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import type { Engine } from '@stoa/mcp/engine.ts';
import { compileSnapshot } from '@stoa/mcp/snapshot.ts';
import { apiItem, configOf, consumerItem, createOrder, engineOf, getOrder, policyItem } from '@stoa/mcp/testing/fixtures.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAuthzDoor } from './authz.ts';

// Debian keeps it in sbin, which is not on every user's PATH.
const nginx = ['nginx', '/usr/sbin/nginx'].find((path) => spawnSync(path, ['-v']).status === 0);
const missing = 'nginx is not installed: apt-get install nginx';

/** What docs tell an operator to write. The location's own headers replace what a client sent under their names. */
const configuration = (ports: { nginx: number; link: number; upstream: number }) => `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr warn;
events {}
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  upstream link { server 127.0.0.1:${ports.link}; keepalive 32; }
  server {
    listen 127.0.0.1:${ports.nginx};
    location / {
      auth_request /_stoa_authz;
      auth_request_set $stoa_consumer $upstream_http_x_stoa_consumer;
      auth_request_set $stoa_reason $upstream_http_x_stoa_reason;
      auth_request_set $stoa_retry_after $upstream_http_retry_after;
      add_header X-Stoa-Reason $stoa_reason always;
      add_header Retry-After $stoa_retry_after always;
      proxy_set_header X-Stoa-Consumer $stoa_consumer;
      proxy_set_header Authorization "";
      proxy_set_header X-Stoa-Api "";
      proxy_set_header X-Stoa-Operation "";
      proxy_set_header X-HTTP-Method-Override "";
      proxy_set_header X-HTTP-Method "";
      proxy_set_header X-Method-Override "";
      proxy_set_header X-Original-URL "";
      proxy_set_header X-Rewrite-URL "";
      proxy_pass http://127.0.0.1:${ports.upstream};
    }
    location = /_stoa_authz {
      internal;
      proxy_pass http://link/authz;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header X-Original-Method $request_method;
      proxy_set_header X-Original-URI $request_uri;
      proxy_set_header X-Original-Content-Length $content_length;
      proxy_set_header X-Forwarded-Method "";
      proxy_set_header X-Forwarded-Uri "";
      proxy_set_header X-Forwarded-For $remote_addr;
    }
  }
}
`;

it.skipIf(nginx !== undefined || process.env['CI'] !== 'true')('nginx is there', () => {
  throw new Error(missing);
});

describe.skipIf(nginx === undefined)(`Link under nginx auth_request${nginx === undefined ? ` (${missing})` : ''}`, () => {
  const arrived: { url: string | undefined; method: string | undefined; headers: IncomingHttpHeaders; body: string }[] = [];
  const { item: consumer, key } = consumerItem();
  const api = apiItem({ operations: [getOrder(), createOrder()] });
  const bearer = { authorization: `Bearer ${key}` };
  let engine: Engine;
  let gateway: ChildProcess;
  let directory: string;
  let gatewayPort: number;
  const link = createServer((request, response) => void createAuthzDoor(engine)(request.url ?? '/', request, response));
  const upstream = createServer((request, response) => {
    void text(request).then((body) => {
      arrived.push({ url: request.url, method: request.method, headers: request.headers, body });
      response.end('from the upstream');
    });
  });

  beforeAll(async () => {
    ({ engine } = engineOf(configOf(api, consumer)));
    const linkUrl = new URL(await listen(link, { host: '127.0.0.1', port: 0 }));
    const upstreamUrl = new URL(await listen(upstream, { host: '127.0.0.1', port: 0 }));
    gatewayPort = await freePort();
    directory = await mkdtemp(join(tmpdir(), 'stoa-nginx-'));
    const file = join(directory, 'nginx.conf');
    await writeFile(file, configuration({ nginx: gatewayPort, link: Number(linkUrl.port), upstream: Number(upstreamUrl.port) }));
    gateway = spawn(nginx ?? 'nginx', ['-p', directory, '-c', file], { stdio: ['ignore', 'ignore', 'inherit'] });
    await accepting(gatewayPort, gateway);
  });

  afterAll(async () => {
    if (gateway.exitCode === null) {
      const exited = once(gateway, 'exit');
      gateway.kill('SIGTERM');
      await exited;
    }
    await Promise.all([closeGracefully(link, 0), closeGracefully(upstream, 0)]);
    await engine.close();
    await rm(directory, { recursive: true });
  });

  beforeEach(() => {
    arrived.length = 0;
    engine.replace(compileSnapshot(configOf(api, consumer)).snapshot);
  });

  function send(
    path: string,
    headers: Record<string, string> = {},
    method = 'GET',
    body?: string,
  ): Promise<{ status: number | undefined; headers: IncomingHttpHeaders; body: string }> {
    return new Promise((resolve, reject) => {
      const sent = httpRequest({ host: '127.0.0.1', port: gatewayPort, path, method, headers, agent: false }, (response) => {
        text(response).then((answer) => resolve({ status: response.statusCode, headers: response.headers, body: answer }), reject);
      });
      sent.once('error', reject).end(body);
    });
  }

  it('lets a known consumer through, and the upstream learns who it is from Link alone', async () => {
    expect(await send('/v1/orders/7?x=1', { ...bearer, 'x-stoa-consumer': 'somebody-else' })).toMatchObject({
      status: 200,
      body: 'from the upstream',
    });
    expect(arrived).toMatchObject([{ url: '/v1/orders/7?x=1', headers: { 'x-stoa-consumer': 'support-agent' } }]);
    expect(arrived[0]?.headers).not.toHaveProperty('authorization');
  });

  it('decides on the original method, and the body reaches the upstream whole', async () => {
    expect(await send('/v1/orders', bearer, 'POST', '{"sku":"a"}')).toMatchObject({ status: 200 });
    expect(arrived).toMatchObject([{ method: 'POST', body: '{"sku":"a"}' }]);
    expect(await send('/v1/orders', bearer, 'DELETE')).toMatchObject({ status: 403 });
  });

  it('answers 401 with the challenge to a caller without a key', async () => {
    expect(await send('/v1/orders/7')).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="stoa"', 'x-stoa-reason': 'unauthenticated' },
    });
    expect(arrived).toEqual([]);
  });

  it('answers 403 to what the caller may not use, and to what does not exist', async () => {
    const readOnly = policyItem({ kind: 'tool_access', config: { cedar: 'permit(principal, action, resource) when { resource.read_only };' } }, [
      api,
    ]);
    engine.replace(compileSnapshot(configOf(api, consumer, readOnly)).snapshot);
    const told = { status: 403, headers: { 'x-stoa-reason': 'forbidden' } };
    expect(await send('/v1/orders', bearer, 'POST', '{}')).toMatchObject(told);
    expect(await send('/v1/nothing', bearer)).toMatchObject(told);
    expect(await send('/v1/orders/7', bearer)).toMatchObject({ status: 200 });
  });

  it('lesson 29: answers 403 with Retry-After over the limit, where another status would become a 500', async () => {
    const once = policyItem({ kind: 'rate_limit', config: { limit: 1, window_s: 60 } }, [api]);
    engine.replace(compileSnapshot(configOf(api, consumer, once)).snapshot);
    expect(await send('/v1/orders/7', bearer)).toMatchObject({ status: 200 });
    expect(await send('/v1/orders/7', bearer)).toMatchObject({ status: 403, headers: { 'retry-after': '60', 'x-stoa-reason': 'rate_limited' } });
  });

  it('lesson 31: neither asserted identities nor smuggled originals help', async () => {
    const smuggled = { 'x-original-uri': '/v1/orders/7', 'x-original-method': 'GET', 'x-forwarded-uri': '/v1/orders/7', 'x-forwarded-method': 'GET' };
    expect(await send('/v1/nothing', { ...bearer, ...smuggled })).toMatchObject({ status: 403 });
    expect(await send('/v1/orders/7', { 'x-consumer-username': 'support-agent', 'x-stoa-consumer': 'support-agent' })).toMatchObject({ status: 401 });
  });

  it.each(['/v1/orders/..%2f..%2fadmin', '/v1/orders/%2e%2e/admin', '/v1//orders/7', '/pay/../v1/orders/7'])(
    'lesson 27: %s never reaches the upstream',
    async (path) => {
      expect(await send(path, bearer)).toMatchObject({ status: 403 });
      expect(arrived).toEqual([]);
    },
  );
});

/** A port that was free a moment ago: nginx cannot be asked for any. */
async function freePort(): Promise<number> {
  const probe = createServer();
  const { port } = new URL(await listen(probe, { host: '127.0.0.1', port: 0 }));
  await closeGracefully(probe, 0);
  return Number(port);
}

/** Resolves once the port takes connections. nginx tells nobody when it listens, so it is asked, for 10 s at most. */
async function accepting(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}.`);
    const socket = connect(port, '127.0.0.1');
    const open = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(() => false);
    socket.destroy();
    if (open) return;
    await setTimeout(20);
  }
  throw new Error('nginx did not listen within 10 s.');
}
