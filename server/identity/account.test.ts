import { describe, expect, it } from 'vitest';
import type { MintedPersonalToken, OperatorTokenList, PersonalTokenList, Session, UserList } from '@stoa/generated/schemas.ts';
import { signIn } from '../testing/person.ts';
import type { Person } from '../testing/person.ts';
import { ScriptedBrowser } from '../testing/scripted-browser.ts';
import { totpCode } from './totp.ts';
import { accountBench } from '../testing/account-bench.ts';

const bench = accountBench();
const { by, newPerson, open, session, personalTokenOf, statusWith, faultsIn, tenant } = bench;
const proofOf = (person: Person) => ({ password: person.password, code: person.recoveryCodes.shift() ?? '' });

describe('the password', () => {
  it('is changed by who proves once more who he is, and signs every other browser and program out', async () => {
    const person = await newPerson();
    const [{ browser }, other] = [await open(person), await open(person)];
    const program = await personalTokenOf(other.browser);
    const form = await browser.open('/account/password');
    const wrong = await browser.submit(form, { new_password: 'nine red boats in a row', ...proofOf(person), password: 'not the password' });
    expect([wrong.status, faultsIn(wrong.text)]).toEqual([400, ['password']]);
    const weak = await browser.submit(form, { new_password: 'short', ...proofOf(person) });
    expect([weak.status, faultsIn(weak.text)]).toEqual([400, ['new_password']]);
    const noCode = await browser.submit(form, { new_password: 'nine red boats in a row', ...proofOf(person), code: '000000' });
    expect([noCode.status, faultsIn(noCode.text)]).toEqual([400, ['code']]);
    expect([(await session(other.browser)).status, await statusWith(program)]).toEqual([200, 200]);
    const done = await browser.submit(form, { new_password: 'nine red boats in a row', ...proofOf(person) });
    expect([done.status, done.text]).toEqual([200, expect.stringContaining('Your password is changed')]);
    expect([(await session(browser)).status, (await session(other.browser)).status, await statusWith(program)]).toEqual([200, 401, 401]);
    const before = await open(person);
    expect(before.page.text).toContain('Address and password do not belong together');
    expect((await open({ ...person, password: 'nine red boats in a row' })).page.url).toBe(`${bench.plane.url}/account`);
  });

  it('stays as it was, and nobody is signed out, where the change cannot be recorded', async () => {
    const person = await newPerson();
    const [{ browser }, other] = [await open(person), await open(person)];
    const form = await browser.open('/account/password');
    const { pool } = bench.plane.store;
    await pool.query(`ALTER TABLE audit_record ADD CONSTRAINT unrecordable CHECK (action <> 'changePassword') NOT VALID`);
    const failed = await browser.submit(form, { new_password: 'nine red boats in a row', ...proofOf(person) });
    await pool.query('ALTER TABLE audit_record DROP CONSTRAINT unrecordable');
    expect(failed.status).toBe(500);
    expect((await session(other.browser)).status).toBe(200);
    expect((await open(person)).page.url).toBe(`${bench.plane.url}/account`);
  });
});

describe('the authenticator', () => {
  it('is changed for one that shows its code, and codes of the one before are good no more', async () => {
    const person = await newPerson();
    const { browser } = await open(person);
    const form = await browser.open('/account/authenticator');
    const secret = /id="totp-key">([A-Z2-7 ]+)</.exec(form.text)?.[1]?.replaceAll(' ', '') ?? '';
    expect(secret).not.toBe(person.totpSecret);
    const wrong = await browser.submit(form, { totp: '000000', ...proofOf(person) });
    expect([wrong.status, faultsIn(wrong.text)]).toEqual([400, ['totp']]);
    // What was shown stays shown: the app has it by now.
    expect(wrong.text).toContain(/id="totp-key">([^<]+)</.exec(form.text)?.[1] ?? '-');
    const done = await browser.submit(wrong, { totp: totpCode(secret), ...proofOf(person) });
    expect(done.text).toContain('Your authenticator is changed');
    const later = Date.now() + 30_000;
    const old = { ...person, recoveryCodes: [totpCode(person.totpSecret, later)] };
    expect((await open(old)).page.text).toContain('This code is not right');
    expect((await open({ ...person, recoveryCodes: [totpCode(secret, later)] })).page.url).toBe(`${bench.plane.url}/account`);
  });
});

