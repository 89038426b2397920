import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PolicySpec } from '@stoa/generated/schemas.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { createEngine } from '../../engine.ts';
import type { Engine } from '../../engine.ts';
import { createMeter } from '../../metering/meter.ts';
import { apiItem, configOf, consumerItem, createOrder, engineOf, getOrder, policyItem } from '../../testing/fixtures.ts';
import { collectingIn } from '../../testing/collected-usage.ts';
import { grpcDoor } from './door.ts';
import { checkClient } from './testing/check-client.ts';
import type { CheckResponse, HttpAttributes } from './protocol.ts';

const { item: agent, key } = consumerItem();
const bearer = { authorization: `Bearer ${key}` };

const closers: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

async function open(engine: Engine, address?: string) {
  const grpcListen = address ?? `127.0.0.1:${await freePort()}`;
  const door = grpcDoor.open({ engine, grpcListen });
  await door.listen(false);
  const client = checkClient(grpcListen);
  closers.push(
    () => client.close(),
    () => door.close(),
    () => engine.close(),
  );
  return client.check;
}

function serve(...specs: PolicySpec[]) {
  const api = apiItem({ operations: [getOrder(), createOrder()] });
  return engineOf(configOf(api, agent, ...specs.map((spec, at) => policyItem(spec, [api], `p${at}`))));
}

const headersOf = ({ ok_response: allowed, denied_response: denied }: CheckResponse): Record<string, string> =>
  Object.fromEntries((allowed ?? denied)?.headers.map(({ header }) => [header.key, header.value]) ?? []);
const getsOrder = { method: 'GET', path: '/v1/orders/7?x=1', headers: bearer };

describe('a question over gRPC', () => {
  it('is answered who calls what, in headers and in metadata, and which headers go no further', async () => {
    const { engine, usage } = serve({ kind: 'api_key_auth', config: { header: 'X-Key' } });
    const check = await open(engine);
    const headers = {
      ':path': '/v1/orders/7',
      'x-key': key,
      authorization: 'Bearer other',
      x_stoa_consumer: 'root',
      'x-stoa-consumer': 'root',
      'x-kept': '1',
    };
    const answer = await check({ ...getsOrder, headers });
    expect(answer.status.code).toBe(0);
    expect(headersOf(answer)).toEqual({ 'x-stoa-consumer': 'support-agent', 'x-stoa-api': 'orders', 'x-stoa-operation': 'getOrder' });
    expect(answer.ok_response?.headers.every((option) => option.append_action === 'OVERWRITE_IF_EXISTS_OR_ADD')).toBe(true);
    expect([...(answer.ok_response?.headers_to_remove ?? [])].sort()).toEqual(['authorization', 'x-key', 'x_stoa_consumer']);
    expect(answer.dynamic_metadata?.fields).toMatchObject({ consumer: { string_value: 'support-agent' }, operation: { string_value: 'getOrder' } });
    await engine.meter.close();
    expect(usage).toMatchObject([{ door: 'grpc', operation_id: 'getOrder', calls: 1, new_key_ids: [agent.keys[0]?.key_id] }]);
  });

  it.each<[string, PolicySpec[], HttpAttributes, number, string]>([
    ['no key', [], { ...getsOrder, headers: {} }, 401, 'unauthenticated'],
    ['a bad key', [], { ...getsOrder, headers: { authorization: 'Bearer nonsense' } }, 401, 'unauthenticated'],
    ['no such operation', [], { ...getsOrder, path: '/v1/nothing' }, 403, 'forbidden'],
    ['a path that hides another', [], { ...getsOrder, path: '/v1/orders/%2e%2e/admin' }, 403, 'forbidden'],
    ['another method in a header', [], { ...getsOrder, headers: { ...bearer, 'x-http-method-override': 'DELETE' } }, 403, 'overridden_request'],
    ['an upgrade', [], { ...getsOrder, headers: { ...bearer, upgrade: 'websocket' } }, 403, 'upgrade'],
    ['an address', [{ kind: 'ip_restriction', config: { allow: ['10.0.0.0/8'] } }], getsOrder, 403, 'address_refused'],
    [
      'a size',
      [{ kind: 'request_size_limit', config: { max_bytes: 10 } }],
      { method: 'POST', path: '/v1/orders', headers: bearer, size: '11' },
      413,
      'too_large',
    ],
    ['nothing at all', [], {}, 401, 'unauthenticated'],
  ])('%s is denied by an answer, never by an error of the call', async (_what, policies, http, status, reason) => {
    const answer = await (await open(serve(...policies).engine))(http);
    expect(answer.status.code).not.toBe(0);
    expect(answer.denied_response?.status.code).toBe(status);
    expect(headersOf(answer)).toMatchObject({ 'x-stoa-reason': reason, 'content-type': 'application/problem+json' });
    expect(JSON.parse(answer.denied_response?.body ?? '')).toMatchObject({ status, code: reason });
  });

  it('is answered, and is no error, with the largest headers that Envoy takes', async () => {
    const check = await open(serve().engine);
    const headers = { 'x-large': 'x'.repeat(8 * 1024 * 1024) };
    expect((await check({ ...getsOrder, headers })).denied_response?.status.code).toBe(401);
    expect((await check({ ...getsOrder, headers: { ...headers, ...bearer } })).status.code).toBe(0);
  });

  it('lets in from an address that a policy admits, as the gateway tells it', async () => {
    const check = await open(serve({ kind: 'ip_restriction', config: { allow: ['10.0.0.0/8'] } }).engine);
    expect((await check(getsOrder, '10.1.2.3')).status.code).toBe(0);
    // What a client writes into a header is no address.
    expect((await check({ ...getsOrder, headers: { ...bearer, 'x-forwarded-for': '10.1.2.3' } })).denied_response?.status.code).toBe(403);
  });

  it('says over a limit when to come back, and 503 before the first configuration', async () => {
    const check = await open(serve({ kind: 'rate_limit', config: { limit: 1, window_s: 60 } }).engine);
    await check(getsOrder);
    const limited = await check(getsOrder);
    expect([limited.denied_response?.status.code, headersOf(limited)['retry-after']]).toEqual([429, '60']);
    const log = createLogger({ program: 'test', level: 'silent' });
    const ask = await open(createEngine({ log, meter: createMeter({ log, spool: collectingIn([]) }) }));
    expect((await ask(getsOrder)).denied_response?.status.code).toBe(503);
  });
});

describe('a socket in a folder', () => {
  it('is listened on, also where one that was killed left it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stoa-grpc-'));
    const path = join(folder, 'link.sock');
    for (let round = 0; round < 2; round += 1) {
      const check = await open(serve().engine, `unix:${path}`);
      expect((await check(getsOrder)).status.code).toBe(0);
      for (const close of closers.splice(0)) await close();
    }
    await writeFile(path, 'no socket');
    const door = grpcDoor.open({ engine: serve().engine, grpcListen: `unix:${path}` });
    await expect(door.listen(false)).rejects.toThrow('STOA_GRPC_LISTEN');
    await rm(folder, { recursive: true });
  });
});
