import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AuditRecord } from '@stoa/generated/schemas.ts';
import { askForToken, authorization } from '../../testing/oauth-client.ts';
import { ScriptedBrowser } from '../../testing/scripted-browser.ts';
import type { ScriptedPage } from '../../testing/scripted-browser.ts';
import { audience, signInThere, startSecondIssuer } from '../../testing/second-issuer/start.ts';
import type { SecondIssuer } from '../../testing/second-issuer/start.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

let issuer: SecondIssuer;
let plane: TestControlPlane;
/** The same Control Plane to a browser, with a rule on how one signs in. */
let strict: TestControlPlane;

beforeAll(async () => {
  issuer = await startSecondIssuer();
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent', ...issuer.env });
  strict = await plane.startAnother({ STOA_OIDC_ACR: 'urn:example:mfa' });
  await issuer.serve(plane.url, strict.url);
});
afterAll(async () => {
  await strict?.close();
  await plane?.close();
  await issuer?.close();
});
beforeEach(async () => {
  await issuer.person({ sub: 'ann', name: 'Ann', email: 'ann@example.com', groups: ['/stoa/owners'] });
});

const browserOf = (at = plane) => new ScriptedBrowser(at.url, { 'user-agent': 'Scripted 1.0' }, [issuer.url]);
const begin = async (browser: ScriptedBrowser, sub: string, path = '/sign-in/start?to=/account'): Promise<ScriptedPage> =>
  signInThere(browser, await browser.open(path), sub);
const session = (browser: ScriptedBrowser, at = plane) =>
  at.request('GET', '/v1/session', { token: undefined, headers: { cookie: `stoa_session=${browser.cookie('stoa_session')}` } });
const signedIn = async (sub = 'ann'): Promise<ScriptedBrowser> => {
  const browser = browserOf();
  expect((await begin(browser, sub)).url).toBe(`${plane.url}/account`);
  return browser;
};
const recorded = async (query: string) => (await plane.request<{ items: AuditRecord[] }>('GET', `/v1/audit${query}`)).body.items;
/** As if the time had passed after which a session asks the issuer again. */
const timePasses = async () => {
  await plane.store.pool.query(`UPDATE operator_token SET issuer_asked_at = now() - interval '11 minutes' WHERE issuer_asked_at IS NOT NULL`);
  plane.context.authenticator.forget();
};

describe('with an external issuer', () => {
  it('the Control Plane says which, and answers no password, invitation or client itself', async () => {
    expect((await plane.request('GET', '/v1/sign-in', { token: undefined })).body).toEqual({
      issuer: issuer.url,
      client_id: 'stoactl',
      scopes: ['openid', 'profile', 'email'],
      kind: 'external',
    });
    for (const path of [
      '/oidc/.well-known/openid-configuration',
      '/oidc/auth',
      '/oidc/device',
      '/join',
      '/.well-known/oauth-authorization-server/oidc',
    ])
      expect([path, (await fetch(plane.url + path)).status]).toEqual([path, 404]);
    expect((await plane.request('POST', '/v1/invitations', { body: { roles: ['viewer'] } })).status).toBe(409);
  });

  it('a person signs in to the Console there, and is what his groups are by the table', async () => {
    const browser = await signedIn();
    expect((await session(browser)).body).toMatchObject({ roles: ['owner'], name: 'Ann' });
    await issuer.person({ sub: 'bob', name: 'Bob', groups: ['/stoa/night', '/stoa/readers', '/elsewhere'] });
    expect((await session(await signedIn('bob'))).body).toMatchObject({ roles: ['viewer', 'operator'], name: 'Bob' });
  });

  it('who has no groups, or none of the table, has no role and gets no session', async () => {
    await issuer.person({ sub: 'cat', name: 'Cat' });
    await issuer.person({ sub: 'dan', name: 'Dan', groups: ['/elsewhere', 'owner'] });
    for (const sub of ['cat', 'dan']) {
      const browser = browserOf();
      const page = await begin(browser, sub);
      expect([page.status, page.text]).toEqual([403, expect.stringContaining('none of your groups has a role here')]);
      expect(browser.cookie('stoa_session')).toBeUndefined();
    }
  });

  it('two persons of one address are two, also where one of them has an account of the embedded issuer', async () => {
    await issuer.person({ sub: 'eve', name: 'Eve', email: 'ann@example.com', groups: ['/stoa/readers'] });
    await plane.store.pool.query(`INSERT INTO app_user (email, name) VALUES ('ann@example.com', 'Ann of here')`);
    await signedIn();
    expect((await session(await signedIn('eve'))).body).toMatchObject({ roles: ['viewer'], name: 'Eve' });
    const { rows } = await plane.store.pool.query(`SELECT name FROM app_user WHERE 'ann@example.com' IN (email, login) ORDER BY name`);
    expect(rows).toEqual([{ name: 'Ann' }, { name: 'Ann of here' }, { name: 'Eve' }]);
  });

  it('a sign-in that another browser began is not completed', async () => {
    const page = await browserOf().open('/sign-in/callback?code=x&state=y');
    expect([page.status, page.text]).toEqual([400, expect.stringContaining('begun in another browser')]);
  });

  it('sessions of persons whom another issuer vouched for are over', async () => {
    const browser = await signedIn();
    const embedded = await plane.startAnother({ STOA_OIDC_ISSUER: 'http://127.0.0.1:9', STOA_OIDC_ROLES: 'a=viewer' });
    expect((await session(browser, embedded)).status).toBe(401);
    await embedded.close();
  });
});

