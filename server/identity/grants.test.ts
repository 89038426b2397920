import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askForToken, codeFor, commandLine } from '../testing/oauth-client.ts';
import { joinAsOwner, signIn } from '../testing/person.ts';
import type { Person } from '../testing/person.ts';
import { ScriptedBrowser } from '../testing/scripted-browser.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';

let plane: TestControlPlane;
let issuer: string;
let owner: Person;
let browser: ScriptedBrowser;

beforeAll(async () => {
  plane = await startTestControlPlane();
  issuer = `${plane.url}/oidc`;
  owner = await joinAsOwner(plane);
  browser = new ScriptedBrowser(plane.url);
});
afterAll(() => plane.close());

describe('a refresh token', () => {
  const refresh = (token: string | undefined) =>
    askForToken(issuer, { grant_type: 'refresh_token', client_id: 'stoactl', refresh_token: token ?? '' });
  const session = async (token: string) => (await plane.request('GET', '/v1/session', { token })).status;
  /** What the clock of the database shows is moved back for what was redeemed: time itself has to be waited for. */
  const afterTheGrace = () =>
    plane.store.pool.query(`UPDATE oidc_payload SET consumed_at = consumed_at - interval '11 seconds' WHERE consumed_at IS NOT NULL`);

  it('is redeemed by all who do at once, for their parallel calls, and each goes on with what it got', async () => {
    const { body } = await askForToken(issuer, await codeFor(issuer, commandLine, browser, owner));
    const refreshed = await Promise.all(Array.from({ length: 4 }, () => refresh(body.refresh_token)));
    expect(refreshed.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(refreshed.map(({ body: { refresh_token } }) => refresh_token)).size).toBe(4);
    expect(await Promise.all(refreshed.map(({ body: { access_token } }) => session(access_token)))).toEqual([200, 200, 200, 200]);
    expect((await refresh(refreshed[3]?.body.refresh_token)).status).toBe(200);
  });

  it('that is used again after the grace ends the grant, and with it every token that came from it', async () => {
    const { body } = await askForToken(issuer, await codeFor(issuer, commandLine, browser, owner));
    const { body: next } = await refresh(body.refresh_token);
    await afterTheGrace();
    expect(await refresh(body.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await refresh(next.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await session(next.access_token)).toBe(401);
  });

  it('does not prolong its own grace', async () => {
    const { body } = await askForToken(issuer, await codeFor(issuer, commandLine, browser, owner));
    await refresh(body.refresh_token);
    await plane.store.pool.query(`UPDATE oidc_payload SET consumed_at = consumed_at - interval '9 seconds' WHERE consumed_at IS NOT NULL`);
    expect((await refresh(body.refresh_token)).status).toBe(200);
    await plane.store.pool.query(`UPDATE oidc_payload SET consumed_at = consumed_at - interval '2 seconds' WHERE consumed_at IS NOT NULL`);
    expect((await refresh(body.refresh_token)).status).toBe(400);
  });
});

describe('a code that was redeemed', () => {
  it('and is replayed later ends the grant', async () => {
    const code = await codeFor(issuer, commandLine, browser, owner);
    const { body } = await askForToken(issuer, code);
    expect((await askForToken(issuer, code)).body.error).toBe('invalid_grant');
    expect((await plane.request('GET', '/v1/session', { token: body.access_token })).status).toBe(401);
  });
});

describe('device code', () => {
  type Begun = { device_code: string; user_code: string; verification_uri: string; verification_uri_complete: string };
  const begin = async (): Promise<Begun> => {
    const answer = await fetch(`${issuer}/device/auth`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'stoactl', scope: 'openid stoa:api' }),
    });
    return (await answer.json()) as Begun;
  };
  const poll = (device_code: string) =>
    askForToken(issuer, { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: 'stoactl', device_code });

  it('signs in a device by a code that a person types elsewhere, once', async () => {
    const begun = await begin();
    expect(begun).toMatchObject({ verification_uri: `${issuer}/device`, user_code: expect.stringMatching(/^[B-Z]{4}-[B-Z]{4}$/) as string });
    expect((await poll(begun.device_code)).body.error).toBe('authorization_pending');
    const visitor = new ScriptedBrowser(plane.url);
    const confirm = await visitor.submit(await visitor.open(begun.verification_uri), { user_code: begun.user_code.toLowerCase() });
    expect(confirm.text).toContain(begun.user_code);
    const consent = await signIn(visitor, await visitor.submit(confirm, { confirm: 'yes' }), owner);
    const done = await visitor.submit(consent, {}, '/consent');
    expect(done.text).toContain('You are signed in');
    const { body } = await poll(begun.device_code);
    expect((await plane.request('GET', '/v1/session', { token: body.access_token })).body).toMatchObject({ roles: ['owner'] });
    expect((await poll(begun.device_code)).body.error).toBe('invalid_grant');
  });

  it('by the complete address fills the code in, and waits for the person to press the button', async () => {
    const begun = await begin();
    const page = await new ScriptedBrowser(plane.url).open(begun.verification_uri_complete);
    expect(page.text).toContain(`value="${begun.user_code}"`);
    expect(page.text).not.toContain('<script');
    expect((await poll(begun.device_code)).body.error).toBe('authorization_pending');
  });

  it('that nobody knows is told beside the form, and a refusal is told to the device', async () => {
    const visitor = new ScriptedBrowser(plane.url);
    const wrong = await visitor.submit(await visitor.open(`${issuer}/device`), { user_code: 'BBBB-BBBB' });
    expect(wrong.text).toContain('This code is not known.');
    const begun = await begin();
    const confirm = await visitor.submit(wrong, { user_code: begun.user_code });
    expect((await visitor.submit(confirm, { abort: 'yes' })).text).toContain('the device is not signed in');
    expect((await poll(begun.device_code)).body.error).toBe('access_denied');
  });
});
