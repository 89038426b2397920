import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayKey, GatewayKeyList, OperatorToken, OperatorTokenList, Problem } from '@stoa/generated/schemas.ts';
import { permissions } from '@stoa/generated/permissions.ts';
import { asGateway } from '../../testing/gateways.ts';
import { expectGuarded, foreignTenant, mintViewer } from '../../testing/refusals.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

let plane: TestControlPlane;
let replica: TestControlPlane;

beforeAll(async () => {
  plane = await startTestControlPlane();
  replica = await plane.startAnother({ STOA_SECURE_COOKIES: 'true' });
});
afterAll(async () => {
  await replica.close();
  await plane.close();
});

type Minted = { key: GatewayKey; secret: string };
const mintKey = async (body: Record<string, unknown> = {}) =>
  (await plane.request<Minted>('POST', '/v1/gateway-keys', { body: { name: 'test', ...body } })).body;
const nobodysId = '5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11';

it('answers 401 and 403 to whoever may not', async () => {
  await expectGuarded(plane, [
    { method: 'POST', path: '/v1/gateway-keys', body: { name: 'x' } },
    { method: 'DELETE', path: `/v1/gateway-keys/${nobodysId}` },
    { method: 'POST', path: '/v1/operator-tokens', body: { name: 'x', role: 'admin' } },
    { method: 'DELETE', path: `/v1/operator-tokens/${nobodysId}` },
  ]);
  const viewer = await mintViewer(plane);
  for (const path of ['/v1/gateway-keys', '/v1/operator-tokens', '/v1/session', '/v1/gateways', '/v1/gateways/modes', '/v1/usage']) {
    expect([
      path,
      (await plane.request('GET', path, { token: viewer })).status,
      (await plane.request('GET', path, { token: undefined })).status,
      (await plane.request('GET', path, { token: await plane.mintGatewayKey() })).status,
    ]).toEqual([path, 200, 401, 403]);
  }
});

