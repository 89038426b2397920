import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, importSPKI, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import type { AnyUpstreamCredential, TrustedIssuerItem } from '@stoa/generated/schemas.ts';
import type { CallOutcome } from '../../decide/call-outcome.ts';
import { callTool } from '../../decide/call-tool.ts';
import type { Engine, EngineOptions } from '../../engine.ts';
import type { Caller } from '../../model.ts';
import { apiItem, compile, configOf, consumerItem, engineOf, policyItem } from '../../testing/fixtures.ts';
import { TestIssuer } from '../../testing/issuer.ts';
import { withTokenEndpoint } from '../testing/token-endpoint.ts';

const { issuer, upstream } = withTokenEndpoint();
const { item: agent } = consumerItem();
const byKey: Caller = { consumerId: agent.consumer_id, consumerName: agent.name, keyId: randomUUID() };
const agents = new TestIssuer();
const byTokenOf = (of: string): Caller => ({
  ...byKey,
  keyId: undefined,
  token: { issuer: of, audiences: [], scopes: new Set(), missingScopes: [], bound: undefined, claims: {} },
});
const byToken = byTokenOf(agents.issuer);
/** The issuer of the callers, which says where its tokens may be exchanged: at the test's token endpoint, unless told otherwise. */
const trusted = (exchange_endpoints: string[] = [issuer.url]) => agents.item({ exchange_endpoints });
const pemOf = (key: ReturnType<typeof generateKeyPairSync>['privateKey']): string => String(key.export({ type: 'pkcs8', format: 'pem' }));

let engines: Engine[] = [];
afterEach(async () => {
  for (const engine of engines) await engine.close();
  engines = [];
});

function serve(credentials: AnyUpstreamCredential[], options: Partial<EngineOptions> = {}, issuers: TrustedIssuerItem[] = [trusted()]): Engine {
  const api = apiItem({ upstream: { url: upstream.url, credentials } });
  const { engine } = engineOf(configOf(api, agent, ...issuers), { publicUrl: 'https://gateway.example.com', ...options });
  engines.push(engine);
  return engine;
}

const call = (engine: Engine, { caller = byKey, credential }: { caller?: Caller; credential?: string } = {}): Promise<CallOutcome> =>
  callTool(engine, { snapshot: engine.snapshot, caller, credential, toolName: 'orders_getOrder', args: { order_id: '7' }, requestId: randomUUID() });

const grant = (more: object = {}): AnyUpstreamCredential => ({
  kind: 'client_credentials',
  token_endpoint: issuer.url,
  client_id: 'gate way',
  client_secret: 's:1%',
  ...more,
});
const exchange = (more: object = {}): AnyUpstreamCredential => grant({ kind: 'token_exchange', ...more });
const failed = (reason: string): object => ({ kind: 'upstream_failed', reason, timeout: false });

