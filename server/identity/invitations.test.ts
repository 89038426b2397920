import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinAsOwner, joinBy } from '../testing/person.ts';
import { ScriptedBrowser } from '../testing/scripted-browser.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';
import { invite, join, joinExisting, resetBy } from './invitations.ts';
import { joinUrl } from './paths.ts';
import { takeSecondFactor } from './users.ts';

let plane: TestControlPlane;
const store = () => ({ pool: plane.context.db.pool, keys: plane.context.keys });
const newUser = (email: string) => ({ email, name: 'N', passwordHash: 'x', totpSecret: 'GEZDGNBVGY3TQOJQ', totpStep: 0, recoveryCodes: [] });
async function invitation(given: Partial<Parameters<typeof invite>[2]> = {}): Promise<string> {
  const { rows } = await plane.store.pool.query<{ id: string }>('SELECT id FROM tenant');
  return (await invite(plane.store.pool, plane.context.keys, { tenantId: rows[0]?.id ?? '', roles: ['viewer'], ...given })).code;
}

beforeAll(async () => {
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent' });
});
afterAll(() => plane.close());

const from = { address: '192.0.2.7', client: 'test' };

describe('an invitation', () => {
  it('for the first owner is good for one of those who come by it at once, and all others end with it', async () => {
    const { rows } = await plane.store.pool.query<{ id: string }>('SELECT id FROM tenant');
    const codes = await Promise.all(
      Array.from(
        { length: 4 },
        async () => (await invite(plane.store.pool, plane.context.keys, { tenantId: rows[0]?.id ?? '', roles: ['owner'], firstOwner: true })).code,
      ),
    );
    const joined = await Promise.allSettled(
      [...codes, ...codes].map((code, index) => join(store(), code, newUser(`first${index}@example.com`), from)),
    );
    expect(joined.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await plane.store.pool.query(`DELETE FROM app_user`);
    await joinAsOwner(plane);
  });

  it('is good once, and not when it is too old', async () => {
    const code = await invitation();
    const joined = await Promise.allSettled([1, 2, 3].map((index) => join(store(), code, newUser(`once${index}@example.com`), from)));
    expect(joined.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(invitation({ goodForMs: -1000 }).then((old) => join(store(), old, newUser('late@example.com'), from))).rejects.toMatchObject({
      status: 404,
    });
  });

  it('for an address is for that address alone', async () => {
    const code = await invitation({ email: 'eve@example.com' });
    await expect(join(store(), code, newUser('mallory@example.com'), from)).rejects.toMatchObject({ status: 404 });
    const eve = await joinBy(plane, joinUrl(plane.url, code), 'mallory@example.com');
    const { rowCount } = await plane.store.pool.query(`SELECT FROM app_user WHERE email = 'eve@example.com'`);
    expect([eve.recoveryCodes.length, rowCount]).toEqual([10, 1]);
  });

  it('tells every fault of the form at once, beside its field, keeps what was typed but for the password, and stays good', async () => {
    const code = await invitation();
    const browser = new ScriptedBrowser(plane.url);
    const page = await browser.open(joinUrl(plane.url, code));
    const key = (text: string) => /id="totp-key">([^<]*)</.exec(text)?.[1];
    const again = await browser.submit(page, { email: 'nobody', name: '<b>Bob</b>', password: 'short', totp: '12345' });
    expect(again.status).toBe(400);
    expect([...again.text.matchAll(/class="fault" id="(\w+)-fault"/g)].map(([, name]) => name)).toEqual(['email', 'password', 'totp']);
    expect(again.text).toContain('value="&lt;b&gt;Bob&lt;/b&gt;"');
    expect(again.text).not.toContain('short');
    expect(key(again.text)).toBe(key(page.text));
    await joinBy(plane, joinUrl(plane.url, code), 'bob@example.com');
  });

  it('says when the address signs in already', async () => {
    await expect(joinBy(plane, joinUrl(plane.url, await invitation()), 'bob@example.com')).rejects.toThrow(
      'Somebody signs in with this address already: sign in with it to join.',
    );
  });
});

describe('what somebody sent who is gone', () => {
  it('lets nobody in, with an account or without, also by a form that was open before', async () => {
    const invitedBy = { kind: 'user' as const, id: randomUUID(), name: 'Gone' };
    await expect(join(store(), await invitation({ invitedBy }), newUser('friend@example.com'), from)).rejects.toMatchObject({ status: 404 });
    await joinBy(plane, joinUrl(plane.url, await invitation()), 'hope@example.com');
    const { rows } = await plane.store.pool.query<{ id: string }>(`SELECT id FROM app_user WHERE email = 'hope@example.com'`);
    const userId = rows[0]?.id ?? '';
    await expect(joinExisting(store(), await invitation({ invitedBy }), userId, from)).rejects.toMatchObject({ status: 404 });
    const link = await invitation({ invitedBy, userId });
    await expect(resetBy(store(), link, userId, newUser('hope@example.com'), from)).rejects.toMatchObject({ status: 404 });
    await resetBy(store(), await invitation({ userId }), userId, newUser('hope@example.com'), from);
  });
});

describe('inviting', () => {
  const inviting = (body: unknown, token = plane.adminToken) =>
    plane.request<{ url: string; expires_at: string }>('POST', '/v1/invitations', { token, body });

  it('gives a link by which one person joins, with the roles that it names', async () => {
    const { status, body } = await inviting({ email: 'Lin@Example.com', roles: ['publisher', 'auditor'] });
    expect(status).toBe(201);
    await joinBy(plane, body.url);
    const { rows } = await plane.store.pool.query(
      `SELECT m.roles FROM membership m JOIN app_user u ON u.id = m.user_id WHERE u.email = 'lin@example.com'`,
    );
    expect(rows).toEqual([{ roles: ['publisher', 'auditor'] }]);
  });

  it('gives nobody more than who invites has', async () => {
    const { body: admin } = await plane.request<{ secret: string }>('POST', '/v1/operator-tokens', { body: { name: 'a', role: 'admin' } });
    expect(await inviting({ roles: ['owner'] }, admin.secret)).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('you lack the rights of an owner') as string },
    });
    const { body: viewer } = await plane.request<{ secret: string }>('POST', '/v1/operator-tokens', { body: { name: 'v', role: 'viewer' } });
    expect((await inviting({ roles: ['viewer'] }, viewer.secret)).status).toBe(403);
  });
});

describe('a second factor', () => {
  it('is no longer looked at after ten wrong ones, however many come at once', async () => {
    const person = await joinBy(plane, joinUrl(plane.url, await invitation()), 'grace@example.com');
    const { rows } = await plane.store.pool.query<{ id: string }>(`SELECT id FROM app_user WHERE email = 'grace@example.com'`);
    const id = rows[0]?.id ?? '';
    const verdicts = await Promise.all(Array.from({ length: 15 }, () => takeSecondFactor(store(), id, '000000x')));
    expect(verdicts.filter((verdict) => verdict === 'wrong')).toHaveLength(10);
    expect(await takeSecondFactor(store(), id, person.recoveryCodes[0] ?? '')).toBe('paused');
    await plane.store.pool.query(`UPDATE app_user SET second_factor_failed_at = now() - interval '16 minutes' WHERE id = $1`, [id]);
    expect(await takeSecondFactor(store(), id, person.recoveryCodes[0] ?? '')).toBe('taken');
  });
});