describe('acr', () => {
  it('is asked for, and a sign-in that comes back without it is refused with a way to sign in anew', async () => {
    const browser = browserOf(strict);
    const asked = await fetch(`${strict.url}/sign-in/start`, { redirect: 'manual' });
    expect(new URL(asked.headers.get('location') ?? '').searchParams.get('acr_values')).toBe('urn:example:mfa');
    await issuer.person({ sub: 'ann', groups: ['/stoa/owners'], acr: 'urn:example:password' });
    const page = await begin(browser, 'ann');
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('href="/sign-in/start?again=yes"')]);
    expect(browser.cookie('stoa_session')).toBeUndefined();
    await issuer.person({ sub: 'ann', groups: ['/stoa/owners'], acr: 'urn:example:mfa' });
    expect((await begin(browser, 'ann', '/sign-in/start?again=yes&to=/account')).url).toBe(`${strict.url}/account`);
  });

  it('is asked of access tokens, too', async () => {
    const claims = { iss: issuer.url, aud: audience, azp: 'stoactl', sub: 'ann', exp: 4e9, iat: 1e9, groups: ['/stoa/readers'] };
    const statuses = ['urn:example:password', 'urn:example:mfa', undefined].map(async (acr) => {
      const token = await issuer.sign({ ...claims, ...(acr && { acr }) });
      return (await strict.request('GET', '/v1/session', { token })).status;
    });
    expect(await Promise.all(statuses)).toEqual([401, 200, 401]);
  });
});

