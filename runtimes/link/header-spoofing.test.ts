import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateHeaders } from '@stoa/lib/client-certificate.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import type { Runtime } from '@stoa/mcp/start.ts';
import { apiItem, compile, configOf, consumerItem, createOrder, getOrder, policyItem } from '@stoa/mcp/testing/fixtures.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { settings } from './config.ts';
import { startLink } from './start.ts';
import { changed, freePort, guideBlock, installed, startGateway } from './testing/gateway-process.ts';
import { nginx, nginxRest } from './testing/nginx.ts';

// Link believes its proxy in all that it can be told here, the certificate of a client among it, and the proxy is set up by its guide: nothing of it may come from a caller.

type Ports = { readonly gateway: number; readonly link: number; readonly grpc: number; readonly upstream: number };
type Proxy = {
  readonly name: string;
  readonly program: string | undefined;
  readonly file: string;
  readonly args: (file: string, directory: string) => string[];
  /** The header in which it tells of certificates, where its guide has one. */
  readonly certificateHeader?: string;
  readonly configuration: (ports: Ports) => string;
};
const envoyProgram = installed(['envoy'], '--version');
const envoy = {
  program: envoyProgram,
  file: 'envoy.yaml',
  args: (file: string) => ['-c', file, '--use-dynamic-base-id', '--concurrency', '1', '--log-level', 'error'],
};
const sanitizing = (text: string): string =>
  changed(
    text,
    'stat_prefix: stoa',
    'stat_prefix: stoa\n                forward_client_cert_details: SANITIZE_SET\n                set_current_client_cert_details: { cert: true }',
  );
const envoyAt = (guide: string, asked: number, to: (ports: Ports) => number) => (ports: Ports) =>
  [
    [8091, ports.gateway],
    [asked, to(ports)],
    [8084, ports.upstream],
  ].reduce((text, [from, port]) => changed(text, `port_value: ${from}`, `port_value: ${port}`), sanitizing(guideBlock(guide, 'yaml')));

const proxies: readonly Proxy[] = [
  {
    ...nginx,
    name: 'nginx',
    certificateHeader: 'x-ssl-client-cert',
    configuration({ gateway, link, upstream }) {
      const told = 'proxy_set_header X-SSL-Client-Cert $ssl_client_escaped_cert;';
      const guide = changed(
        guideBlock('link-with-nginx.md', 'nginx'),
        'proxy_set_header HTTP2-Settings "";',
        `proxy_set_header HTTP2-Settings ""; ${told}`,
      );
      const at = [
        ['8090', gateway],
        ['8082', link],
        ['8084', upstream],
      ] as const;
      return `${nginxRest}${at.reduce((text, [from, port]) => changed(text, `127.0.0.1:${from}`, `127.0.0.1:${port}`), guide)}}\n`;
    },
  },
  {
    ...envoy,
    name: 'Envoy over HTTP',
    certificateHeader: 'x-forwarded-client-cert',
    configuration: envoyAt('link-with-envoy.md', 8082, ({ link }) => link),
  },
  {
    ...envoy,
    name: 'Envoy over gRPC',
    certificateHeader: 'x-forwarded-client-cert',
    configuration: envoyAt('link-with-envoy-grpc.md', 9001, ({ grpc }) => grpc),
  },
  {
    name: 'Caddy',
    program: installed(['caddy'], 'version'),
    file: 'Caddyfile',
    args: (file) => ['run', '--config', file, '--adapter', 'caddyfile'],
    configuration: ({ gateway, link, upstream }) =>
      [
        [8091, gateway],
        [8082, link],
        [8084, upstream],
      ].reduce((text, [from, port]) => changed(text, `:${from}`, `:${port}`), guideBlock('link-with-caddy.md', 'caddy')),
  },
];

const pem = readFileSync(join(import.meta.dirname, '../../lib/testing/tls/helpdesk.pem'), 'utf8');
/** What tells of the certificate of `helpdesk`, in the forms that the headers have. */
const certificates = [encodeURIComponent(pem), `Cert="${encodeURIComponent(pem)}"`, 'URI=spiffe://bank.example/ns/agents/sa/helpdesk'];

describe.skipIf(process.env['CI'] !== 'true')('in CI', () => {
  it.each(proxies)('$name is there', ({ program }) => expect(program).toBeDefined());
});

