import { describe, expect, it } from 'vitest';
import type { Approval, MintedOperatorToken, UserList } from '@stoa/generated/schemas.ts';
import { deleteExpiredRows } from '../fleet/housekeeping.ts';
import type { Person } from '../testing/person.ts';
import { ScriptedBrowser } from '../testing/scripted-browser.ts';
import { totpCode } from './totp.ts';
import { accountBench } from '../testing/account-bench.ts';

const bench = accountBench();
const { by, newPerson, open, session, personalTokenOf, statusWith, faultsIn, tenant } = bench;

describe('a link to a new password', () => {
  const linkFor = async ({ email }: Person) => {
    const { items } = (await bench.plane.request<UserList>('GET', '/v1/users?limit=500')).body;
    const id = items.find((user) => user.email === email)?.user_id ?? '';
    return { id, ...(await bench.plane.request<{ url: string; code?: string }>('POST', `/v1/users/${id}/reset-link`)).body };
  };

  it('sets password, authenticator and recovery codes anew, once, and signs the person and his programs out everywhere', async () => {
    const person = await newPerson();
    const { browser } = await open(person);
    const program = await personalTokenOf(browser);
    expect(await statusWith(program)).toBe(200);
    const { url } = await linkFor(person);
    const anywhere = new ScriptedBrowser(bench.plane.url);
    const form = await anywhere.open(url);
    expect(form.text).toContain('Choose a new password');
    expect(form.text).not.toContain('name="name"');
    const totp = totpCode(/id="totp-key">([A-Z2-7 ]+)</.exec(form.text)?.[1]?.replaceAll(' ', '') ?? '');
    expect(faultsIn((await anywhere.submit(form, { password: 'short', totp })).text)).toEqual(['password']);
    const password = 'nine red boats in a row';
    const done = await anywhere.submit(form, { password, totp });
    const recoveryCodes = [...done.text.matchAll(/<li>([A-Z2-9-]{14})<\/li>/g)].map(([, code]) => code ?? '');
    expect([recoveryCodes.length, (await session(browser)).status, (await anywhere.open(url)).status]).toEqual([10, 401, 404]);
    expect(await statusWith(program)).toBe(401);
    expect((await open(person)).page.text).toContain('Address and password do not belong together');
    expect((await open({ ...person, password })).page.url).not.toBe(`${bench.plane.url}/account`);
    expect((await open({ ...person, password, recoveryCodes })).page.url).toBe(`${bench.plane.url}/account`);
  });

  it('makes the person no second person for a week for who made it, who could have used it himself', async () => {
    const [asking, other] = [await newPerson(), await newPerson()];
    for (const person of [asking, other])
      await bench.plane.request('PATCH', `/v1/users/${(await linkFor(person)).id}`, { body: { roles: ['admin'] } });
    const [{ browser: asks }, { id }] = [await open(asking), await linkFor(other)];
    const change = (four_eyes: string[], as: object) =>
      bench.plane.request<Approval>('PUT', '/v1/environments/guarded', { ...as, body: { four_eyes } });
    const approve = async (wanted: Approval, browser: ScriptedBrowser) => {
      const path = `/v1/approvals/${wanted.approval_id}/approve`;
      const { status, body } = await bench.plane.request<{ code?: string }>('POST', path, { ...by(browser), body: {} });
      return [status, body.code];
    };
    await change(['policies', 'reveals'], {});
    const { body: wanted } = await change([], by(asks));

    // One link that nobody uses, and the next, which is used by whoever made it.
    const { pool } = bench.plane.store;
    const reset = async (as: object) => {
      const { body } = await bench.plane.request<{ url: string }>('POST', `/v1/users/${id}/reset-link`, as);
      return body.url;
    };
    await reset(by(asks));
    const url = await reset(by(asks));
    const anywhere = new ScriptedBrowser(bench.plane.url);
    const form = await anywhere.open(url);
    const totp = totpCode(/id="totp-key">([A-Z2-7 ]+)</.exec(form.text)?.[1]?.replaceAll(' ', '') ?? '');
    const password = 'nine red boats in a row';
    const done = await anywhere.submit(form, { password, totp });
    const recoveryCodes = [...done.text.matchAll(/<li>([A-Z2-9-]{14})<\/li>/g)].map(([, code]) => code ?? '');
    const { browser: taken } = await open({ ...other, password, recoveryCodes });
    expect((await session(taken)).status).toBe(200);
    expect(await approve(wanted, taken)).toEqual([403, 'linked_to_requester']);

    // So it is by a token that who asks has minted.
    const minted = { name: 'desk', roles: ['admin'] };
    const { token } = (await bench.plane.request<MintedOperatorToken>('POST', '/v1/operator-tokens', { ...by(asks), body: minted })).body;
    const madeBy = (maker: object) => pool.query('UPDATE invitation SET created_by = $2 WHERE user_id = $1', [id, maker]);
    await madeBy({ kind: 'token', id: token.token_id, name: 'desk' });
    expect(await approve(wanted, taken)).toEqual([403, 'linked_to_requester']);

    // What is a week old, and has outlived the link, stands in nobody's way.
    await pool.query(`UPDATE invitation SET expires_at = now() - interval '7 days' WHERE user_id = $1`, [id]);
    await deleteExpiredRows(pool);
    expect(await approve(wanted, taken)).toEqual([403, 'linked_to_requester']);
    await pool.query(`UPDATE invitation SET used_at = now() - interval '8 days' WHERE user_id = $1`, [id]);
    expect(await approve(wanted, taken)).toEqual([200, undefined]);
  });

  it('is none for somebody who belongs to another tenant as well, also since it was made', async () => {
    const person = await newPerson();
    const { url, id } = await linkFor(person);
    const { id: other } = await tenant('where-else', ['viewer']);
    await bench.plane.store.pool.query(`INSERT INTO membership (user_id, tenant_id, roles) VALUES ($1, $2, '{viewer}')`, [id, other]);
    const browser = new ScriptedBrowser(bench.plane.url);
    const form = await browser.open(url);
    const totp = totpCode(/id="totp-key">([A-Z2-7 ]+)</.exec(form.text)?.[1]?.replaceAll(' ', '') ?? '');
    expect((await browser.submit(form, { password: 'nine red boats in a row', totp })).status).toBe(404);
    expect((await linkFor(person)).code).toBe('other_tenants');
  });

  it('is good for no more than the person might do when it was made, and until the next is made', async () => {
    const person = await newPerson();
    const first = await linkFor(person);
    const second = await linkFor(person);
    const browser = new ScriptedBrowser(bench.plane.url);
    expect((await browser.open(first.url)).status).toBe(404);
    const form = await browser.open(second.url);
    const totp = totpCode(/id="totp-key">([A-Z2-7 ]+)</.exec(form.text)?.[1]?.replaceAll(' ', '') ?? '');
    await bench.plane.request('PATCH', `/v1/users/${second.id}`, { body: { roles: ['viewer', 'auditor'] } });
    expect((await browser.submit(form, { password: 'nine red boats in a row', totp })).status).toBe(404);
  });

  it('is made by nobody whose token may do less than the person', async () => {
    const person = await newPerson();
    const { id } = await linkFor(person);
    const { body } = await bench.plane.request<{ secret: string }>('POST', '/v1/operator-tokens', {
      body: { name: 'desk', roles: ['admin'], scopes: ['members.write'] },
    });
    const refused = await bench.plane.request<{ code: string; detail: string }>('POST', `/v1/users/${id}/reset-link`, { token: body.secret });
    expect([refused.status, refused.body.code]).toEqual([403, 'more_than_own_rights']);
  });
});
