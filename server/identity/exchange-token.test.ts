import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import type { JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditRecord, MintedServiceAccount } from '@stoa/generated/schemas.ts';
import { asGateway } from '../testing/gateways.ts';
import { askForToken, codeFor, commandLine } from '../testing/oauth-client.ts';
import type { OAuthClient, TokenAnswer } from '../testing/oauth-client.ts';
import { joinAsOwner } from '../testing/person.ts';
import type { Person } from '../testing/person.ts';
import { ScriptedBrowser } from '../testing/scripted-browser.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';
import { issuerKeys } from './signing-keys.ts';

const mcpUrl = 'http://127.0.0.1:7001/mcp';
const foreignMcpUrl = 'http://127.0.0.1:7002/mcp';
const upstream = 'https://orders.example.com/mcp';
const accessToken = 'urn:ietf:params:oauth:token-type:access_token';

let plane: TestControlPlane;
let issuer: string;
let owner: Person;
let browser: ScriptedBrowser;
let agent: OAuthClient;
let account: { id: string; secret: string };
let tenants: { own: string; other: string };

beforeAll(async () => {
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent' });
  issuer = `${plane.url}/oidc`;
  owner = await joinAsOwner(plane);
  browser = new ScriptedBrowser(plane.url);
  await asGateway(plane, await plane.mintGatewayKey()).register('gateway', { endpoints: { mcp: mcpUrl } });
  const { pool } = plane.store;
  const { rows } = await pool.query<{ id: string }>(`INSERT INTO tenant (name) VALUES ('other') RETURNING id`);
  const { rows: own } = await pool.query<{ id: string }>(`SELECT id FROM tenant WHERE name = 'default'`);
  tenants = { own: own[0]?.id ?? '', other: rows[0]?.id ?? '' };
  await pool.query(`INSERT INTO membership (user_id, tenant_id, roles) SELECT id, $1, '{viewer}' FROM app_user`, [tenants.other]);
  const registered = await fetch(`${issuer}/reg`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'An agent', redirect_uris: ['http://127.0.0.1:50505/callback'], token_endpoint_auth_method: 'none' }),
  });
  const { client_id: clientId } = (await registered.json()) as { client_id: string };
  agent = { clientId, redirectUri: 'http://127.0.0.1:50505/callback', scope: 'mcp:tools', resource: mcpUrl };
  account = await makeAccount([upstream]);
});
afterAll(() => plane.close());

async function makeAccount(exchange_resources: string[], options: { token?: string } = {}) {
  const body = { name: `door-${randomUUID().slice(0, 8)}`, roles: ['viewer'], exchange_resources };
  const made = await plane.request<MintedServiceAccount>('POST', '/v1/service-accounts', { body, ...options });
  return { id: made.body.service_account.client_id, secret: made.body.client_secret };
}
/** Nobody asks in which tenant: the gateway is of one. */
const callersToken = async () => (await askForToken(issuer, await codeFor(issuer, agent, new ScriptedBrowser(plane.url), owner))).body;
const exchange = (by: Record<string, string>, subject: string, more: Record<string, string> = {}) =>
  askForToken(issuer, {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    ...by,
    subject_token: subject,
    subject_token_type: accessToken,
    ...more,
  });
const asAccount = ({ id, secret } = account) => ({ client_id: id, client_secret: secret });
/** A person of two tenants says in which he signs in. */
const inDefault = { ...commandLine, tenant: 'default' };
const asCommandLine = { client_id: 'stoactl' };
const claimsOf = ({ body }: TokenAnswer) => JSON.parse(Buffer.from(body.access_token.split('.')[1] ?? '', 'base64url').toString()) as JWTPayload;
const invalidRequest = { status: 400, body: { error: 'invalid_request' } };
const invalidTarget = { status: 400, body: { error: 'invalid_target' } };
const sessionOf = async (token: string) => (await plane.request<{ tenant: { name: string } }>('GET', '/v1/session', { token })).body.tenant?.name;
/** As the issuer would sign it. */
async function signed(claims: JWTPayload, given?: CryptoKey): Promise<string> {
  const [key] = (await issuerKeys(plane.store.pool, plane.context.keys)).jwks;
  const own = await importJWK(key as never, 'ES256');
  const header = { alg: 'ES256', typ: 'at+jwt', kid: String(key?.kid) };
  return new SignJWT(claims).setProtectedHeader(header).sign(given ?? own);
}

