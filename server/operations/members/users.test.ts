import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MintedOperatorToken, User, UserList } from '@stoa/generated/schemas.ts';
import { askForToken, codeFor, commandLine } from '../../testing/oauth-client.ts';
import { joinAsOwner, joinBy, signIn } from '../../testing/person.ts';
import type { Person } from '../../testing/person.ts';
import { expectGuarded, mintViewer } from '../../testing/refusals.ts';
import { ScriptedBrowser } from '../../testing/scripted-browser.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

let plane: TestControlPlane;
let ada: Person;

beforeAll(async () => {
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent' });
  ada = await joinAsOwner(plane);
});
afterAll(() => plane.close());

const nobodysId = '5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11';
const users = async () => (await plane.request<UserList>('GET', '/v1/users')).body.items;
const idOf = async (email: string) => (await users()).find((user) => user.email === email)?.user_id ?? '';
const edit = (id: string, body: object, options: { token?: string; headers?: Record<string, string> } = {}) =>
  plane.request<User & { code?: string; detail?: string }>('PATCH', `/v1/users/${id}`, { body, ...options });
const invite = async (email: string, roles: string[]): Promise<{ person: Person; id: string }> => {
  const { body } = await plane.request<{ url: string }>('POST', '/v1/invitations', { body: { email, roles } });
  return { person: await joinBy(plane, body.url, email), id: await idOf(email) };
};
const tokenOf = async (person: Person) => {
  const issuer = `${plane.url}/oidc`;
  return (await askForToken(issuer, await codeFor(issuer, commandLine, new ScriptedBrowser(plane.url), person))).body;
};
const mint = async (role: string) =>
  (await plane.request<{ secret: string }>('POST', '/v1/operator-tokens', { body: { name: role, role } })).body.secret;
const sessionOf = async (person: Person) => {
  const browser = new ScriptedBrowser(plane.url);
  await signIn(browser, await browser.open('/sign-in/start?to=/account'), person);
  return () => plane.request('GET', '/v1/session', { token: undefined, headers: { cookie: `stoa_session=${browser.cookie('stoa_session')}` } });
};

it('answers 401 and 403 to whoever may not', async () => {
  await expectGuarded(plane, [
    { method: 'PATCH', path: `/v1/users/${nobodysId}`, body: { roles: ['viewer'] } },
    { method: 'DELETE', path: `/v1/users/${nobodysId}` },
  ]);
  expect((await plane.request('GET', '/v1/users', { token: await mintViewer(plane) })).status).toBe(403);
  expect((await edit(nobodysId, { roles: ['viewer'] })).status).toBe(404);
});

it('lists people page by page, and finds them by name', async () => {
  await invite('bob@example.com', ['viewer']);
  const first = (await plane.request<UserList>('GET', '/v1/users?limit=1')).body;
  const second = (await plane.request<UserList>('GET', `/v1/users?limit=1&cursor=${first.next_cursor}`)).body;
  expect([...first.items, ...second.items].map(({ email, roles, state, issuer }) => [email, roles, state, issuer])).toEqual([
    ['ada@example.com', ['owner'], 'active', 'embedded'],
    ['bob@example.com', ['viewer'], 'active', 'embedded'],
  ]);
  expect(second.next_cursor).toBeNull();
  const [bob] = second.items;
  expect([first.items[0]?.created_by, bob?.created_by, bob?.updated_by]).toEqual([undefined, expect.objectContaining({ kind: 'token' }), undefined]);
  expect((await edit(bob?.user_id ?? '', { roles: ['viewer'] })).body.updated_by).toMatchObject({ kind: 'token' });
  expect((await plane.request<UserList>('GET', '/v1/users?search=nobody')).body.items).toEqual([]);
});

it('gives other roles, which hold at the next request of a token that is out', async () => {
  const { person, id } = await invite('cleo@example.com', ['viewer']);
  const { access_token: token } = await tokenOf(person);
  expect((await plane.request('POST', '/v1/gateway-keys', { token, body: { name: 'x' } })).status).toBe(403);
  const { headers, body } = await plane.request<User>('GET', `/v1/users/${id}`);
  expect(body.roles).toEqual(['viewer']);
  const match = { 'if-match': headers.get('etag') ?? '' };
  expect((await edit(id, { roles: ['operator'] }, { headers: match })).body).toMatchObject({ roles: ['operator'] });
  expect((await edit(id, { roles: ['viewer'] }, { headers: match })).status).toBe(412);
  expect((await plane.request('POST', '/v1/gateway-keys', { token, body: { name: 'x' } })).status).toBe(201);
});

describe('who is disabled', () => {
  it('is out at once, with sessions, tokens and refresh tokens, and in again with what was signed in anew', async () => {
    const { person, id } = await invite('dora@example.com', ['operator']);
    const [session, tokens] = [await sessionOf(person), await tokenOf(person)];
    expect((await session()).status).toBe(200);
    expect((await edit(id, { state: 'disabled' })).body.state).toBe('disabled');
    expect([(await session()).status, (await plane.request('GET', '/v1/session', { token: tokens.access_token })).status]).toEqual([401, 401]);
    const refresh = { grant_type: 'refresh_token', client_id: 'stoactl', refresh_token: tokens.refresh_token ?? '' };
    expect((await askForToken(`${plane.url}/oidc`, refresh)).body.error).toBe('invalid_grant');
    const browser = new ScriptedBrowser(plane.url);
    const page = await signIn(browser, await browser.open('/sign-in/start'), person);
    expect([page.status, page.text, browser.cookie('stoa_session')]).toEqual([
      400,
      expect.stringContaining('may not sign in here any more'),
      undefined,
    ]);
    expect((await edit(id, { state: 'active' })).body.state).toBe('active');
    expect((await session()).status).toBe(401);
    expect((await (await sessionOf(person))()).status).toBe(200);
  });
});