describe('a session', () => {
  it('asks the issuer again after a while, once for many requests of several replicas, and takes on the groups of then', async () => {
    const browser = await signedIn();
    await issuer.person({ sub: 'ann', name: 'Ann', groups: ['/stoa/readers'] });
    await timePasses();
    // A second use of the refresh token that was rotated would end everything there.
    const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => session(browser, index % 2 ? plane : strict)));
    expect(answers.map(({ status, body }) => [status, body['roles']])).toEqual(Array(12).fill([200, ['viewer']]));
    await timePasses();
    expect((await session(browser)).status).toBe(200);
    expect(await recorded('?action=followGroups&limit=1')).toMatchObject([
      { kind: 'change', actor: { name: 'Ann' }, object: { kind: 'user', name: 'Ann' }, before: { roles: ['owner'] }, after: { roles: ['viewer'] } },
    ]);
  });

  it('of a person who was disabled there ends then', async () => {
    const browser = await signedIn();
    await issuer.person({ sub: 'ann', groups: ['/stoa/owners'], isDisabled: true });
    await timePasses();
    expect((await session(browser)).status).toBe(401);
    await issuer.person({ sub: 'ann', groups: ['/stoa/owners'] });
    expect((await session(browser)).status).toBe(401);
    expect(await recorded('?action=endSession&limit=1')).toMatchObject([
      { kind: 'sign-in', actor: { name: 'Ann' }, object: { kind: 'session' }, detail: { ended: true, by: 'external issuer', when: 'asked again' } },
    ]);
  });

  it('of a person who lost the last group ends then', async () => {
    const browser = await signedIn();
    await issuer.person({ sub: 'ann', name: 'Ann' });
    await timePasses();
    expect((await session(browser)).status).toBe(401);
  });

  it('waits while the issuer is away, and goes on afterwards', async () => {
    const browser = await signedIn();
    await timePasses();
    await issuer.fail(true);
    const { status, body } = await session(browser);
    expect([status, body['code']]).toEqual([503, 'issuer_unavailable']);
    await issuer.fail(false);
    expect((await session(browser)).status).toBe(200);
  });

  it('keeps the refresh token sealed', async () => {
    await signedIn();
    const { rows } = await plane.store.pool.query<{ kept: string }>(
      `SELECT encode(issuer_refresh, 'escape') AS kept FROM operator_token WHERE issuer_refresh IS NOT NULL`,
    );
    expect(rows.length).toBeGreaterThan(0);
    // An opaque token of the provider, 43 characters of base64url.
    expect(rows.filter(({ kept }) => /^[\w-]{40,}$/.test(kept))).toEqual([]);
  });
});

describe('back-channel logout', () => {
  const logout = (token: string) =>
    fetch(`${plane.url}/sign-in/backchannel-logout`, { method: 'POST', body: new URLSearchParams({ logout_token: token }) });
  const event = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const claims = (given: Record<string, unknown> = {}) => {
    const now = Math.floor(Date.now() / 1000);
    return { iss: issuer.url, aud: 'control-plane', iat: now, exp: now + 120, jti: randomUUID(), events: event, sub: 'ann', ...given };
  };

  it('ends the sessions that come from the session there, and no other', async () => {
    const [browser, other] = [await signedIn(), await signedIn()];
    const ask = await browser.open(`${issuer.url}/session/end`);
    await browser.submit(ask, { logout: 'yes' });
    await vi.waitFor(async () => expect((await session(browser)).status).toBe(401));
    expect((await session(other)).status).toBe(200);
  });

  it('with a person alone ends all of his sessions, once for each token', async () => {
    const [browser, other] = [await signedIn(), await signedIn()];
    await issuer.person({ sub: 'bob', name: 'Bob', groups: ['/stoa/readers'] });
    const bob = await signedIn('bob');
    const token = await issuer.sign(claims(), { typ: 'logout+jwt' });
    expect((await logout(token)).status).toBe(200);
    expect([(await session(browser)).status, (await session(other)).status, (await session(bob)).status]).toEqual([401, 401, 200]);
    const again = await signedIn();
    expect((await logout(token)).status).toBe(400);
    expect((await session(again)).status).toBe(200);
  });

  it.each([
    ['of another issuer', { iss: 'https://other.example' }, {}],
    ['for another client', { aud: 'somebody' }, {}],
    ['with a nonce', { nonce: 'n' }, {}],
    ['without the event', { events: undefined }, {}],
    ['of another event', { events: { 'https://other.example': {} } }, {}],
    ['without a name of its own', { jti: undefined }, {}],
    ['without an end', { exp: undefined }, {}],
    ['that is over', { exp: 1_700_000_000 }, {}],
    ['that is old', { iat: 1_700_000_000 }, {}],
    ['of neither a person nor a session', { sub: undefined }, {}],
    ['that says that it is an access token', {}, { typ: 'at+jwt' }],
  ])('by a token %s is refused', async (_what, given, header) => {
    const browser = await signedIn();
    expect((await logout(await issuer.sign(claims(given), header))).status).toBe(400);
    expect((await session(browser)).status).toBe(200);
  });

  it('by a token that somebody else signed is refused', async () => {
    const [head = '', body = ''] = (await issuer.sign(claims())).split('.');
    const [, , foreign = ''] = (await issuer.sign(claims())).split('.');
    expect((await logout(`${head}.${body}.${foreign}`)).status).toBe(400);
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    expect((await logout(`${none}.${body}.`)).status).toBe(400);
  });
});