describe('gateway keys', () => {
  it('are minted in a dry run without a secret that anybody could take for one, and are not there afterwards', async () => {
    const { status, body } = await plane.request<Minted>('POST', '/v1/gateway-keys?dry_run=true', { body: { name: 'tried' } });
    expect([status, body.secret]).toEqual([201, body.key.hint]);
    const kept = await plane.store.pool.query("SELECT FROM gateway_key WHERE name = 'tried'");
    expect(kept.rowCount).toBe(0);
  });

  it('are shown once, kept as an HMAC, and listed without their secret', async () => {
    const { key, secret } = await mintKey({
      name: 'shown',
      environments: ['production'],
      modes: ['connect'],
      instance_name: 'kong-1',
      expires_at: '2999-01-01T00:00:00.000Z',
    });
    expect(secret).toMatch(/^stoa_gk_[A-Za-z0-9_-]{43}$/);
    expect(key).toMatchObject({
      name: 'shown',
      environments: ['production'],
      modes: ['connect'],
      instance_name: 'kong-1',
      hint: secret.slice(0, 12),
      expires_at: '2999-01-01T00:00:00.000Z',
    });
    const { body } = await plane.request<GatewayKeyList>('GET', '/v1/gateway-keys?limit=500');
    expect(body.items).toContainEqual(key);
    expect(JSON.stringify(body)).not.toContain(secret);
  });

  it.each([
    [{ name: '' }, '/body/name'],
    [{ name: 'x', modes: ['edge-mcp'] }, '/body/modes/0'],
    [{ name: 'x', environments: ['Prod!'] }, '/body/environments/0'],
    [{ name: 'x', expires_at: 'tomorrow' }, '/body/expires_at'],
    [{ name: 'x', expires_at: '2020-01-01T00:00:00.000Z' }, '/body/expires_at'],
    [{ name: 'x', colour: 'red' }, '/body/colour'],
  ])('are refused with 400: %j', async (body, pointer) => {
    expect(await plane.request('POST', '/v1/gateway-keys', { body })).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    if ('expires_at' in body)
      expect(await plane.request('POST', '/v1/operator-tokens', { body: { role: 'viewer', ...body } })).toMatchObject({
        status: 400,
        body: { errors: [{ pointer }] },
      });
  });

  it('are good for their scope only', async () => {
    const gateway = asGateway(plane, (await mintKey({ environments: ['production'], modes: ['connect'], instance_name: 'kong-9' })).secret);
    expect((await gateway.register('kong-9', { gateway_mode: 'connect' })).status).toBe(200);
    for (const [name, more, word] of [
      ['kong-9', { gateway_mode: 'connect', environment: 'staging' }, 'environment staging'],
      ['kong-9', {}, 'mode edge_mcp'],
      ['kong-8', { gateway_mode: 'connect' }, 'instance kong-8'],
    ] as const) {
      expect(await gateway.register(name, more)).toMatchObject({ status: 403, body: { detail: expect.stringContaining(word) as string } });
    }
  });

  it('are refused at once on every replica when revoked, though both have just let them in', async () => {
    const { key, secret } = await mintKey();
    const [here, there] = [asGateway(plane, secret), asGateway(replica, secret)];
    const {
      body: { gateway_id },
    } = await here.register('revoked-key');
    expect([(await here.heartbeat(gateway_id)).status, (await there.heartbeat(gateway_id)).status]).toEqual([200, 200]);
    expect((await plane.request('DELETE', `/v1/gateway-keys/${key.key_id}`)).status).toBe(204);
    expect((await here.heartbeat(gateway_id)).status).toBe(401);
    await expect.poll(async () => (await there.heartbeat(gateway_id)).status, { timeout: 5_000 }).toBe(401);
    expect((await here.register('revoked-key')).status).toBe(401);
    expect((await plane.request('DELETE', `/v1/gateway-keys/${key.key_id}`)).status).toBe(204);
  });

  it('are refused on a replica within 5 s even if the word of it is lost', async () => {
    const { key, secret } = await mintKey();
    const {
      body: { gateway_id },
    } = await asGateway(plane, secret).register('unheard');
    await plane.store.pool.query('UPDATE gateway_key SET revoked_at = now() WHERE id = $1', [key.key_id]);
    await expect.poll(async () => (await asGateway(plane, secret).heartbeat(gateway_id)).status, { timeout: 5_000 }).toBe(401);
  });

  it('are refused once expired, also while the verdict is remembered', async () => {
    const { key, secret } = await mintKey();
    await plane.store.pool.query(`UPDATE gateway_key SET expires_at = now() + interval '2 seconds' WHERE id = $1`, [key.key_id]);
    const gateway = asGateway(plane, secret);
    const {
      body: { gateway_id },
    } = await gateway.register('expiring');
    const { rows } = await plane.store.pool.query<{ valid: boolean }>(
      'SELECT pg_sleep_until(expires_at) IS NOT NULL, expires_at > now() AS valid FROM gateway_key WHERE id = $1',
      [key.key_id],
    );
    expect(rows).toHaveLength(1);
    expect((await gateway.heartbeat(gateway_id)).status).toBe(401);
  });

  it('are rotated: another of the same scope and as long a life, while the one that it replaces is good for the overlap', async () => {
    type Rotated = Minted & { replaced: GatewayKey };
    const rotate = (id: string, body: object) => plane.request<Rotated & Problem>('POST', `/v1/gateway-keys/${id}/rotate`, { body });
    const isKnown = async ({ context }: TestControlPlane, secret: string) => (await context.authenticator.authenticate(secret)) !== undefined;
    const scope = { name: 'rotated', environments: ['production'], modes: ['connect'], instance_name: 'kong-01' };
    const day = 24 * 3600 * 1000;
    const first = await mintKey({ ...scope, expires_at: new Date(Date.now() + 90 * day).toISOString() });
    const { status, body } = await rotate(first.key.key_id, { overlap_s: 3600 });
    expect([status, body.key]).toMatchObject([201, { ...scope, state: 'valid' }]);
    expect(Date.parse(body.key.expires_at ?? '') - Date.now()).toBeGreaterThan(89 * day);
    expect(body.replaced).toMatchObject({ key_id: first.key.key_id, state: 'valid' });
    expect(Date.parse(body.replaced.expires_at ?? '') - Date.now()).toBeLessThanOrEqual(3600 * 1000);
    expect([await isKnown(plane, first.secret), await isKnown(plane, body.secret)]).toEqual([true, true]);
    const second = await rotate(body.key.key_id, { overlap_s: 0, expires_at: '2099-01-01T00:00:00.000Z' });
    expect([second.body.key.expires_at, second.body.replaced.state]).toEqual(['2099-01-01T00:00:00.000Z', 'expired']);
    for (const server of [plane, replica]) {
      await expect.poll(() => isKnown(server, body.secret), { timeout: 5_000 }).toBe(false);
      expect(await isKnown(server, second.body.secret)).toBe(true);
    }
    expect(await rotate(body.key.key_id, {})).toMatchObject({ status: 409, body: { code: 'key_not_valid' } });
    expect((await rotate(nobodysId, {})).status).toBe(404);
  });

  it('note when they were last used', async () => {
    const { key, secret } = await mintKey();
    await asGateway(plane, secret).register('user');
    await expect
      .poll(
        async () =>
          (await plane.request<GatewayKeyList>('GET', '/v1/gateway-keys?limit=500')).body.items.find(({ key_id }) => key_id === key.key_id)
            ?.last_used_at,
        { timeout: 10_000 },
      )
      .toBeDefined();
  });

  it('of another tenant are not there', async () => {
    const foreign = await plane.store.prisma.gateway_key.create({
      data: { tenant_id: await foreignTenant(plane), name: 'foreign', hmac: new Uint8Array(32), hint: 'stoa_gk_xxxx', environments: [], modes: [] },
    });
    expect((await plane.request('DELETE', `/v1/gateway-keys/${foreign.id}`)).status).toBe(404);
    expect((await plane.request('DELETE', `/v1/gateway-keys/${nobodysId}`)).status).toBe(404);
    expect((await plane.request('DELETE', '/v1/gateway-keys/x')).status).toBe(400);
    expect((await plane.request<GatewayKeyList>('GET', '/v1/gateway-keys?limit=500')).body.items.map(({ name }) => name)).not.toContain('foreign');
  });
});

