import { randomUUID } from 'node:crypto';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditRecord, MintedServiceAccount, ServiceAccount } from '@stoa/generated/schemas.ts';
import { asGateway } from '../testing/gateways.ts';
import { askForToken } from '../testing/oauth-client.ts';
import { expectGuarded, mintViewer } from '../testing/refusals.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';

let plane: TestControlPlane;

beforeAll(async () => {
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent' });
});
afterAll(() => plane.close());

let made = 0;
const make = async (given: object = {}) => {
  made += 1;
  const answer = await plane.request<MintedServiceAccount>('POST', '/v1/service-accounts', {
    body: { name: `robot-${made}`, roles: ['viewer'], ...given },
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  const { service_account: account, client_secret: secret } = answer.body;
  return { id: account.service_account_id, path: `/v1/service-accounts/${account.service_account_id}`, account, secret };
};
type Credentials = { id: string; secret: string };
const signIn = ({ id, secret }: Credentials, more: Record<string, string> = {}) =>
  askForToken(`${plane.url}/oidc`, { grant_type: 'client_credentials', client_id: id, client_secret: secret, ...more });
const session = (token: string) => plane.request('GET', '/v1/session', { token });
const tokenOf = async (credentials: Credentials) => (await signIn(credentials)).body.access_token;

it('answers 401 and 403 to whoever may not, and 404 for what is not there', async () => {
  const path = '/v1/service-accounts/5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11';
  await expectGuarded(plane, [
    { method: 'POST', path: '/v1/service-accounts', body: { name: 'x', roles: ['viewer'] } },
    { method: 'DELETE', path },
  ]);
  for (const [method, at, body] of [
    ['GET', path],
    ['PATCH', path, { name: 'x' }],
    ['POST', `${path}/rotate`, {}],
    ['DELETE', path],
  ] as const)
    expect((await plane.request(method, at, { body })).status).toBe(404);
});

describe('a service account', () => {
  it('trades its secret for an access token, by form or by header, and acts with exactly its roles, as far as its scopes let it', async () => {
    const robot = await make({ roles: ['publisher'], scopes: ['apis.read', 'apis.write'] });
    const { status, body } = await signIn(robot);
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 600, access_token: expect.stringMatching(/^stoa_at_/) as string });
    expect(body.refresh_token).toBeUndefined();
    expect((await session(body.access_token)).body).toMatchObject({
      name: 'robot-1',
      roles: ['publisher'],
      permissions: ['apis.read', 'apis.write'],
    });
    expect((await plane.request('GET', '/v1/policies', { token: body.access_token })).status).toBe(403);

    const basic = await fetch(`${plane.url}/oidc/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${robot.id}:${robot.secret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'stoa:api' }),
    });
    expect([basic.status, await basic.json()]).toMatchObject([200, { scope: 'stoa:api' }]);
  });

  it('is refused with another secret, for other resources, by other grants, and when it is over', async () => {
    const [robot, other] = [await make(), await make()];
    expect(await signIn({ ...robot, secret: other.secret })).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await signIn({ ...robot, id: '5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11' })).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await signIn(robot, { resource: 'https://elsewhere.example.com/mcp' })).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
    expect(await signIn(robot, { grant_type: 'refresh_token', refresh_token: 'x' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
    expect((await session(robot.secret)).status).toBe(401);

    const token = await tokenOf(robot);
    await plane.store.pool.query(`UPDATE operator_token SET expires_at = now() - interval '1 second' WHERE id = $1`, [robot.id]);
    plane.context.authenticator.forget();
    expect((await session(token)).status).toBe(401);
    expect((await signIn(robot)).body.error).toBe('invalid_client');
    expect((await plane.request<ServiceAccount>('GET', robot.path)).body.state).toBe('expired');
  });

  it('gets tokens for the gateways of its tenant that serve MCP, with the scope of tools, and no other tokens by them', async () => {
    const [mine, foreign] = ['http://127.0.0.1:7001/mcp', 'http://127.0.0.1:7002/mcp'];
    await asGateway(plane, await plane.mintGatewayKey()).register('gateway', { endpoints: { mcp: mine } });
    const { pool } = plane.store;
    await pool.query(`WITH other AS (INSERT INTO tenant (name) VALUES ('other') RETURNING id)
      INSERT INTO gateway (tenant_id, instance_name, environment, gateway_mode, version, endpoints)
      SELECT id, 'foreign', 'production', 'edge_mcp', '1', '{"mcp": "${foreign}"}' FROM other`);
    const robot = await make();
    const { status, body } = await signIn(robot, { resource: mine, scope: 'mcp:tools' });
    expect([status, body]).toMatchObject([200, { token_type: 'Bearer', expires_in: 600, scope: 'mcp:tools' }]);
    const { rows } = await pool.query<{ tenant_id: string }>(`SELECT tenant_id FROM operator_token WHERE id = $1`, [robot.id]);
    expect(decodeJwt(body.access_token)).toMatchObject({ aud: mine, client_id: robot.id, scope: 'mcp:tools', tenant: rows[0]?.tenant_id });
    expect((await session(body.access_token)).status).toBe(401);
    expect((await signIn(robot, { resource: foreign })).body.error).toBe('invalid_target');
    const narrowed = await make({ scopes: ['apis.read'] });
    expect((await signIn(narrowed, { resource: mine })).body.error).toBe('invalid_target');
    expect((await signIn(narrowed)).status).toBe(200);
  });

  it('rotates its secret: the one before is good for the overlap, one before that is not, and without overlap tokens end, too', async () => {
    const first = await make();
    const rotate = async (body: object) => (await plane.request<MintedServiceAccount>('POST', `${first.path}/rotate`, { body })).body;
    const second = await rotate({ overlap_s: 600 });
    const { previous_secret_until: until = '', secret_changed_at: changed } = second.service_account;
    expect(Date.parse(until) - Date.parse(changed)).toBe(600_000);
    const works = async (secret: string) => (await signIn({ id: first.id, secret })).status === 200;
    expect([await works(first.secret), await works(second.client_secret)]).toEqual([true, true]);
    const third = await rotate({});
    expect([await works(first.secret), await works(second.client_secret), await works(third.client_secret)]).toEqual([false, true, true]);
    await plane.store.pool.query(`UPDATE operator_token SET previous_until = now() WHERE id = $1`, [first.id]);
    expect(await works(second.client_secret)).toBe(false);

    const token = await tokenOf({ id: first.id, secret: third.client_secret });
    expect((await session(token)).status).toBe(200);
    await rotate({ overlap_s: 0 });
    expect([(await session(token)).status, await works(third.client_secret)]).toEqual([401, false]);
  });

  it('follows an edit at once, keeps its name to itself, and is edited from the state that was read', async () => {
    const [robot, other] = [await make(), await make()];
    const token = await tokenOf(robot);
    const edit = (body: object, headers: Record<string, string> = {}) => plane.request<ServiceAccount>('PATCH', robot.path, { body, headers });
    expect((await edit({ name: other.account.name })).status).toBe(409);
    const etag = (await plane.request('GET', robot.path)).headers.get('etag') ?? '';
    const changed = await edit({ roles: ['admin'], scopes: ['tokens.read'], expires_at: '2099-01-01T00:00:00.000Z' }, { 'if-match': etag });
    expect(changed).toMatchObject({ status: 200, body: { roles: ['admin'], scopes: ['tokens.read'], expires_at: '2099-01-01T00:00:00.000Z' } });
    expect((await edit({ description: 'late' }, { 'if-match': etag })).status).toBe(412);
    expect((await session(token)).body).toMatchObject({ roles: ['admin'], permissions: ['tokens.read'] });
    expect((await edit({ scopes: null, expires_at: null })).body).toMatchObject({ roles: ['admin'] });
    expect((await plane.request<ServiceAccount>('GET', robot.path)).body).not.toMatchObject({ scopes: expect.anything() as unknown });
  });

  it('ends with its tokens when it is deleted', async () => {
    const robot = await make();
    const token = await tokenOf(robot);
    expect((await plane.request('DELETE', robot.path)).status).toBe(204);
    expect([(await session(token)).status, (await signIn(robot)).status]).toEqual([401, 401]);
  });

  it('is made, changed and rotated by nobody who may do less, and decides nothing as a second person', async () => {
    const { body } = await plane.request<{ secret: string }>('POST', '/v1/operator-tokens', {
      body: { name: 'less', role: 'admin', scopes: ['tokens.write'] },
    });
    const less = { token: body.secret };
    const refused = { status: 403, body: { code: 'more_than_own_rights' } };
    expect(await plane.request('POST', '/v1/service-accounts', { body: { name: 'more', roles: ['admin'] }, ...less })).toMatchObject(refused);
    const robot = await make({ roles: ['admin'] });
    expect(await plane.request('PATCH', robot.path, { body: { roles: ['viewer'] }, ...less })).toMatchObject(refused);
    expect(await plane.request('POST', `${robot.path}/rotate`, { body: {}, ...less })).toMatchObject(refused);
    const token = await tokenOf(robot);
    expect((await plane.request('POST', '/v1/sign-in-links', { token })).status).toBe(403);
    await plane.request('PUT', '/v1/environments/guarded', { body: { four_eyes: ['reveals'] } });
    const { body: approval } = await plane.request<{ approval_id: string }>('POST', '/v1/gateway-keys', {
      body: { name: 'k', environments: ['guarded'] },
    });
    const decision = `/v1/approvals/${approval.approval_id}`;
    for (const verb of ['approve', 'deny'])
      expect(await plane.request('POST', `${decision}/${verb}`, { body: {}, token })).toMatchObject({ status: 403, body: { code: 'person_needed' } });
    expect((await plane.request('GET', decision)).body).toMatchObject({ state: 'pending' });
    expect((await plane.request('GET', robot.path, { token: await mintViewer(plane) })).status).toBe(200);
  });

  it('is found in the list with its last use, and the audit tells who made it, its sign-ins and those that failed', async () => {
    const robot = await make();
    const token = await tokenOf(robot);
    expect((await plane.request('GET', '/v1/apis', { token })).status).toBe(200);
    await plane.context.audit.firstUses.stop();
    expect((await plane.request('POST', '/v1/consumers', { token, body: { name: 'none' } })).status).toBe(403);
    await signIn({ ...robot, secret: 'stoa_sc_wrong' });
    await plane.context.audit.counted.stop();
    const { body } = await plane.request<{ items: ServiceAccount[] }>('GET', `/v1/service-accounts?search=${robot.account.name}`);
    expect(body.items).toMatchObject([{ service_account_id: robot.id, created_by: { kind: 'token' }, last_used_at: expect.any(String) as string }]);
    expect(JSON.stringify(body)).not.toContain(robot.secret);
    const records = (await plane.request<{ items: AuditRecord[] }>('GET', '/v1/audit?limit=50')).body.items.filter(
      ({ object, actor }) => object?.id === robot.id || actor.id === robot.id,
    );
    const told = records.map(({ action, outcome }) => `${action} ${outcome}`);
    expect(told).toEqual(expect.arrayContaining(['createServiceAccount done', 'signIn done', 'signIn failed', 'firstUse done']));
    expect((await plane.request('GET', '/v1/audit/verification')).body).toMatchObject({ intact: true });
  });
});

describe('a service account with a public key', () => {
  const pair = async (alg: string) => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    return { privateKey, jwk: await exportJWK(publicKey), secretJwk: await exportJWK(privateKey) };
  };
  const assertion = (id: string, key: CryptoKey, alg: string, { jti = randomUUID(), aud = `${plane.url}/oidc`, endsIn = '1 minute' } = {}) =>
    new SignJWT({ jti }).setProtectedHeader({ alg }).setIssuer(id).setSubject(id).setAudience(aud).setExpirationTime(endsIn).sign(key);
  const signInBy = (client_assertion: string, more: Record<string, string> = {}) =>
    askForToken(`${plane.url}/oidc`, {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion,
      ...more,
    });

  it('signs in by an assertion, once, and has no secret', async () => {
    for (const alg of ['EdDSA', 'ES256', 'RS256']) {
      const { privateKey, jwk } = await pair(alg);
      const { id, secret, account } = await make({ public_keys: [jwk] });
      expect([secret, account.hint, account.public_keys]).toEqual([undefined, expect.stringMatching(/^key /), [{ ...jwk, kid: expect.any(String) }]]);
      const used = await assertion(id, privateKey, alg);
      // Of those that come at the same time one is the first.
      const answers = await Promise.all([signInBy(used), signInBy(used), signInBy(used)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
      const token = answers.find(({ status }) => status === 200)?.body.access_token ?? '';
      expect((await session(token)).body).toMatchObject({ roles: ['viewer'] });
      expect((await signIn({ id, secret: 'stoa_sc_x' })).body.error).toBe('invalid_client');
    }
  });

  it('is refused by another key, for another audience, and with an end that is far away, which the audit tells', async () => {
    const [own, other] = [await pair('EdDSA'), await pair('EdDSA')];
    const { id, path } = await make({ public_keys: [own.jwk] });
    for (const wrong of [
      await assertion(id, other.privateKey, 'EdDSA'),
      await assertion(id, own.privateKey, 'EdDSA', { aud: 'https://elsewhere.example.com' }),
      await assertion(id, own.privateKey, 'EdDSA', { endsIn: '2 days' }),
    ])
      expect(await signInBy(wrong)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    // They are alike: the first is told at once, those after it together with their number.
    const failed = async () => {
      await plane.context.audit.counted.stop();
      const { items } = (await plane.request<{ items: AuditRecord[] }>('GET', '/v1/audit?limit=50')).body;
      const records = items.filter(({ action, outcome, object }) => action === 'signIn' && outcome === 'failed' && object?.id === id);
      expect(records.map(({ kind, actor, object, detail }) => [kind, actor.kind, object?.kind, detail?.['step']])).toEqual(
        records.map(() => ['sign-in', 'nobody', 'service_account', 'client assertion']),
      );
      return records.reduce((sum, { detail }) => sum + Number(detail?.['count'] ?? 1), 0);
    };
    await expect.poll(failed, { timeout: 10_000 }).toBe(3);
    expect((await plane.request<{ code: string }>('POST', `${path}/rotate`, { body: {} })).body.code).toBe('has_public_keys');
  });

  it('has its keys replaced, with which its tokens end, and takes nothing private and nothing weak', async () => {
    const [first, second] = [await pair('EdDSA'), await pair('EdDSA')];
    const { id, path } = await make({ public_keys: [first.jwk] });
    const put = (public_keys: object[]) => plane.request<ServiceAccount & { errors?: object[] }>('PATCH', path, { body: { public_keys } });
    expect((await put([second.jwk, first.jwk])).status).toBe(200);
    const { body } = await signInBy(await assertion(id, first.privateKey, 'EdDSA'));
    expect((await session(body.access_token)).status).toBe(200);
    expect((await put([second.jwk])).body.public_keys).toHaveLength(1);
    expect((await session(body.access_token)).status).toBe(401);
    expect((await signInBy(await assertion(id, first.privateKey, 'EdDSA'))).status).toBe(401);
    expect((await signInBy(await assertion(id, second.privateKey, 'EdDSA'))).status).toBe(200);
    const refused = await put([second.secretJwk, { kty: 'EC', crv: 'P-521', x: 'AA', y: 'AA' }, { kty: 'RSA', n: 'AQAB', e: 'AQAB' }]);
    expect([refused.status, refused.body.errors]).toEqual([
      400,
      [
        { pointer: '/body/public_keys/0', message: expect.stringContaining('send the public half') },
        { pointer: '/body/public_keys/1', message: expect.any(String) },
        { pointer: '/body/public_keys/2', message: expect.stringContaining('RSA of 2048') },
      ],
    ]);
    const robot = await make();
    const { body: token } = await signIn(robot);
    expect((await plane.request('PATCH', robot.path, { body: { public_keys: [first.jwk] } })).status).toBe(200);
    expect([(await session(token.access_token)).status, (await signIn(robot)).status]).toEqual([401, 401]);
  });
});
