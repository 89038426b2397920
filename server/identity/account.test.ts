import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UserList } from '@stoa/generated/schemas.ts';
import { joinBy, signIn } from '../testing/person.ts';
import type { Person } from '../testing/person.ts';
import { ScriptedBrowser } from '../testing/scripted-browser.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';
import { joinUrl } from './paths.ts';
import { invite } from './invitations.ts';
import { totpCode } from './totp.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent' });
});
afterAll(() => plane.close());

let last = 0;
async function newPerson(): Promise<Person> {
  last += 1;
  const { body } = await plane.request<{ url: string }>('POST', '/v1/invitations', { body: { roles: ['viewer'] } });
  return joinBy(plane, body.url, `person-${last}@example.com`);
}
const open = async (person: Person, to = '/account') => {
  const browser = new ScriptedBrowser(plane.url);
  return { browser, page: await signIn(browser, await browser.open(`/sign-in/start?to=${encodeURIComponent(to)}`), person) };
};
const session = (browser: ScriptedBrowser) =>
  plane.request('GET', '/v1/session', { token: undefined, headers: { cookie: `stoa_session=${browser.cookie('stoa_session')}` } });
const proofOf = (person: Person) => ({ password: person.password, code: person.recoveryCodes.shift() ?? '' });
const faultsIn = (text: string) => [...text.matchAll(/class="fault" id="([\w-]+)-fault"/g)].map(([, name]) => name);
/** A tenant of this name, and an invitation into it. */
async function tenant(name: string, roles: string[], email?: string): Promise<{ id: string; link: string }> {
  const { pool } = plane.store;
  const { rows } = await pool.query<{ id: string }>('INSERT INTO tenant (name) VALUES ($1) RETURNING id', [name]);
  const id = rows[0]?.id ?? '';
  const { code } = await invite(pool, plane.context.keys, { tenantId: id, roles, email });
  return { id, link: joinUrl(plane.url, code) };
}

describe('the password', () => {
  it('is changed by who proves once more who he is, and signs every other browser out', async () => {
    const person = await newPerson();
    const [{ browser }, other] = [await open(person), await open(person)];
    const form = await browser.open('/account/password');
    const wrong = await browser.submit(form, { new_password: 'nine red boats in a row', ...proofOf(person), password: 'not the password' });
    expect([wrong.status, faultsIn(wrong.text)]).toEqual([400, ['password']]);
    const weak = await browser.submit(form, { new_password: 'short', ...proofOf(person) });
    expect([weak.status, faultsIn(weak.text)]).toEqual([400, ['new_password']]);
    const noCode = await browser.submit(form, { new_password: 'nine red boats in a row', ...proofOf(person), code: '000000' });
    expect([noCode.status, faultsIn(noCode.text)]).toEqual([400, ['code']]);
    expect((await session(other.browser)).status).toBe(200);
    const done = await browser.submit(form, { new_password: 'nine red boats in a row', ...proofOf(person) });
    expect([done.status, done.text]).toEqual([200, expect.stringContaining('Your password is changed')]);
    expect([(await session(browser)).status, (await session(other.browser)).status]).toEqual([200, 401]);
    const before = await open(person);
    expect(before.page.text).toContain('Address and password do not belong together');
    expect((await open({ ...person, password: 'nine red boats in a row' })).page.url).toBe(`${plane.url}/account`);
  });

  it('stays as it was, and nobody is signed out, where the change cannot be recorded', async () => {
    const person = await newPerson();
    const [{ browser }, other] = [await open(person), await open(person)];
    const form = await browser.open('/account/password');
    const { pool } = plane.store;
    await pool.query(`ALTER TABLE audit_record ADD CONSTRAINT unrecordable CHECK (action <> 'changePassword') NOT VALID`);
    const failed = await browser.submit(form, { new_password: 'nine red boats in a row', ...proofOf(person) });
    await pool.query('ALTER TABLE audit_record DROP CONSTRAINT unrecordable');
    expect(failed.status).toBe(500);
    expect((await session(other.browser)).status).toBe(200);
    expect((await open(person)).page.url).toBe(`${plane.url}/account`);
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
    expect((await open({ ...person, recoveryCodes: [totpCode(secret, later)] })).page.url).toBe(`${plane.url}/account`);
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
    expect((await open({ ...person, recoveryCodes: codes })).page.url).toBe(`${plane.url}/account`);
  });
});

describe('an invitation of somebody who has an account', () => {
  it('asks to sign in, and makes the account belong to both tenants', async () => {
    const person = await newPerson();
    const { link } = await tenant('second', ['auditor'], person.email);
    const browser = new ScriptedBrowser(plane.url);
    const asked = await browser.open(link);
    expect(asked.text).toContain('has an account here already');
    const way = /class="button" href="([^"]+)"/.exec(asked.text)?.[1] ?? '';
    const accept = await signIn(browser, await browser.open(way), person);
    expect(accept.text).toContain('Join as Ada');
    const page = await browser.submit(accept);
    expect([page.url, page.text]).toEqual([`${plane.url}/account`, expect.stringContaining('second')]);
    expect((await session(browser)).body).toMatchObject({ tenant: { name: 'second' }, roles: ['auditor'] });
    expect((await browser.open(link)).status).toBe(404);
    const people = (await plane.request<UserList>('GET', '/v1/users')).body.items.filter(({ email }) => email === person.email);
    expect(people.map(({ roles }) => roles)).toEqual([['viewer']]);
  });

  it('for another address than that of the account is not taken by it', async () => {
    const person = await newPerson();
    const { link } = await tenant('third', ['owner'], 'somebody-else@example.com');
    const { browser } = await open(person);
    const code = new URL(link).searchParams.get('code') ?? '';
    const response = await fetch(`${plane.url}/join/accept`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: `stoa_session=${browser.cookie('stoa_session')}`, origin: plane.url },
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
    expect((await browser.submit(page, { tenant: id })).url).toBe(`${plane.url}/account`);
    expect((await session(browser)).body).toMatchObject({ tenant: { name: 'fourth' }, roles: ['operator'] });
    expect((await plane.request('GET', '/v1/session', { token: undefined, headers: { cookie: `stoa_session=${before}` } })).status).toBe(401);
    const nowhere = await browser.submit(await browser.open('/account'), { tenant: '5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11' }, '/account/tenant');
    expect(nowhere.status).toBe(404);
    expect((await session(browser)).body).toMatchObject({ tenant: { name: 'fourth' } });
  });
});

describe('a browser that came by the link of a token', () => {
  it('is told that it has no account, and is not sent to sign in', async () => {
    const { body } = await plane.request<{ url: string }>('POST', '/v1/sign-in-links');
    const code = new URL(body.url).hash.slice('#code='.length);
    const { headers } = await plane.request('POST', '/v1/session', { token: undefined, body: { code } });
    const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? '';
    for (const path of ['/account', '/account/password', '/account/tenant']) {
      const response = await fetch(plane.url + path, { redirect: 'manual', headers: { cookie } });
      expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('No account here')]);
    }
  });
});