describe('operator tokens', () => {
  it('are minted, listed and revoked, and refused from then on', async () => {
    const {
      body: { token, secret },
    } = await plane.request<{ token: { token_id: string }; secret: string }>('POST', '/v1/operator-tokens', {
      body: { name: 'second', role: 'admin' },
    });
    const { body: session } = await plane.request<{ permissions: string[] }>('GET', '/v1/session', { token: secret });
    expect({ ...session, permissions: session.permissions.toSorted() }).toEqual({
      role: 'admin',
      roles: ['admin'],
      permissions: Object.keys(permissions)
        .filter((permission) => !['audit.read', 'tenants.read', 'tenants.write'].includes(permission))
        .sort(),
      name: 'second',
      tenant: { tenant_id: expect.any(String), name: 'default' },
    });
    expect((await replica.request('GET', '/v1/session', { token: secret })).status).toBe(200);
    expect((await plane.request<OperatorTokenList>('GET', '/v1/operator-tokens')).body.items).toContainEqual(expect.objectContaining(token));
    expect((await plane.request('DELETE', `/v1/operator-tokens/${token.token_id}`)).status).toBe(204);
    expect((await plane.request('GET', '/v1/session', { token: secret })).status).toBe(401);
    await expect.poll(async () => (await replica.request('GET', '/v1/session', { token: secret })).status, { timeout: 5_000 }).toBe(401);
    expect((await plane.request('DELETE', `/v1/operator-tokens/${nobodysId}`)).status).toBe(404);
    expect((await plane.request('DELETE', '/v1/operator-tokens/x')).status).toBe(400);
  });
});