describe.each(proxies.filter(({ program }) => program !== undefined))('header spoofing at $name', (proxy) => {
  const arrived: IncomingHttpHeaders[] = [];
  const upstream = createServer((request, response) => {
    arrived.push(request.headers);
    response.end('from the upstream');
  });
  const { item: agent, key } = consumerItem('agent');
  const { item: helpdesk } = consumerItem('helpdesk', { certificates: ['URI:spiffe://bank.example/ns/agents/*'] });
  const api = apiItem({ operations: [getOrder(), createOrder()] });
  const stateDir = mkdtempSync(join(tmpdir(), 'stoa-spoofing-'));
  let link: Runtime;
  let stopProxy: () => Promise<unknown>;
  let gateway = 0;

  beforeAll(async () => {
    const [linkPort, grpc] = [await freePort(), await freePort()];
    gateway = await freePort();
    const env = {
      STOA_CONTROL_PLANE_URL: 'http://127.0.0.1:9',
      STOA_GATEWAY_KEY: 'stoa_gk_test',
      STOA_LISTEN: `127.0.0.1:${linkPort}`,
      STOA_GRPC_LISTEN: `127.0.0.1:${grpc}`,
      STOA_STATE_DIR: stateDir,
      STOA_TRUSTED_PROXIES: '127.0.0.1',
      ...(proxy.certificateHeader !== undefined && { STOA_CLIENT_CERT_HEADER: proxy.certificateHeader }),
    };
    link = await startLink(settings.load({ argv: [], env }), createLogger({ program: 'test', level: 'silent' }));
    const ports = { gateway, link: linkPort, grpc, upstream: Number(new URL(await listen(upstream, { host: '127.0.0.1', port: 0 })).port) };
    stopProxy = await startGateway(proxy.program ?? '', proxy, proxy.configuration(ports), gateway);
  });
  afterAll(async () => {
    await stopProxy();
    await link.stop();
    await closeGracefully(upstream, 0);
    rmSync(stateDir, { recursive: true });
  });
  const configure = (...policies: ReturnType<typeof policyItem>[]): void =>
    link.engine?.replace(compile(configOf(api, agent, helpdesk, ...policies), ['authz', 'grpc', 'mcp', 'rest']).snapshot);
  beforeEach(() => {
    arrived.length = 0;
    configure();
  });
  const bearer = { authorization: `Bearer ${key}` };
  const send = async (headers: Record<string, string>, path = '/v1/orders/7'): Promise<number> => {
    const response = await fetch(`http://127.0.0.1:${gateway}${path}`, { headers });
    await response.text();
    return response.status;
  };

  it('lets in whoever has a key, and says who that is', async () => {
    expect(await send(bearer)).toBe(200);
    expect(arrived).toMatchObject([{ 'x-stoa-consumer': 'agent' }]);
  });

  it.each(['x-stoa-consumer', 'x-consumer-username', 'x-consumer-custom-id', 'x-authenticated-user', 'x-forwarded-user', 'remote-user'])(
    'makes nobody of %s',
    async (name) => {
      expect(await send({ [name]: 'agent' })).toBe(401);
      await send({ ...bearer, [name]: 'helpdesk' });
      expect(arrived.map((headers) => headers['x-stoa-consumer'])).toEqual(['agent']);
    },
  );

  it.each(certificateHeaders)('makes no certificate of %s', async (name) => {
    for (const certificate of certificates)
      expect([certificate.slice(0, 20), await send({ [name]: certificate })]).toEqual([certificate.slice(0, 20), 401]);
    expect(arrived).toEqual([]);
  });

  it.each(['x-forwarded-for', 'forwarded', 'x-real-ip', 'x-client-ip', 'true-client-ip', 'x-envoy-external-address'])(
    'makes no address of %s',
    async (name) => {
      configure(policyItem({ kind: 'ip_restriction', config: { allow: ['203.0.113.0/24'] } }, [api]));
      expect(await send({ ...bearer, [name]: name === 'forwarded' ? 'for=203.0.113.7' : '203.0.113.7' })).toBe(403);
      expect(arrived).toEqual([]);
    },
  );

  it.each([
    ['x-original-uri', 'x-original-method'],
    ['x-forwarded-uri', 'x-forwarded-method'],
    ['x-envoy-original-path', ':'],
  ])('makes no other request of %s', async (uri, method) => {
    const told = { [uri]: '/v1/orders/7', ...(method !== ':' && { [method]: 'GET' }) };
    expect(await send({ ...bearer, ...told }, '/v1/admin')).toBe(403);
    expect(arrived).toEqual([]);
  });
});
