import { createHmac, hash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import type { DoorName } from '@stoa/generated/schemas.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { Penalties } from '@stoa/lib/penalties.ts';
import { exportSPKI, importJWK, UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createServing } from '../serving.ts';
import { collectingIn } from '../testing/collected-usage.ts';
import { apiItem, compile, configOf, consumerItem, getOrder } from '../testing/fixtures.ts';
import { Holder } from '../testing/holder.ts';
import { TestIssuer } from '../testing/issuer.ts';
import { testOptions } from '../workers/testing/options.ts';
import { checkClient } from './grpc/testing/check-client.ts';
import type { CheckClient } from './grpc/testing/check-client.ts';
import { headersFor, modern, rpc } from './mcp/testing/fixture.ts';
import { doors } from './table.ts';

// What is tried on a boundary, by the names of the lists (OWASP "JSON Web Token", RFC 8725, RFC 9449 §11), at every door of one running system. `token-judge.test.ts` has many more of each kind.

const front = 'https://front.example';
const issuer = new TestIssuer();
const tenant = 'ours';
let holder: Holder;
let grpc: CheckClient;
let serving: ReturnType<typeof createServing>;
let url = '';
let reached = 0;
const upstream = createServer((_request, response) => {
  reached += 1;
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
});
const helpdeskPem = readFileSync(join(import.meta.dirname, '../../../lib/testing/tls/helpdesk.pem'), 'utf8');

beforeAll(async () => {
  await issuer.listen();
  await issuer.addKey('ES256', 'one');
  holder = await Holder.make();
  const probe = createTcpServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const grpcListen = `127.0.0.1:${(probe.address() as { port: number }).port}`;
  probe.close();
  const settings = { STOA_TRUSTED_PROXIES: '127.0.0.1', STOA_CLIENT_CERT_HEADER: 'x-ssl-client-cert' };
  const options = { ...testOptions(settings), doors: Object.values(doors), grpcListen, frontUrls: [front] };
  const configState = () => ({ state: 'fresh' as const, generation: 1, hash: '' });
  serving = createServing(options, { log: createLogger({ program: 'test', level: 'silent' }), usage: collectingIn([]), configState });
  url = await serving.listen({ host: '127.0.0.1', port: 0 });
  grpc = checkClient(grpcListen);
  // The rules of a tenant's embedded issuer demand its tenant of each token; the Control Plane adds it.
  const rules = {
    audiences: ['any'],
    consumers: [{ claim: 'azp', value: 'helpdesk', consumer: 'agent' }],
    required_claims: [{ claim: 'tenant', values: [tenant] }],
  };
  const api = apiItem({ operations: [getOrder()], url: `${await listen(upstream, { host: '127.0.0.1', port: 0 })}/v1` });
  serving.engine.replace(compile(configOf(issuer.item(rules), api, consumerItem('agent').item), Object.keys(doors) as DoorName[]).snapshot);
  // Bad credentials are slowed, which is another test's subject.
  vi.spyOn(Penalties.prototype, 'wait').mockResolvedValue();
});
afterAll(async () => {
  vi.restoreAllMocks();
  grpc.close();
  await serving.stop();
  await issuer.close();
  await closeGracefully(upstream, 0);
});
afterEach(() => {
  reached = 0;
});

type Headers = Record<string, string>;
type Door = { readonly address: () => string; readonly method: string; ask(headers: Headers): Promise<number> };
const statusOf = async (answer: Promise<Response>): Promise<number> => {
  const response = await answer;
  await response.body?.cancel();
  return response.status;
};
const at: Readonly<Record<string, Door>> = {
  mcp: {
    method: 'POST',
    address: () => `${url}/mcp`,
    ask(headers) {
      const message = rpc(modern, 'tools/list');
      const { authorization: _, ...others } = headersFor(modern, message) as Headers;
      return statusOf(fetch(`${url}/mcp`, { method: 'POST', headers: { ...others, ...headers }, body: JSON.stringify(message) }));
    },
  },
  rest: {
    method: 'GET',
    address: () => `${url}/apis/orders/orders/7`,
    ask: (headers) => statusOf(fetch(`${url}/apis/orders/orders/7`, { headers })),
  },
  authz: {
    method: 'GET',
    address: () => `${front}/v1/orders/7`,
    ask: (headers) => statusOf(fetch(`${url}/authz`, { headers: { ...headers, 'x-original-method': 'GET', 'x-original-uri': '/v1/orders/7' } })),
  },
  grpc: {
    method: 'GET',
    address: () => `${front}/v1/orders/7`,
    async ask({ 'x-ssl-client-cert': certificate, ...headers }) {
      const { status, denied_response: denied } = await grpc.check({ method: 'GET', path: '/v1/orders/7', headers }, '192.0.2.7', certificate);
      return status.code === 0 ? 200 : (denied?.status.code ?? 0);
    },
  },
};
const names = Object.keys(at);
const everywhere = (status: number) => Object.fromEntries(names.map((name) => [name, status]));
/** What each door answers to what is made for it. */
async function answers(make: (door: Door) => Headers | Promise<Headers>): Promise<Record<string, number>> {
  const told: [string, number][] = [];
  for (const name of names) {
    const door = at[name] as Door;
    told.push([name, await door.ask(await make(door))]);
  }
  return Object.fromEntries(told);
}

const sign: TestIssuer['sign'] = (claims = {}, ...rest) => issuer.sign({ aud: 'any', tenant, ...claims }, ...rest);
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const nowS = (): number => Math.floor(Date.now() / 1000);

const tokens: [name: string, make: () => Promise<string> | string][] = [
  ['algorithm confusion: a shared secret that is the public key', () => signedBySecret()],
  [
    'algorithm confusion: none',
    () => new UnsecuredJWT({ iss: issuer.issuer, aud: 'any', azp: 'helpdesk', tenant, sub: 'ada', exp: nowS() + 300 }).encode(),
  ],
  ['a signature that was taken away', async () => (await sign()).replace(/[^.]+$/, '')],
  ['wrong issuer: another one with a good key of its own', () => ofStranger()],
  ['wrong issuer: ours in another spelling', () => sign({ iss: `${issuer.issuer}/` })],
  ['wrong audience: another one', () => sign({ aud: 'https://elsewhere.example/mcp' })],
  ['wrong audience: none', () => sign({ aud: undefined })],
  ['expiry: a token that has expired', () => sign({ exp: nowS() - 60 })],
  ['expiry: a token that never expires', () => sign({ exp: undefined })],
  ['expiry: a token that is not good yet', () => sign({ nbf: nowS() + 90 })],
  ['kid games: a path', () => sign({}, { kid: '../../../../dev/null' })],
  ['kid games: a name of ours on a key of somebody else', () => withOwnKey({})],
  ['kid games: a key that the token brings along', () => withOwnKey({ embedded: true })],
  ['kid games: none, and a key of somebody else', () => withOwnKey({ kid: undefined })],
  ['token of another tenant', () => sign({ tenant: 'theirs' })],
  ['token of no tenant', () => sign({ tenant: undefined })],
  ['an ID token', () => sign({ typ: 'ID' })],
];

async function signedBySecret(): Promise<string> {
  const pem = await exportSPKI((await importJWK(issuer.keys[0]?.publicJwk ?? {}, 'ES256')) as CryptoKey);
  const [, payload = ''] = (await sign()).split('.');
  const head = `${encoded({ alg: 'HS256', typ: 'JWT', kid: 'one' })}.${payload}`;
  return `${head}.${createHmac('sha256', pem).update(head).digest('base64url')}`;
}

async function ofStranger(): Promise<string> {
  const stranger = new TestIssuer('https://elsewhere.example.com');
  return stranger.sign({ aud: 'any', tenant }, {}, await stranger.addKey());
}

async function withOwnKey({ embedded = false, ...header }: { embedded?: boolean; kid?: undefined }): Promise<string> {
  const own = await new TestIssuer().addKey('ES256', 'one');
  return sign({}, { ...header, ...(embedded && { jwk: own.publicJwk, jku: `${issuer.issuer}/mine` }) }, own);
}

describe('a caller', () => {
  it('with the token that each of the following differs from in one thing is let in at every door', async () => {
    const token = await sign();
    expect(await answers(() => bearer(token))).toEqual(everywhere(200));
    expect(reached).toBe(1);
  });

  it.each(tokens)('%s: is let in at no door', async (_name, make) => {
    const token = await make();
    expect(await answers(() => bearer(token))).toEqual(everywhere(401));
    expect(reached).toBe(0);
  });

  it('DPoP replay: a proof lets in once, and the same one at no door again', async () => {
    const token = await sign({ cnf: { jkt: holder.jkt } });
    const used = new Map<Door, string>();
    const withProof = async (door: Door): Promise<Headers> => {
      const dpop = used.get(door) ?? (await holder.prove(token, door.method, door.address()));
      used.set(door, dpop);
      return { authorization: `DPoP ${token}`, dpop };
    };
    // Those for the gateway in front are for one address: a proof of its own for each door.
    expect(await answers(withProof)).toEqual(everywhere(200));
    expect(await answers(withProof)).toEqual(everywhere(401));
    expect(reached).toBe(1);
  });

  it('DPoP replay: a proof that was used at one door is used at the other for the same address', async () => {
    const token = await sign({ cnf: { jkt: holder.jkt } });
    const headers = { authorization: `DPoP ${token}`, dpop: await holder.prove(token, 'GET', `${front}/v1/orders/7`) };
    expect([await at['authz']?.ask(headers), await at['grpc']?.ask(headers)]).toEqual([200, 401]);
  });

  it('DPoP downgrade: a bound token is let in as a bearer’s at no door, nor with a proof of another key', async () => {
    const token = await sign({ cnf: { jkt: holder.jkt } });
    const thief = await Holder.make();
    expect(await answers(() => bearer(token))).toEqual(everywhere(401));
    const stolen = async (door: Door) => ({ authorization: `DPoP ${token}`, dpop: await thief.prove(token, door.method, door.address()) });
    expect(await answers(stolen)).toEqual(everywhere(401));
  });

  it('mTLS without the bound certificate: is let in with it, and without it at no door', async () => {
    const token = await sign({ cnf: { 'x5t#S256': hash('sha256', new X509Certificate(helpdeskPem).raw, 'base64url') } });
    expect(await answers(() => ({ ...bearer(token), 'x-ssl-client-cert': encodeURIComponent(helpdeskPem) }))).toEqual(everywhere(200));
    reached = 0;
    expect(await answers(() => bearer(token))).toEqual(everywhere(401));
    expect(reached).toBe(0);
  });
});