describe('what an operator token may do', () => {
  type MintedToken = { token: OperatorToken; secret: string };
  const mint = (body: Record<string, unknown>, token = plane.adminToken) =>
    plane.request<MintedToken & Problem>('POST', '/v1/operator-tokens', { body: { name: 'given', ...body }, token });
  const statusOf = async (token: string, method: string, path: string) => (await plane.request(method, path, { token })).status;

  it('is what its roles give together, and is told by list and get', async () => {
    const { body } = await mint({ roles: ['operator', 'consumer-admin'] });
    expect(body.token).toMatchObject({ role: 'operator', roles: ['operator', 'consumer-admin'], kind: 'service_account' });
    expect(body.token).not.toHaveProperty('scopes');
    const found = await plane.request<OperatorToken>('GET', `/v1/operator-tokens/${body.token.token_id}`);
    expect(found).toMatchObject({ status: 200, body: body.token });
    expect(await statusOf(body.secret, 'DELETE', `/v1/gateway-keys/${nobodysId}`)).toBe(404);
    expect(await statusOf(body.secret, 'DELETE', `/v1/consumers/${nobodysId}`)).toBe(404);
    expect(await statusOf(body.secret, 'DELETE', `/v1/apis/${nobodysId}`)).toBe(403);
  });

  it('is narrowed by scopes, for its browser sessions too', async () => {
    const { body } = await mint({ role: 'admin', scopes: ['usage.read', 'apis.write'] });
    expect(body.token).toMatchObject({ roles: ['admin'], scopes: ['usage.read', 'apis.write'] });
    expect(await statusOf(body.secret, 'DELETE', `/v1/apis/${nobodysId}`)).toBe(404);
    expect(await plane.request('GET', '/v1/apis', { token: body.secret })).toMatchObject({
      status: 403,
      body: { code: 'missing_permission', detail: expect.stringContaining('the role admin, narrowed to usage.read and apis.write') as string },
    });
    const link = await plane.request<{ url: string }>('POST', '/v1/sign-in-links', { token: body.secret });
    const signedIn = await plane.request('POST', '/v1/session', { token: undefined, body: { code: new URL(link.body.url).hash.slice(6) } });
    const rights = { role: 'admin', roles: ['admin'], permissions: ['apis.write', 'usage.read'] };
    expect(signedIn).toMatchObject({ status: 201, body: rights });
    const headers = { cookie: signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '' };
    expect((await plane.request('GET', '/v1/session', { token: undefined, headers })).body).toMatchObject(rights);
    expect((await plane.request('GET', '/v1/apis', { token: undefined, headers })).status).toBe(403);
    expect((await plane.request('GET', '/v1/usage', { token: undefined, headers })).status).toBe(200);
  });

  it('is never more than what whoever mints it may do', async () => {
    const admin = (await mint({ role: 'admin' })).body.secret;
    const narrow = (await mint({ role: 'owner', scopes: ['tokens.write', 'apis.read'] })).body.secret;
    for (const [by, body, lacks] of [
      [admin, { role: 'owner' }, 'the rights of an owner'],
      [admin, { roles: ['viewer', 'owner'] }, 'the rights of an owner'],
      [narrow, { role: 'owner' }, 'the rights of an owner'],
      [narrow, { role: 'viewer' }, 'policies.read'],
      [narrow, { role: 'publisher', scopes: ['apis.read', 'apis.write'] }, 'you lack apis.write'],
    ] as const)
      expect(await mint(body, by)).toMatchObject({
        status: 403,
        body: { code: 'more_than_own_rights', detail: expect.stringContaining(lacks) as string },
      });
    expect((await mint({ role: 'owner', scopes: ['apis.read'] }, admin)).status).toBe(201);
    expect((await mint({ role: 'publisher', scopes: ['apis.read'] }, narrow)).status).toBe(201);
    expect((await mint({ role: 'admin', scopes: ['tokens.write'] }, narrow)).status).toBe(201);
    expect((await mint({ role: 'owner' })).status).toBe(201);
  });

  it.each([
    [{}, '/body/roles', 'is required'],
    [{ role: 'viewer', roles: ['admin'] }, '/body/role', 'beside roles'],
    [{ roles: [] }, '/body/roles', ''],
    [{ role: 'root' }, '/body/role', 'consumer-admin'],
    [{ role: 'viewer', scopes: [] }, '/body/scopes', ''],
    [{ role: 'viewer', scopes: ['apis.read', 'api.read'] }, '/body/scopes/1', 'apis.read'],
    [{ role: 'viewer', scopes: ['apis.write'] }, '/body/scopes/0', 'is given by none of the roles viewer'],
    [{ role: 'owner', scopes: ['*'] }, '/body/scopes/0', ''],
  ])('is refused with 400 where it makes no sense: %j', async (body, pointer, message) => {
    const { status, body: problem } = await mint(body);
    expect({ status, errors: problem.errors }).toEqual({ status: 400, errors: [{ pointer, message: expect.stringContaining(message) as string }] });
  });

  it('is used at a time that is kept', async () => {
    const { token, secret } = (await mint({ role: 'viewer' })).body;
    const lastUse = async () => (await plane.request<OperatorToken>('GET', `/v1/operator-tokens/${token.token_id}`)).body.last_used_at;
    expect(await lastUse()).toBeUndefined();
    await plane.request('GET', '/v1/session', { token: secret });
    await expect.poll(lastUse, { timeout: 10_000 }).toBeDefined();
    // Unlike a session it does not end for not being used.
    await plane.store.pool.query(`UPDATE operator_token SET last_used_at = now() - interval '3 days' WHERE id = $1`, [token.token_id]);
    plane.context.authenticator.forget();
    expect((await plane.request('GET', '/v1/session', { token: secret })).status).toBe(200);
  });
});