describe('who is removed', () => {
  it('is out at once and listed no more, and belongs to other tenants still', async () => {
    const { person, id } = await invite('eli@example.com', ['viewer']);
    const { pool } = plane.store;
    await pool.query(
      `WITH other AS (INSERT INTO tenant (name) VALUES ('other') RETURNING id) INSERT INTO membership SELECT $1, id, '{viewer}' FROM other`,
      [id],
    );
    const session = await sessionOf(person);
    expect((await plane.request('DELETE', `/v1/users/${id}`)).status).toBe(204);
    expect([(await session()).status, await idOf('eli@example.com')]).toEqual([401, '']);
    expect((await plane.request('DELETE', `/v1/users/${id}`)).status).toBe(404);
    expect((await (await sessionOf(person))()).body).toMatchObject({ tenant: { name: 'other' }, roles: ['viewer'] });
  });
});

describe('a link to join, or to a new password,', () => {
  it('is good while who made it might make it still: not once he has other roles or is disabled, or his token is revoked', async () => {
    const { person, id } = await invite('ivo@example.com', ['admin']);
    const { id: other } = await invite('jan@example.com', ['viewer']);
    const send = async (token: string) => {
      const make = async (path: string, body?: object) =>
        (await plane.request<{ url: string }>('POST', path, { token, ...(body && { body }) })).body.url;
      return [await make('/v1/invitations', { roles: ['viewer'] }), await make(`/v1/users/${other}/reset-link`)];
    };
    const open = (links: string[]) => Promise.all(links.map(async (link) => (await new ScriptedBrowser(plane.url).open(link)).status));
    const sent = await send((await tokenOf(person)).access_token);
    expect(await open(sent)).toEqual([200, 200]);
    await edit(id, { roles: ['operator'] });
    expect(await open(sent)).toEqual([404, 404]);
    await edit(id, { roles: ['admin'] });
    expect(await open(sent)).toEqual([200, 200]);
    await edit(id, { state: 'disabled' });
    expect(await open(sent)).toEqual([404, 404]);

    const { body: minted } = await plane.request<MintedOperatorToken>('POST', '/v1/operator-tokens', { body: { name: 'desk', role: 'admin' } });
    const byToken = await send(minted.secret);
    expect(await open(byToken)).toEqual([200, 200]);
    await plane.request('DELETE', `/v1/operator-tokens/${minted.token.token_id}`);
    expect(await open(byToken)).toEqual([404, 404]);
  });
});

describe('nobody', () => {
  it('gives more than he has, or changes who has more', async () => {
    const { id } = await invite('fay@example.com', ['viewer']);
    const admin = await mint('admin');
    expect((await edit(id, { roles: ['owner'] }, { token: admin })).body.code).toBe('more_than_own_rights');
    expect((await edit(id, { roles: ['publisher'] }, { token: admin })).status).toBe(200);
    const owner = await idOf(ada.email);
    expect((await edit(owner, { roles: ['viewer'] }, { token: admin })).body.code).toBe('more_than_own_rights');
    const narrow = { name: 'desk', roles: ['admin'], scopes: ['members.write'] };
    const desk = (await plane.request<{ secret: string }>('POST', '/v1/operator-tokens', { body: narrow })).body.secret;
    const invited = await plane.request<{ code: string }>('POST', '/v1/invitations', { token: desk, body: { roles: ['publisher'] } });
    expect([invited.status, invited.body.code]).toEqual([403, 'more_than_own_rights']);
    expect((await edit(id, { roles: ['admin'] }, { token: desk })).body.code).toBe('more_than_own_rights');
    expect((await edit(id, { state: 'disabled' }, { token: desk })).status).toBe(200);
    expect((await plane.request('DELETE', `/v1/users/${owner}`, { token: admin })).status).toBe(403);
  });

  it('takes the last owner from a tenant, in whatever way; of two who take each other at once one stays', async () => {
    const id = await idOf(ada.email);
    for (const change of [{ roles: ['admin'] }, { state: 'disabled' }]) expect((await edit(id, change)).body.code).toBe('last_owner');
    expect((await plane.request<{ code: string }>('DELETE', `/v1/users/${id}`)).body.code).toBe('last_owner');
    const { id: other } = await invite('gil@example.com', ['owner']);
    const answers = await Promise.all([id, other].map((each) => edit(each, { state: 'disabled' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    for (const each of [id, other]) await edit(each, { state: 'active' });
  });
});

it('roles of a person of an external issuer follow from groups there, and disabling him here holds whatever those say', async () => {
  const { rows } = await plane.store.pool.query<{ user_id: string }>(
    `WITH made AS (INSERT INTO app_user (issuer, subject, login, name) VALUES ('https://login.example', 'hal', 'hal@example.com', 'Hal') RETURNING id)
     INSERT INTO membership (user_id, tenant_id, roles) SELECT made.id, t.id, '{viewer}' FROM made, tenant t WHERE t.name = 'default' RETURNING user_id`,
  );
  const id = rows[0]?.user_id ?? '';
  expect((await plane.request('GET', `/v1/users/${id}`)).body).toMatchObject({ email: 'hal@example.com', issuer: 'external' });
  expect((await edit(id, { roles: ['admin'] })).body.code).toBe('external_issuer');
  expect((await plane.request<{ code: string }>('DELETE', `/v1/users/${id}`)).body.code).toBe('external_issuer');
  expect((await edit(id, { state: 'disabled' })).status).toBe(200);
});