describe('the token of a caller', () => {
  it('is exchanged by a service account for one of a resource that it was given, for the same person and no longer', async () => {
    const caller = await callersToken();
    const subject = claimsOf({ status: 200, body: caller });
    const answer = await exchange(asAccount(), caller.access_token, { resource: upstream });
    expect(answer).toMatchObject({ status: 200, body: { issued_token_type: accessToken, token_type: 'Bearer', scope: 'mcp:tools' } });
    expect(answer.body.refresh_token).toBeUndefined();
    const claims = claimsOf(answer);
    expect(claims).toMatchObject({ iss: issuer, aud: upstream, sub: subject.sub, tenant: tenants.own, client_id: account.id });
    expect(claims.exp).toBeLessThanOrEqual(subject.exp ?? 0);
    expect(claims).not.toHaveProperty('act');
    expect((await exchange(asAccount(), caller.access_token, { audience: upstream })).status).toBe(200);
  });

  it('names who acts where the account shows a token of its own, and goes on naming him', async () => {
    const caller = await callersToken();
    const own = (await askForToken(issuer, { grant_type: 'client_credentials', ...asAccount() })).body.access_token;
    const actor = { actor_token: own, actor_token_type: accessToken };
    expect(claimsOf(await exchange(asAccount(), caller.access_token, { resource: upstream, ...actor }))['act']).toEqual({ sub: account.id });
    const deep = await signed({ ...claimsOf({ status: 200, body: caller }), act: { sub: 'a door before' } });
    const act = { sub: account.id, act: { sub: 'a door before' } };
    expect(claimsOf(await exchange(asAccount(), deep, { resource: upstream, ...actor }))['act']).toEqual(act);
    expect(claimsOf(await exchange(asAccount(), deep, { resource: upstream }))['act']).toEqual(act.act);
    const another = await makeAccount([upstream]);
    expect(await exchange(asAccount(another), caller.access_token, { resource: upstream, ...actor })).toMatchObject(invalidRequest);
    expect(await exchange(asAccount(), caller.access_token, { resource: upstream, actor_token: own })).toMatchObject(invalidRequest);
  });

  it('gives nothing for another resource, scope or kind of token, and nothing to who may not exchange', async () => {
    const { access_token: token } = await callersToken();
    expect(await exchange(asAccount(), token, { resource: 'https://elsewhere.example.com/mcp' })).toMatchObject(invalidTarget);
    expect(await exchange(asAccount(), token, { resource: mcpUrl })).toMatchObject(invalidTarget);
    expect(await exchange(asAccount(), token)).toMatchObject(invalidTarget);
    expect(await exchange(asAccount(), token, { resource: upstream, audience: mcpUrl })).toMatchObject(invalidTarget);
    expect(await exchange(asAccount(), token, { resource: upstream, scope: 'stoa:api' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    });
    const other = { requested_token_type: 'urn:ietf:params:oauth:token-type:id_token' };
    expect(await exchange(asAccount(), token, { resource: upstream, ...other })).toMatchObject(invalidRequest);
    expect(await exchange({ client_id: agent.clientId }, token, { resource: upstream })).toMatchObject(invalidRequest);
    expect(await exchange(asCommandLine, token, { resource: mcpUrl })).toMatchObject(invalidRequest);
    expect(await exchange({ ...asAccount(), client_secret: 'stoa_sc_wrong' }, token, { resource: upstream })).toMatchObject({ status: 401 });
  });

  it('is refused when it has expired, was revoked with its grant, is of another issuer or tenant, or was made for something else', async () => {
    const { access_token: token } = await callersToken();
    const claims = claimsOf({ status: 200, body: { access_token: token } as never });
    const refused = async (subject: string) => expect(await exchange(asAccount(), subject, { resource: upstream })).toMatchObject(invalidRequest);
    await refused(await signed({ ...claims, exp: Math.floor(Date.now() / 1000) - 1 }));
    await refused(await signed({ ...claims, iss: 'https://elsewhere.example.com' }));
    await refused(await signed({ ...claims, tenant: tenants.other }));
    await refused(await signed({ ...claims, tenant: randomUUID() }));
    await refused(await signed({ ...claims, aud: upstream }));
    await refused(await signed({ ...claims, sub: randomUUID() }));
    await refused(await signed(claims, (await generateKeyPair('ES256')).privateKey));
    await refused('stoa_at_nothing');
    await refused('nothing at all');
    await refused((await askForToken(issuer, await codeFor(issuer, inDefault, browser, owner))).body.access_token);
    await plane.store.pool.query(`DELETE FROM oidc_payload WHERE model = 'Grant' AND id = $1`, [Buffer.from(String(claims['grant']), 'base64url')]);
    await refused(token);
  });

  it('that is bound to a key of its client is refused, for an exchange would lose that, and a bound token is none for a bearer', async () => {
    const { access_token: token } = await callersToken();
    const bound = { ...claimsOf({ status: 200, body: { access_token: token } as never }), cnf: { jkt: 'x' } };
    expect(await exchange(asAccount(), await signed(bound), { resource: upstream })).toMatchObject(invalidRequest);

    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(publicKey);
    const proof = await new SignJWT({ jti: randomUUID(), htm: 'POST', htu: `${issuer}/token`, iat: Math.floor(Date.now() / 1000) })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
      .sign(privateKey);
    const body = new URLSearchParams(await codeFor(issuer, inDefault, browser, owner));
    const answer = await fetch(`${issuer}/token`, { method: 'POST', headers: { dpop: proof }, body });
    const { access_token: ofCommandLine, token_type: type } = (await answer.json()) as { access_token: string; token_type: string };
    expect([type, (await calculateJwkThumbprint(jwk)).length]).toEqual(['DPoP', 43]);
    expect(await exchange(asCommandLine, ofCommandLine, { resource: mcpUrl })).toMatchObject(invalidRequest);
    expect((await plane.request('GET', '/v1/session', { token: ofCommandLine })).status).toBe(401);
  });

  it('leaves a record of each exchange, and of refusals', async () => {
    await plane.context.audit.counted.stop();
    const { items } = (await plane.request<{ items: AuditRecord[] }>('GET', '/v1/audit?action=exchangeToken&limit=100')).body;
    expect(items.find(({ outcome }) => outcome === 'done')).toMatchObject({
      actor: { kind: 'token', id: account.id },
      object: { kind: 'user', name: 'Ada' },
      detail: { resource: upstream },
    });
    expect(items.find(({ outcome }) => outcome === 'refused')).toMatchObject({ kind: 'refusal', actor: { id: account.id } });
    expect(items.some(({ detail }) => (detail as { error?: string }).error === 'invalid_target')).toBe(true);
  });
});

describe('the command line', () => {
  const signIn = async () => (await askForToken(issuer, await codeFor(issuer, inDefault, browser, owner))).body;
  const grantsIn = async (tenantId: string) =>
    (await plane.store.pool.query(`SELECT FROM oidc_payload WHERE model = 'Grant' AND tenant_id = $1`, [tenantId])).rowCount;

  it('gets a token for a gateway of the tenant, and for no other', async () => {
    const { access_token: token } = await signIn();
    const answer = await exchange(asCommandLine, token, { resource: mcpUrl });
    expect(claimsOf(answer)).toMatchObject({ aud: mcpUrl, tenant: tenants.own, client_id: 'stoactl' });
    await plane.store.pool.query(
      `INSERT INTO gateway (tenant_id, instance_name, environment, gateway_mode, version, endpoints) SELECT $1, 'theirs', environment, gateway_mode, version, $2 FROM gateway LIMIT 1`,
      [tenants.other, JSON.stringify({ mcp: foreignMcpUrl })],
    );
    expect(await exchange(asCommandLine, token, { resource: foreignMcpUrl })).toMatchObject(invalidTarget);
    expect(await exchange(asCommandLine, token, { resource: upstream })).toMatchObject(invalidTarget);
  });

  it('moves a sign-in to another tenant, once, and the one before ends', async () => {
    const before = await signIn();
    expect(await sessionOf(before.access_token)).toBe('default');
    const both = await Promise.all(['other', tenants.other].map((tenant) => exchange(asCommandLine, before.access_token, { tenant })));
    const [moved] = both.filter(({ status }) => status === 200);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect(await sessionOf(moved?.body.access_token ?? '')).toBe('other');
    expect((await plane.request('GET', '/v1/session', { token: before.access_token })).status).toBe(401);
    expect(await exchange(asCommandLine, before.access_token, { tenant: 'default' })).toMatchObject(invalidRequest);
    const refresh = (token = '') => askForToken(issuer, { grant_type: 'refresh_token', client_id: 'stoactl', refresh_token: token });
    expect((await refresh(before.refresh_token)).body.error).toBe('invalid_grant');
    const refreshed = await refresh(moved?.body.refresh_token);
    expect(await sessionOf(refreshed.body.access_token)).toBe('other');
    const { rows } = await plane.store.pool.query(
      `SELECT count(*)::int AS records FROM audit_record WHERE action = 'switchTenant' GROUP BY tenant_id`,
    );
    expect(rows).toEqual([{ records: 1 }, { records: 1 }]);
    expect(await grantsIn(tenants.other)).toBe(1);
  });

  it('keeps the sign-in that it has when one in another tenant cannot be saved', async () => {
    const { access_token: token } = await signIn();
    await plane.store.pool.query(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$;
      CREATE TRIGGER fail BEFORE INSERT ON oidc_payload FOR EACH ROW WHEN (NEW.model = 'RefreshToken') EXECUTE FUNCTION fail()`);
    expect((await exchange(asCommandLine, token, { tenant: 'other' })).status).toBe(500);
    await plane.store.pool.query('DROP TRIGGER fail ON oidc_payload');
    expect(await sessionOf(token)).toBe('default');
  });

  it('gets nothing in a tenant that is suspended, and moves to none', async () => {
    const { access_token: token } = await signIn();
    const suspend = (name: string, at: string) => plane.store.pool.query(`UPDATE tenant SET suspended_at = ${at} WHERE name = $1`, [name]);
    await suspend('other', 'now()');
    expect(await exchange(asCommandLine, token, { tenant: 'other' })).toMatchObject(invalidTarget);
    await suspend('other', 'NULL');
    await suspend('default', 'now()');
    expect(await exchange(asCommandLine, token, { resource: mcpUrl })).toMatchObject(invalidRequest);
    await suspend('default', 'NULL');
    expect(await exchange(asCommandLine, token, { resource: mcpUrl })).toMatchObject({ status: 200 });
  });

  it('moves to no tenant that the person does not belong to, and moves nothing but its own sign-in', async () => {
    const { access_token: token } = await signIn();
    await plane.store.pool.query(`INSERT INTO tenant (name) VALUES ('strangers')`);
    for (const tenant of ['strangers', 'nobodys', randomUUID()])
      expect(await exchange(asCommandLine, token, { tenant })).toMatchObject(invalidTarget);
    expect(await exchange(asCommandLine, token, { tenant: 'other', resource: mcpUrl })).toMatchObject(invalidRequest);
    expect(await exchange(asAccount(), token, { tenant: 'other' })).toMatchObject(invalidRequest);
    expect(await exchange(asCommandLine, (await callersToken()).access_token, { tenant: 'other' })).toMatchObject(invalidRequest);
    expect(await sessionOf(token)).toBe('default');
  });
});