describe('browser sessions', () => {
  const link = async (token = plane.adminToken) => {
    const { body } = await plane.request<{ url: string }>('POST', '/v1/sign-in-links', { token });
    return { url: body.url, code: new URL(body.url).hash.slice('#code='.length) };
  };
  const signIn = (code: string, server = plane) => server.request('POST', '/v1/session', { token: undefined, body: { code } });
  const cookieOf = (headers: Headers) => headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const withCookie = (cookie: string, method: string, path: string, origin?: string) =>
    plane.request(method, path, {
      token: undefined,
      headers: { cookie, ...(origin ? { origin } : {}) },
      ...(method === 'POST' ? { body: { name: 'made', role: 'viewer' } } : {}),
    });

  it('come by a link whose code no server log sees, in a cookie that scripts and other sites cannot reach', async () => {
    const { url, code } = await link();
    expect(url.startsWith(`${plane.url}/sign-in#code=stoa_si_`)).toBe(true);
    const { status, headers, body } = await signIn(code);
    expect({ status, body }).toMatchObject({ status: 201, body: { role: 'owner' } });
    expect(headers.getSetCookie()[0]).toMatch(/^stoa_session=stoa_se_[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    expect((await signIn((await link()).code, replica)).headers.getSetCookie()[0]).toMatch(/; Secure$/);
    expect((await withCookie(cookieOf(headers), 'GET', '/v1/session')).body).toMatchObject({ role: 'owner' });
  });

  it('come once a link, however many browsers try at once; codes that are spent, expired, made up or another credential are 401', async () => {
    const { code } = await link();
    const statuses = await Promise.all(Array.from({ length: 8 }, () => signIn(code).then(({ status }) => status)));
    expect(statuses.toSorted()).toEqual([201, ...Array<number>(7).fill(401)]);
    const { code: old } = await link();
    await plane.store.pool.query(`UPDATE operator_token SET expires_at = now() - interval '1 s' WHERE kind = 'link' AND revoked_at IS NULL`);
    for (const bad of [code, old, 'x'.repeat(51), plane.adminToken]) expect((await signIn(bad)).status).toBe(401);
    expect((await signIn('short')).status).toBe(400);
    expect((await plane.request('GET', '/v1/session', { token: (await link()).code })).status).toBe(401);
  });

  it("may change things from this server's own pages only", async () => {
    const cookie = cookieOf((await signIn((await link()).code)).headers);
    const create = async (origin?: string) => (await withCookie(cookie, 'POST', '/v1/operator-tokens', origin)).status;
    expect(await create(plane.url)).toBe(201);
    for (const origin of ['http://evil.example', 'null', plane.url.replace('127.0.0.1', 'localhost'), undefined])
      expect(await create(origin)).toBe(403);
    const proxied = await plane.startAnother({ STOA_PUBLIC_URL: 'https://stoa.example' });
    const throughProxy = (origin: string) =>
      proxied.request('POST', '/v1/operator-tokens', { token: undefined, body: { name: 'made', role: 'viewer' }, headers: { cookie, origin } });
    expect([(await throughProxy('https://stoa.example')).status, (await throughProxy('http://stoa.example')).status]).toEqual([201, 403]);
    await proxied.close();
  });

  it('are no bearer tokens, and bearer tokens are no cookies; neither opens what gateways ask', async () => {
    const cookie = cookieOf((await signIn((await link()).code)).headers);
    const secret = cookie.slice('stoa_session='.length);
    expect((await plane.request('GET', '/v1/session', { token: secret })).status).toBe(401);
    expect((await withCookie(`stoa_session=${plane.adminToken}`, 'GET', '/v1/session')).status).toBe(401);
    expect((await withCookie(`stoa_session=${await plane.mintGatewayKey()}`, 'GET', '/v1/session')).status).toBe(401);
    expect((await withCookie(cookie, 'GET', `/v1/internal/gateways/${nobodysId}/config`)).status).toBe(401);
  });

  it('have the role of whoever made the link, and end with signing out', async () => {
    const cookie = cookieOf((await signIn((await link(await mintViewer(plane))).code)).headers);
    expect((await withCookie(cookie, 'POST', '/v1/operator-tokens', plane.url)).status).toBe(403);
    const out = await withCookie(cookie, 'DELETE', '/v1/session', plane.url);
    expect([out.status, out.headers.getSetCookie()[0]]).toEqual([204, 'stoa_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0']);
    expect((await withCookie(cookie, 'GET', '/v1/session')).status).toBe(401);
    expect((await plane.request('DELETE', '/v1/session')).status).toBe(204);
    expect((await plane.request('GET', '/v1/session')).status).toBe(200);
  });

  it('end when the token is revoked that they come from', async () => {
    const {
      body: { token, secret },
    } = await plane.request<{ token: { token_id: string }; secret: string }>('POST', '/v1/operator-tokens', {
      body: { name: 'stolen', role: 'admin' },
    });
    const cookie = cookieOf((await signIn((await link(secret)).code)).headers);
    const unspent = (await link(secret)).code;
    await plane.request('DELETE', `/v1/operator-tokens/${token.token_id}`);
    expect([(await withCookie(cookie, 'GET', '/v1/session')).status, (await signIn(unspent)).status]).toEqual([401, 401]);
  });

  it('make no links for other sessions, which would outlive them', async () => {
    const cookie = cookieOf((await signIn((await link()).code)).headers);
    expect((await withCookie(cookie, 'POST', '/v1/sign-in-links', plane.url)).status).toBe(401);
  });
});