describe('recovery codes', () => {
  it('are made anew, in place of those before', async () => {
    const person = await newPerson();
    const { browser } = await open(person);
    const done = await browser.submit(await browser.open('/account/recovery-codes'), proofOf(person));
    const codes = [...done.text.matchAll(/<li>([A-Z2-9-]{14})<\/li>/g)].map(([, code]) => code ?? '');
    expect(codes).toHaveLength(10);
    expect((await open(person)).page.text).toContain('This code is not right');
    expect((await open({ ...person, recoveryCodes: codes })).page.url).toBe(`${bench.plane.url}/account`);
  });
});

describe('an invitation of somebody who has an account', () => {
  it('asks to sign in, and makes the account belong to both tenants', async () => {
    const person = await newPerson();
    const { link } = await tenant('second', ['auditor'], person.email);
    const browser = new ScriptedBrowser(bench.plane.url);
    const asked = await browser.open(link);
    expect(asked.text).toContain('has an account here already');
    const way = /class="button" href="([^"]+)"/.exec(asked.text)?.[1] ?? '';
    const accept = await signIn(browser, await browser.open(way), person);
    expect(accept.text).toContain('Join as Ada');
    const page = await browser.submit(accept);
    expect([page.url, page.text]).toEqual([`${bench.plane.url}/account`, expect.stringContaining('second')]);
    expect((await session(browser)).body).toMatchObject({ tenant: { name: 'second' }, roles: ['auditor'] });
    expect((await browser.open(link)).status).toBe(404);
    const people = (await bench.plane.request<UserList>('GET', '/v1/users')).body.items.filter(({ email }) => email === person.email);
    expect(people.map(({ roles }) => roles)).toEqual([['viewer']]);
  });

  it('for another address than that of the account is not taken by it', async () => {
    const person = await newPerson();
    const { link } = await tenant('third', ['owner'], 'somebody-else@example.com');
    const { browser } = await open(person);
    const code = new URL(link).searchParams.get('code') ?? '';
    const response = await fetch(`${bench.plane.url}/join/accept`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: `stoa_session=${browser.cookie('stoa_session')}`, origin: bench.plane.url },
      body: new URLSearchParams({ code }),
    });
    expect(response.status).toBe(404);
    expect((await session(browser)).body).toMatchObject({ tenant: { name: 'default' } });
  });
});

describe('somebody of several tenants', () => {
  it('chooses one at signing in and another later, each time for another session', async () => {
    const person = await newPerson();
    const { id, link } = await tenant('fourth', ['operator']);
    const first = await open(person, new URL(link).pathname + new URL(link).search);
    await first.browser.submit(first.page);
    const { browser, page } = await open(person);
    expect([page.url, page.text]).toEqual([expect.stringContaining('/account/tenant?to=%2Faccount'), expect.stringContaining('Where do you work?')]);
    const before = browser.cookie('stoa_session');
    expect((await browser.submit(page, { tenant: id })).url).toBe(`${bench.plane.url}/account`);
    expect((await session(browser)).body).toMatchObject({ tenant: { name: 'fourth' }, roles: ['operator'] });
    expect((await bench.plane.request('GET', '/v1/session', { token: undefined, headers: { cookie: `stoa_session=${before}` } })).status).toBe(401);
    const nowhere = await browser.submit(await browser.open('/account'), { tenant: '5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11' }, '/account/tenant');
    expect(nowhere.status).toBe(404);
    expect((await session(browser)).body).toMatchObject({ tenant: { name: 'fourth' } });
  });
});

describe('a browser that came by the link of a token', () => {
  it('is told that it has no account, and is not sent to sign in', async () => {
    const { body } = await bench.plane.request<{ url: string }>('POST', '/v1/sign-in-links');
    const code = new URL(body.url).hash.slice('#code='.length);
    const { headers } = await bench.plane.request('POST', '/v1/session', { token: undefined, body: { code } });
    const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? '';
    for (const path of ['/account', '/account/password', '/account/tenant']) {
      const response = await fetch(bench.plane.url + path, { redirect: 'manual', headers: { cookie } });
      expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('No account here')]);
    }
  });
});

