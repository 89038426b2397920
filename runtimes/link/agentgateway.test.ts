import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@stoa/lib/log.ts';
import { askAsAgentgateway } from '@stoa/mcp/doors/grpc/testing/agentgateway.ts';
import type { Sent } from '@stoa/mcp/doors/grpc/testing/agentgateway.ts';
import type { Runtime } from '@stoa/mcp/start.ts';
import { apiItem, compile, configOf, consumerItem, createOrder, getOrder, policyItem } from '@stoa/mcp/testing/fixtures.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { settings } from './config.ts';
import { startLink } from './start.ts';
import { freePort, guideBlock } from './testing/gateway-process.ts';

type Guide = {
  routes: {
    hostnames: string[];
    policies: {
      extAuthz: { host: string; protocol: object; failureMode: string; includeRequestHeaders?: unknown; cache?: unknown; includeRequestBody: object };
    };
  }[];
};
const { routes } = parse(guideBlock('link-with-agentgateway.md', 'yaml')) as Guide;

// No agentgateway is run here: its questions are made byte by byte as it makes them, and this holds what its guide writes against what its documentation says.
describe('the guide of agentgateway', () => {
  it('asks over gRPC, with all headers, closed where it gets no answer, and anew for each request', () => {
    expect(routes.map(({ policies }) => policies.extAuthz)).toEqual([
      { host: '127.0.0.1:9001', protocol: { grpc: {} }, failureMode: 'deny', includeRequestBody: { maxRequestBytes: 1_048_576 } },
    ]);
  });

  it('names the hosts of the API', () => {
    expect(routes[0]?.hostnames).toEqual(['api.example.com', 'localhost']);
  });
});

describe('a question of agentgateway', () => {
  const { item: consumer, key } = consumerItem();
  const api = apiItem({ operations: [getOrder(), createOrder()] });
  const bearer = { authorization: `Bearer ${key}` };
  let link: Runtime;
  let address = '';
  let stateDir = '';

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'stoa-agentgateway-'));
    address = `127.0.0.1:${await freePort()}`;
    const env = { STOA_CONTROL_PLANE_URL: 'http://127.0.0.1:9', STOA_GATEWAY_KEY: 'stoa_gk_test', STOA_LISTEN: '127.0.0.1:0' };
    const loaded = settings.load({ argv: [], env: { ...env, STOA_GRPC_LISTEN: address, STOA_STATE_DIR: stateDir } });
    link = await startLink(loaded, createLogger({ program: 'test', level: 'silent' }));
  });
  afterAll(async () => {
    await link.stop();
    await rm(stateDir, { recursive: true });
  });
  const configure = (...policies: ReturnType<typeof policyItem>[]): void =>
    link.engine?.replace(compile(configOf(api, consumer, ...policies), ['grpc']).snapshot);
  beforeEach(() => configure());
  const getsOrder: Sent = { method: 'GET', target: '/v1/orders/7?x=1', headers: bearer };
  const asked = (sent: Partial<Sent>) => askAsAgentgateway(address, { ...getsOrder, ...sent });

  it('is answered who calls what, and that the key and our own headers in another spelling go no further', async () => {
    const { status, ok_response: allowed } = await asked({ headers: { ...bearer, x_stoa_consumer: 'root', 'x-stoa-consumer': 'root' } });
    expect(status.code).toBe(0);
    expect(Object.fromEntries(allowed?.headers.map(({ header }) => [header.key, header.value]) ?? [])).toEqual({
      'x-stoa-consumer': 'support-agent',
      'x-stoa-api': 'orders',
      'x-stoa-operation': 'getOrder',
    });
    expect([...(allowed?.headers_to_remove ?? [])].sort()).toEqual(['authorization', 'x_stoa_consumer']);
  });

  it.each<[string, Partial<Sent>, number]>([
    ['without a key', { headers: {} }, 401],
    ['for what no API has', { target: '/v1/nothing' }, 403],
    ['for what Link serves itself', { target: '/healthz' }, 403],
    ['with a path that hides another', { target: '/v1/orders/%2e%2e/admin' }, 403],
    ['with another method in a header', { headers: { ...bearer, 'x-http-method-override': 'DELETE' } }, 403],
    ['of an upgrade', { headers: { ...bearer, upgrade: 'websocket', connection: 'Upgrade' } }, 403],
  ])('%s is denied by an answer', async (_what, sent, status) => {
    expect((await asked(sent)).denied_response?.status.code).toBe(status);
  });

  it('goes by the address of the connection, and by none that a caller writes', async () => {
    configure(policyItem({ kind: 'ip_restriction', config: { allow: ['10.0.0.0/8'] } }, [api]));
    expect((await asked({ address: '10.1.2.3' })).status.code).toBe(0);
    expect((await asked({ headers: { ...bearer, 'x-forwarded-for': '10.1.2.3' } })).denied_response?.status.code).toBe(403);
  });

  it('is held to a size by the length that the caller tells, where agentgateway tells none', async () => {
    configure(policyItem({ kind: 'request_size_limit', config: { max_bytes: 10 } }, [api]));
    const create = (length: string) => asked({ method: 'POST', target: '/v1/orders', headers: { ...bearer, 'content-length': length } });
    expect((await create('10')).status.code).toBe(0);
    expect((await create('11')).denied_response?.status.code).toBe(413);
  });

  it('over a limit is told when to come back', async () => {
    configure(policyItem({ kind: 'rate_limit', config: { limit: 1, window_s: 60 } }, [api]));
    await asked({});
    const { denied_response: denied } = await asked({});
    expect([denied?.status.code, denied?.headers.find(({ header }) => header.key === 'retry-after')?.header.value]).toEqual([429, '60']);
  });
});
