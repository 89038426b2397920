import { policyItem } from '@stoa/mcp/testing/fixtures.ts';
import { describe, expect, it } from 'vitest';
import { changed, guideBlock, installed } from './testing/gateway-process.ts';
import { setUpGateway } from './testing/gateway-setup.ts';
import type { GatewayPorts, GatewayUnderTest } from './testing/gateway-setup.ts';

const guide = guideBlock('link-with-caddy.md', 'caddy');

function configuration({ gateway, links, upstream }: GatewayPorts): string {
  const at = (document: string, from: number, to: number) => changed(document, `:${from}`, `:${to}`);
  return at(at(at(guide, 8091, gateway), 8082, links[0]), 8084, upstream);
}

const program = installed(['caddy'], 'version');
const subject: GatewayUnderTest = {
  name: 'Caddy',
  program,
  missing: 'caddy is not installed: apt-get install caddy',
  file: 'Caddyfile',
  args: (file) => ['run', '--config', file, '--adapter', 'caddyfile'],
  configuration,
  withoutPrefix: configuration,
  withUpgrades: configuration,
  linksForRestart: 2,
  measuresChunked: false,
};

it('there is a Caddy to try it with, in CI', () => {
  if (process.env['CI'] === 'true') expect(program, subject.missing).toBeDefined();
});

describe.skipIf(program === undefined)('Caddy asks Link, by the configuration of the guide', () => {
  const { key, arrived, configure, send, api } = setUpGateway(subject, program ?? '');
  const withKey = { 'x-api-key': key };

  it('lets through what may pass, with who calls, and without what proved it', async () => {
    const spoofed = { 'x-stoa-consumer': 'root', 'x-stoa-tenant': 'root', authorization: 'Bearer other' };
    expect(await send({ path: '/v1/orders/7?x=1', headers: { ...withKey, ...spoofed } })).toMatchObject({ status: 200, body: 'from the upstream' });
    expect(arrived).toMatchObject([{ url: '/v1/orders/7?x=1', headers: { 'x-stoa-consumer': 'support-agent', 'x-stoa-operation': 'getOrder' } }]);
    const gone = ['x-api-key', 'authorization', 'x-stoa-tenant', 'x-original-content-length'];
    expect(Object.keys(arrived[0]?.headers ?? {}).filter((name) => gone.includes(name))).toEqual([]);
    expect(await send({ path: '/v1/orders', method: 'POST', headers: withKey, body: '{"a":1}' })).toMatchObject({ status: 200 });
    expect(arrived[1]).toMatchObject({ method: 'POST', body: '{"a":1}' });
  });

  it('denies in the words of Link, whatever the status', async () => {
    expect(await send({ path: '/v1/orders/7' })).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer realm="stoa"' } });
    expect(await send({ path: '/v1/nothing', headers: withKey })).toMatchObject({
      status: 403,
      headers: { 'content-type': 'application/problem+json' },
    });
    expect(await send({ path: '/healthz', headers: withKey })).toMatchObject({ status: 403 });
    configure(policyItem({ kind: 'rate_limit', config: { limit: 1, window_s: 60 } }, [api]));
    await send({ path: '/v1/orders/7', headers: withKey });
    expect(await send({ path: '/v1/orders/7', headers: withKey })).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
    configure(policyItem({ kind: 'request_size_limit', config: { max_bytes: 10 } }, [api]));
    expect(await send({ path: '/v1/orders', method: 'POST', headers: { ...withKey, 'content-length': '11' }, body: 'x'.repeat(11) })).toMatchObject({
      status: 413,
    });
    expect(arrived).toHaveLength(1);
  });

  it.each([
    ['another spelling of our header', '/v1/orders/7', { x_stoa_consumer: 'root' }],
    ['another method', '/v1/orders/7', { 'x-http-method-override': 'DELETE' }],
    ['a request told of by the caller', '/v1/admin', { 'x-original-method': 'GET', 'x-original-uri': '/v1/orders/7' }],
    ['another request in the headers of Traefik', '/v1/admin', { 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/v1/orders/7' }],
    ['an upgrade', '/v1/orders/7', { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'x' }],
    ['a path that hides another', '/v1/orders/%2e%2e/admin', {}],
    ['an encoded separator', '/v1/orders/..%2fadmin', {}],
    ['an empty segment', '/v1//orders/7', {}],
  ])('lesson 31: %s does not pass', async (_what, path, headers) => {
    expect((await send({ path, headers: { ...withKey, ...headers } })).status).toBe(403);
    expect(arrived).toEqual([]);
  });

  it('reaches nothing under another host', async () => {
    expect(await send({ path: '/v1/orders/7', headers: { ...withKey, host: 'other.example' } })).toMatchObject({ status: 200, body: '' });
    expect(arrived).toEqual([]);
  });

  it('tells Link the address of the client, and no other that the client writes', async () => {
    configure(policyItem({ kind: 'ip_restriction', config: { allow: ['192.0.2.0/24'] } }, [api]));
    expect((await send({ path: '/v1/orders/7', headers: { ...withKey, 'x-forwarded-for': '192.0.2.7' } })).status).toBe(403);
  });
});