describe('an access token of the issuer', () => {
  const commandLine = { clientId: 'stoactl', redirectUri: 'http://127.0.0.1:49153/callback', scope: 'openid profile email' };
  const claims = (given: Record<string, unknown> = {}) => ({
    iss: issuer.url,
    aud: audience,
    azp: 'stoactl',
    sub: 'ann',
    exp: 4e9,
    iat: 1e9,
    name: 'Ann',
    groups: ['/stoa/readers'],
    ...given,
  });
  const ask = (token: string) => plane.request('GET', '/v1/session', { token });

  it('is taken from the command line, with the roles of its groups', async () => {
    const browser = new ScriptedBrowser(issuer.url);
    const { url, verifier } = authorization(issuer.url, commandLine);
    const page = await signInThere(browser, await browser.open(url), 'ann');
    const code = new URL(page.url).searchParams.get('code') ?? '';
    const redeemed = { grant_type: 'authorization_code', client_id: 'stoactl', redirect_uri: commandLine.redirectUri, code, code_verifier: verifier };
    const tokens = await askForToken(issuer.url, redeemed);
    expect((await ask(tokens.body.access_token)).body).toMatchObject({ roles: ['owner'], name: 'Ann' });
    expect((await plane.request('POST', '/v1/consumers', { token: tokens.body.access_token, body: { name: 'by-ann' } })).status).toBe(201);
    expect((await ask(tokens.body.id_token ?? '')).status).toBe(401);
  });

  it.each([
    ['as it should be', {}, {}, 200],
    ['by `client_id` in place of `azp`', { azp: undefined, client_id: 'stoactl' }, {}, 200],
    ['for several, us among them', { aud: ['account', audience] }, {}, 200],
    ['of another issuer', { iss: 'https://other.example' }, {}, 401],
    ['for somebody else', { aud: 'account' }, {}, 401],
    ['for nobody', { aud: undefined }, {}, 401],
    ['of another client', { azp: 'another' }, {}, 401],
    ['of no client', { azp: undefined }, {}, 401],
    ['that is over', { exp: 1_700_000_000 }, {}, 401],
    ['without an end', { exp: undefined }, {}, 401],
    ['of nobody', { sub: undefined }, {}, 401],
    ['that is an ID token', { typ: 'ID' }, {}, 401],
    ['that is bound to a key', { cnf: { jkt: 'x' } }, {}, 401],
    ['of a person without a role', { groups: undefined }, {}, 403],
    ['of a person whose groups are no list', { groups: '/stoa/owners' }, {}, 403],
  ])('%s', async (_what, given, header, status) => {
    expect((await ask(await issuer.sign(claims(given), header))).status).toBe(status);
  });

  it('acts in the tenant that the table names', async () => {
    const { rows } = await plane.store.pool.query<{ id: string }>(`INSERT INTO tenant (name) VALUES ('acme') RETURNING id`);
    const token = await issuer.sign(claims({ sub: 'zoe', groups: ['/acme'] }));
    expect((await ask(token)).body).toMatchObject({ roles: ['auditor'] });
    const principal = await plane.context.authenticator.authenticate(token);
    expect(principal?.tenantId).toBe(rows[0]?.id);
  });

  it('of a person who was disabled here is refused', async () => {
    const token = await issuer.sign(claims({ sub: 'yan' }));
    expect((await ask(token)).status).toBe(200);
    await plane.store.pool.query(`UPDATE app_user SET disabled_at = now() WHERE subject = 'yan'`);
    plane.context.authenticator.forget();
    expect((await ask(token)).status).toBe(401);
  });
});