describe('a token of the gateway as a client', () => {
  it('is got with what was configured, and sent as a bearer token', async () => {
    const engine = serve([grant({ scope: 'orders:read', audience: 'orders', resource: 'https://orders.example.com' })]);
    expect(await call(engine)).toMatchObject({ kind: 'result', isError: false });
    expect(upstream.seen[0]).toMatchObject({ authorization: 'Bearer token-1', 'x-stoa-consumer': 'support-agent' });
    const form = { grant_type: 'client_credentials', scope: 'orders:read', audience: 'orders', resource: 'https://orders.example.com' };
    expect(issuer.asked).toEqual([{ authorization: `Basic ${btoa('gate+way:s%3A1%25')}`, form }]);
  });

  it('may be sent in another header, and by a secret in the form', async () => {
    await call(serve([grant({ header: 'X-Token', client_auth: 'client_secret_post' })]));
    expect(upstream.seen[0]).toMatchObject({ 'x-token': 'Bearer token-1' });
    expect(issuer.asked[0]).toEqual({
      authorization: undefined,
      form: { grant_type: 'client_credentials', client_id: 'gate way', client_secret: 's:1%' },
    });
  });

  it.each([
    ['ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['EdDSA', () => generateKeyPairSync('ed25519')],
    ['RS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ] as const)('may be asked for by what the gateway signs, by %s', async (alg, pair) => {
    const { privateKey, publicKey } = pair();
    await call(serve([grant({ client_auth: 'private_key_jwt', client_secret: undefined, private_key: pemOf(privateKey), key_id: 'k1' })]));
    const { client_assertion: signed = '', client_assertion_type: type } = issuer.asked[0]?.form ?? {};
    expect(type).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    expect(decodeProtectedHeader(signed)).toMatchObject({ alg, kid: 'k1' });
    const key = await importSPKI(String(publicKey.export({ type: 'spki', format: 'pem' })), alg);
    const { payload } = await jwtVerify(signed, key, { issuer: 'gate way', subject: 'gate way', audience: issuer.url });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(60);
  });

  it('is asked for once by many calls at a time, and kept', async () => {
    const engine = serve([grant()]);
    await Promise.all(Array.from({ length: 20 }, () => call(engine)));
    await call(engine);
    expect(issuer.asked).toHaveLength(1);
    expect(new Set(upstream.seen.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer token-1']));
  });

  it('is renewed before it expires, while calls go on with the old one', async () => {
    let nowMs = 1_000_000;
    const engine = serve([grant()], { now: () => nowMs });
    await call(engine);
    nowMs += 81_000;
    const held = Promise.withResolvers<void>();
    issuer.holds = held.promise;
    await call(engine);
    expect(upstream.seen.at(-1)?.authorization).toBe('Bearer token-1');
    held.resolve();
    await expect.poll(async () => (await call(engine), upstream.seen.at(-1)?.authorization)).toBe('Bearer token-2');
    expect(issuer.asked).toHaveLength(2);
  });

  it('is not used when it has expired', async () => {
    let nowMs = 1_000_000;
    const engine = serve([grant()], { now: () => nowMs });
    await call(engine);
    nowMs += 100_000;
    await call(engine);
    expect(upstream.seen.at(-1)?.authorization).toBe('Bearer token-2');
  });

  it('is got anew once when the upstream answers 401, and no more often than that', async () => {
    let nowMs = 1_000_000;
    const engine = serve([grant()], { now: () => nowMs });
    await call(engine);
    nowMs += 10_000;
    upstream.statusFor = ({ authorization }) => (authorization === 'Bearer token-1' ? 401 : 200);
    expect(await call(engine)).toMatchObject({ isError: false });
    upstream.statusFor = () => 401;
    nowMs += 10_000;
    upstream.seen = [];
    expect(await call(engine)).toMatchObject({ isError: true, status: 401 });
    expect(upstream.seen).toHaveLength(2);
    // A fresh token that is refused would be got at each call.
    await call(engine);
    expect([upstream.seen.length, issuer.asked.length]).toEqual([3, 3]);
  });

  it('that is not given is told with the words of the issuer, bounded and without the secret, and not asked for at each call', async () => {
    const engine = serve([grant()]);
    issuer.answer = () => [401, { error: 'invalid_client', error_description: `no such client\n${'x'.repeat(500)}` }];
    const outcome = await call(engine);
    expect(outcome).toMatchObject({
      kind: 'upstream_failed',
      reason: expect.stringMatching(/^The issuer .* would not give a token: invalid_client: no such client\\u000ax+\.$/) as string,
    });
    expect((outcome as { reason: string }).reason.length).toBeLessThan(300);
    expect(await call(engine)).toEqual(outcome);
    expect([issuer.asked.length, upstream.seen.length]).toEqual([1, 0]);
    issuer.answer = () => [400, { error: 'the secret s:1% is wrong' }];
    expect(await call(serve([grant()]))).toEqual(failed('The issuer of tokens for the upstream would not give a token (status 400).'));
  });

  it.each([
    ['without a token', { token_type: 'Bearer' }, 'answered without a token'],
    ['bound to a key', { access_token: 'a', token_type: 'DPoP' }, 'gave a token that is no bearer token'],
    ['with a token that is two lines', { access_token: 'a\r\nx: y', token_type: 'Bearer' }, 'answered without a token'],
  ])('is none when the answer is %s', async (_says, answer, what) => {
    issuer.answer = () => [200, answer];
    expect(await call(serve([grant()]))).toEqual(failed(`The issuer of tokens for the upstream ${what}.`));
  });

  it('is not asked for at an address that the rules of the gateway refuse', async () => {
    const engine = serve([grant({ token_endpoint: 'https://169.254.169.254/token' })]);
    expect(await call(engine)).toEqual(failed('The issuer of tokens for the upstream cannot be reached.'));
  });

  it('takes the place of whatever policies set there', async () => {
    const api = apiItem({ upstream: { url: upstream.url, credentials: [grant()] } });
    const policy = policyItem({ kind: 'headers', config: { request: { set: { authorization: 'Bearer of-a-policy' } } } }, [api]);
    const { engine } = engineOf(configOf(api, agent, policy));
    engines.push(engine);
    await call(engine);
    expect(upstream.seen[0]?.authorization).toBe('Bearer token-1');
  });
});

describe("a token in exchange for the caller's", () => {
  it('is asked for with that of the caller, and kept for him alone', async () => {
    const engine = serve([exchange({ audience: 'orders' })]);
    for (const credential of ['of-ada', 'of-bob', 'of-ada']) await call(engine, { caller: byToken, credential });
    expect(upstream.seen.map(({ authorization }) => authorization)).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-1']);
    expect(issuer.asked.map(({ form }) => form)).toMatchObject([
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: 'of-ada',
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        audience: 'orders',
      },
      { subject_token: 'of-bob' },
    ]);
    expect(JSON.stringify(upstream.seen)).not.toMatch(/of-ada|of-bob/);
  });

  it('is asked for once by many calls of one caller', async () => {
    const engine = serve([exchange()]);
    await Promise.all(Array.from({ length: 10 }, () => call(engine, { caller: byToken, credential: 'of-ada' })));
    expect(issuer.asked).toHaveLength(1);
  });

  it('is refused with the words of the issuer', async () => {
    issuer.answer = () => [400, { error: 'invalid_request', error_description: 'Sender-constrained token exchange rejected' }];
    const reason =
      "The issuer of tokens for the upstream would not exchange the caller's token: invalid_request: Sender-constrained token exchange rejected.";
    expect(await call(serve([exchange()]), { caller: byToken, credential: 'of-ada' })).toEqual(failed(reason));
    expect(upstream.seen).toEqual([]);
  });

  it.each([
    ['names none', () => [agents.item()]],
    ['names others', () => [trusted([`${issuer.url}/`, `${issuer.url}?a`, new URL(issuer.url).origin])]],
    [
      'is another than the one that names it',
      () => [agents.item(), new TestIssuer('https://id.example.com/others').item({ exchange_endpoints: [issuer.url] })],
    ],
    ['is not trusted any more', () => []],
  ])('is not asked for at an endpoint where the issuer of the caller %s: his token is sent nowhere', async (_says, issuers) => {
    const reason =
      'The token of this caller is not exchanged for the upstream, nor sent anywhere: its trusted issuer does not name the token_endpoint among its exchange_endpoints.';
    const engine = serve([exchange()], {}, issuers());
    expect(await call(engine, { caller: byToken, credential: 'of-ada' })).toEqual(failed(reason));
    expect([issuer.asked, upstream.seen]).toEqual([[], []]);
  });

  it('is not used on once the issuer of the caller names its endpoint no more', async () => {
    const engine = serve([exchange()]);
    const ofAda = { caller: byToken, credential: 'of-ada' };
    expect(await call(engine, ofAda)).toMatchObject({ kind: 'result' });
    engine.replace(compile(configOf(apiItem({ upstream: { url: upstream.url, credentials: [exchange()] } }), agent, agents.item())).snapshot);
    expect(await call(engine, ofAda)).toMatchObject({ kind: 'upstream_failed' });
    expect([issuer.asked.length, upstream.seen.length]).toEqual([1, 1]);
  });

  it('is not there for who calls by a key, which is not sent to the issuer', async () => {
    const reason = "The upstream wants a token in exchange for the caller's, and this caller showed a consumer key: call with a token.";
    expect(await call(serve([exchange()]), { credential: 'stoa_ck_x' })).toEqual(failed(reason));
    expect(issuer.asked).toEqual([]);
  });
});

describe('an assertion of who calls', () => {
  it('is for the upstream, for a minute, by a key that the gateway publishes', async () => {
    const engine = serve([{ kind: 'assertion' }]);
    await call(engine);
    await call(engine);
    const [first = '', second = ''] = upstream.seen.map((headers) => String(headers['x-stoa-assertion']));
    const keys = createLocalJWKSet(engine.signer.jwks() as JSONWebKeySet);
    const { payload, protectedHeader } = await jwtVerify(first, keys, {
      audience: upstream.url,
      issuer: 'https://gateway.example.com',
      subject: 'support-agent',
    });
    expect(protectedHeader.alg).toBe('ES256');
    expect(payload).toMatchObject({ api: 'orders', operation: 'getOrder', request_id: upstream.seen[0]?.['x-request-id'] });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(60);
    expect(decodeJwt(second).jti).not.toBe(payload.jti);
    expect(JSON.stringify(engine.signer.jwks())).not.toContain('"d"');
  });
});
