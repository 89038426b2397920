import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { startGraviteeSimulator } from '@stoa/examples/gravitee-simulator/main.ts';
import { startKongSimulator } from '@stoa/examples/kong-simulator/main.ts';
import { startWebmethodsSimulator } from '@stoa/examples/webmethods-simulator/main.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { Secret } from '@stoa/lib/secret.ts';
import { afterEach, expect, it } from 'vitest';
import type { GatewayAdapter } from '../engine/model.ts';
import type { GatewayHealth } from '../engine/health.ts';
import { createCaddyAdapter } from './caddy/adapter.ts';
import { createGraviteeAdapter } from './gravitee/adapter.ts';
import { createKongAdapter } from './kong/adapter.ts';
import { createWebmethodsAdapter } from './webmethods/adapter.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const pem = readFileSync(join(import.meta.dirname, '../../../lib/testing/tls/server.pem'), 'utf8');
const credential = (value: string) => ({ header: 'Authorization', value: Secret.of(value) });

async function healthOf(adapter: Pick<GatewayAdapter, 'health' | 'close'>): Promise<GatewayHealth | undefined> {
  try {
    return await adapter.health?.(AbortSignal.timeout(10_000));
  } finally {
    adapter.close();
  }
}

/** An admin API that answers these paths, and 404 to all others. */
async function serve(answers: Readonly<Record<string, unknown>>): Promise<string> {
  const server = createServer((request, response) => {
    const answer = answers[(request.url ?? '').split('?')[0] ?? ''];
    response.writeHead(answer === undefined ? 404 : 200, { etag: '"/config/ 1"' });
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? { message: 'Not found' }));
  });
  closers.push(() => closeGracefully(server, 0));
  return listen(server, { host: '127.0.0.1', port: 0 });
}

it('of a Kong is that of its database', async () => {
  const kong = await startKongSimulator({ adminPort: 0, proxyPort: 0 });
  closers.push(() => kong.close());
  expect(await healthOf(createKongAdapter({ url: kong.adminUrl }))).toEqual({ ready: true, answers: undefined });
  const url = await serve({ '/status': { database: { reachable: false }, server: {} } });
  expect(await healthOf(createKongAdapter({ url }))).toEqual({ ready: false, reason: 'Kong cannot reach its database.', answers: undefined });
});

it('of a Kong has its certificates by the names that they are for, and what the plugin prometheus counts', async () => {
  const url = await serve({
    '/status': { database: { reachable: true } },
    '/certificates': { data: [{ id: 'one', cert: pem, key: 'private', cert_alt: null, snis: ['a.example', 'b.example'] }], next: null },
    '/ca_certificates': { data: [{ id: 'two', cert: pem }], next: null },
    '/metrics': 'kong_http_requests_total{service="x",route="y",code="200",source="service"} 9\nkong_http_requests_total{code="504"} 1\n',
  });
  const health = await healthOf(createKongAdapter({ url }));
  expect(health).toMatchObject({ ready: true, answers: { total: 10, errors: 1 } });
  expect(health?.certificates?.map(({ name }) => name)).toEqual(['certificate a.example, b.example', 'CA certificate two']);
  expect(JSON.stringify(health)).not.toContain('private');
});

it('of a Gravitee is whether a gateway of it has started', async () => {
  const [with_, without] = [
    await startGraviteeSimulator({ managementPort: 0, gatewayPort: 0 }),
    await serve({ '/management/organizations/DEFAULT/environments/DEFAULT/instances/': { content: [{ state: 'STOPPED' }, { state: 'UNKNOWN' }] } }),
  ];
  closers.push(() => with_.close());
  expect(await healthOf(createGraviteeAdapter({ url: with_.managementUrl, credential: credential(`Basic ${btoa('admin:admin')}`) }))).toEqual({
    ready: true,
  });
  expect(await healthOf(createGraviteeAdapter({ url: without }))).toEqual({
    ready: false,
    reason: 'None of the gateways of this Gravitee has started: STOPPED, UNKNOWN.',
  });
});

it('of a webMethods is the light of its engine', async () => {
  const simulator = await startWebmethodsSimulator({ port: 0 });
  closers.push(() => simulator.close());
  expect(await healthOf(createWebmethodsAdapter({ url: simulator.url, credential: credential('Administrator:manage') }))).toEqual({ ready: true });
  for (const [status, ready] of Object.entries({ green: true, yellow: true, red: false })) {
    const url = await serve({ '/rest/apigateway/health/engine': { status } });
    expect(await healthOf(createWebmethodsAdapter({ url }))).toMatchObject({ ready });
  }
});

it('of a Caddy is whether it serves anything, with the certificates of its configuration, and what it answered', async () => {
  const load_pem = [{ certificate: pem, key: 'private', tags: ['shop'] }];
  const url = await serve({
    '/config/': { apps: { http: { servers: { srv0: {} } }, tls: { certificates: { load_pem } } } },
    '/metrics': [
      'caddy_http_request_duration_seconds_count{code="200",handler="headers",method="GET",server="srv0"} 4',
      'caddy_http_request_duration_seconds_count{code="200",handler="subroute",method="GET",server="srv0"} 7',
      'caddy_http_request_duration_seconds_count{code="502",handler="subroute",method="GET",server="srv0"} 3',
    ].join('\n'),
  });
  const health = await healthOf(createCaddyAdapter({ url }));
  expect(health).toMatchObject({ ready: true, certificates: [{ name: 'certificate shop in load_pem' }], answers: { total: 10, errors: 3 } });
  expect(JSON.stringify(health)).not.toContain('private');
  expect(await healthOf(createCaddyAdapter({ url: await serve({ '/config/': null }) }))).toMatchObject({ ready: false });
});