describe('a personal access token', () => {
  type Problem = { status?: number; code?: string; errors?: { pointer: string; message: string }[] };
  const tokens = '/v1/users/me/tokens';
  const make = (as: object, body: object) => bench.plane.request<MintedPersonalToken & Problem>('POST', tokens, { body, ...as });
  const rightsWith = async (token: string) => (await bench.plane.request<Session>('GET', '/v1/session', { token })).body;
  const statusOf = async (path: string, token: string) => (await bench.plane.request('GET', path, { token })).status;

  it('may do what its person may at its use, or less, is told once, and ends by itself, by its person and with the membership', async () => {
    const { browser } = await open(await newPerson());
    const { token, secret } = (await make(by(browser), { name: 'all' })).body;
    expect(secret).toMatch(/^stoa_pt_[A-Za-z0-9_-]{43}$/);
    expect(Math.round((Date.parse(token.expires_at) - Date.parse(token.created_at)) / 86_400_000)).toBe(90);
    const narrow = (await make(by(browser), { name: 'narrow', scopes: ['apis.read'] })).body;
    expect(await Promise.all(['/v1/apis', '/v1/consumers'].map((path) => statusOf(path, secret)))).toEqual([200, 200]);
    expect(await Promise.all(['/v1/apis', '/v1/consumers'].map((path) => statusOf(path, narrow.secret)))).toEqual([200, 403]);

    const { user, permissions } = await rightsWith(secret);
    expect(permissions).not.toContain('apis.write');
    await bench.plane.request('PATCH', `/v1/users/${user?.user_id}`, { body: { roles: ['publisher'] } });
    expect((await rightsWith(secret)).permissions).toContain('apis.write');
    expect((await rightsWith(narrow.secret)).permissions).toEqual(['apis.read']);

    const own = async () => (await bench.plane.request<PersonalTokenList>('GET', tokens, by(browser))).body.items;
    await expect.poll(async () => (await own()).every(({ last_used_at: used }) => used !== undefined), { timeout: 10_000 }).toBe(true);
    expect(JSON.stringify(await own())).not.toContain(secret);
    const { items } = (await bench.plane.request<OperatorTokenList>('GET', '/v1/operator-tokens?search=narrow')).body;
    expect(items).toMatchObject([{ kind: 'personal', scopes: ['apis.read'], created_by: { kind: 'user' } }]);
    expect((await browser.open('/account')).text).toContain('<div>narrow in default');

    const other = await open(await newPerson());
    const path = `${tokens}/${narrow.token.token_id}`;
    expect((await bench.plane.request('DELETE', path, by(other.browser))).status).toBe(404);
    expect((await bench.plane.request('DELETE', path, by(browser))).status).toBe(204);
    expect(await Promise.all([secret, narrow.secret].map((each) => statusOf('/v1/apis', each)))).toEqual([200, 401]);
    expect((await own()).map(({ name, state }) => [name, state])).toEqual([
      ['all', 'valid'],
      ['narrow', 'revoked'],
    ]);
    await bench.plane.request('DELETE', `/v1/users/${user?.user_id}`);
    expect(await statusOf('/v1/apis', secret)).toBe(401);
  });

  it('is made by a person who is signed in alone, for what the person may, and for a year at most', async () => {
    const { browser } = await open(await newPerson());
    const { secret } = (await make(by(browser), { name: 'first' })).body;
    expect((await make({ token: secret }, { name: 'second' })).body).toMatchObject({ status: 403, code: 'sign_in_needed' });
    expect((await make({}, { name: 'of a token' })).body).toMatchObject({ status: 403, code: 'person_needed' });
    expect((await make(by(browser), { name: 'more', scopes: ['apis.write'] })).body).toMatchObject({ status: 403, code: 'more_than_own_rights' });
    for (const [expires_at, message] of [
      ['2100-01-01T00:00:00.000Z', 'must be within 366 days'],
      ['2020-01-01T00:00:00.000Z', 'must be in the future'],
    ])
      expect((await make(by(browser), { name: 'timeless', expires_at })).body.errors).toEqual([{ pointer: '/body/expires_at', message }]);
  });
});
