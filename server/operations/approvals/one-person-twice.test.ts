import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Approval, MintedOperatorToken } from '@stoa/generated/schemas.ts';
import { joinBy, signIn } from '../../testing/person.ts';
import { ScriptedBrowser } from '../../testing/scripted-browser.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

type Who = { token: undefined; headers: Record<string, string> } | { token: string };

let plane: TestControlPlane;
let ada: Who;
let dora: Who;
let names = 0;

/** Somebody who joins by an invitation that `by` makes, and signs in. */
async function invitedBy(by: Who): Promise<Who & { email: string }> {
  const email = `person-${(names += 1)}@example.com`;
  const { body } = await plane.request<{ url: string }>('POST', '/v1/invitations', { ...by, body: { roles: ['admin'] } });
  const person = await joinBy(plane, body.url, email);
  const browser = new ScriptedBrowser(plane.url);
  await signIn(browser, await browser.open('/sign-in/start?to=%2Faccount'), person);
  return { token: undefined, headers: { cookie: `stoa_session=${browser.cookie('stoa_session')}`, origin: plane.url }, email };
}
const demand = (by: Who, four_eyes: string[]) => plane.request<Approval>('PUT', '/v1/environments/production', { ...by, body: { four_eyes } });
/** Each time another change, for one that waits is asked for once. */
const ask = async (by: Who) => {
  const body = { name: `key-${(names += 1)}`, environments: ['production'] };
  return (await plane.request<Approval>('POST', '/v1/gateway-keys', { ...by, body })).body;
};
const approve = async (by: Who, { approval_id: id }: Approval) => {
  const { status, body } = await plane.request<{ code?: string; detail?: string }>('POST', `/v1/approvals/${id}/approve`, { ...by, body: {} });
  return status === 200 ? 'approved' : `${status} ${body.code}`;
};
const refused = '403 linked_to_requester';

beforeAll(async () => {
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent' });
  const admin = { token: plane.adminToken };
  [ada, dora] = [await invitedBy(admin), await invitedBy(admin)];
  await demand(admin, ['reveals']);
});
afterAll(() => plane.close());

it('Whoever had joined when the demand was made approves for the others, whoever invited them', async () => {
  expect(await approve(dora, await ask(ada))).toBe('approved');
});

it('A second account that somebody invites approves nothing for him, nor he for it, and each may be approved by others', async () => {
  const second = await invitedBy(ada);
  expect(await approve(second, await ask(ada))).toBe(refused);
  expect(await approve(ada, await ask(second))).toBe(refused);
  expect(await approve(dora, await ask(second))).toBe('approved');
  expect(await approve(second, await ask(dora))).toBe('approved');
});

it('So it is through a chain, for two accounts of one maker, and by a token that he minted', async () => {
  const second = await invitedBy(ada);
  expect(await approve(await invitedBy(second), await ask(ada))).toBe(refused);
  expect(await approve(await invitedBy(ada), await ask(second))).toBe(refused);
  const { body } = await plane.request<MintedOperatorToken>('POST', '/v1/operator-tokens', { ...ada, body: { name: 'desk', roles: ['admin'] } });
  expect(await approve(await invitedBy({ token: body.secret }), await ask(ada))).toBe(refused);
});

it('After a week the account counts as somebody', async () => {
  const second = await invitedBy(ada);
  const asked = await ask(ada);
  expect(await approve(second, asked)).toBe(refused);
  await plane.store.pool.query(
    "UPDATE membership SET created_at = created_at - interval '8 days' WHERE user_id = (SELECT id FROM app_user WHERE email = $1)",
    [second.email],
  );
  expect(await approve(second, asked)).toBe('approved');
});
