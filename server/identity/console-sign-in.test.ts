import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { askForToken, codeFor, commandLine } from '../testing/oauth-client.ts';
import { joinAsOwner, signIn } from '../testing/person.ts';
import type { Person } from '../testing/person.ts';
import { ScriptedBrowser } from '../testing/scripted-browser.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';

let plane: TestControlPlane;
let owner: Person;

beforeAll(async () => {
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent' });
  owner = await joinAsOwner(plane);
});
afterAll(() => plane.close());

async function signedIn(to = '/account'): Promise<ScriptedBrowser> {
  const browser = new ScriptedBrowser(plane.url, { 'user-agent': 'Scripted 1.0' });
  const page = await signIn(browser, await browser.open(`/sign-in/start?to=${to}`), owner);
  expect(page.url).toBe(`${plane.url}${to}`);
  return browser;
}
const ask = (browser: ScriptedBrowser, method = 'GET', path = '/v1/session') =>
  plane.request(method, path, { token: undefined, headers: { cookie: `stoa_session=${browser.cookie('stoa_session')}`, origin: plane.url } });

describe('signing in to the Console', () => {
  it('goes through the issuer and makes a session that is bound to the person', async () => {
    const browser = await signedIn();
    expect((await ask(browser)).body).toMatchObject({ role: 'owner', roles: ['owner'], name: 'Ada' });
    const { rows } = await plane.store.pool.query(
      `SELECT u.email, t.browser, t.expires_at - t.created_at AS for FROM operator_token t JOIN app_user u ON u.id = t.user_id WHERE t.kind = 'session'`,
    );
    expect(rows).toEqual([{ email: 'ada@example.com', browser: 'Scripted 1.0', for: expect.objectContaining({ hours: 12 }) as object }]);
  });

  it('leads nowhere else afterwards, whatever the address asks', async () => {
    const browser = new ScriptedBrowser(plane.url);
    const page = await signIn(browser, await browser.open('/sign-in/start?to=https://evil.example/'), owner);
    expect(page.url).toBe(`${plane.url}/gateways/modes`);
  });

  it('is not completed in a browser that did not begin it', async () => {
    const page = await new ScriptedBrowser(plane.url).open('/sign-in/callback?code=x&state=y');
    expect([page.status, page.text]).toEqual([400, expect.stringContaining('begun in another browser')]);
  });

  it('ends after two hours without use', async () => {
    const browser = await signedIn();
    await plane.store.pool.query(`UPDATE operator_token SET last_used_at = now() - interval '119 minutes' WHERE kind = 'session'`);
    plane.context.authenticator.forget();
    expect((await ask(browser)).status).toBe(200);
    const other = await signedIn();
    await plane.store.pool.query(`UPDATE operator_token SET last_used_at = now() - interval '121 minutes' WHERE kind = 'session'`);
    plane.context.authenticator.forget();
    expect((await ask(other)).status).toBe(401);
  });

  it('ends at the issuer, too, when the person signs out of the Console', async () => {
    const browser = await signedIn();
    expect((await ask(browser, 'DELETE')).status).toBe(204);
    expect((await ask(browser)).status).toBe(401);
    expect((await browser.open('/sign-in/start')).text).toContain('name="password"');
  });
});

describe('the page of where one is signed in', () => {
  it('sends to sign in who is not, and who came by the link of a token', async () => {
    expect((await new ScriptedBrowser(plane.url).open('/account')).text).toContain('name="password"');
  });

  it('lists browsers and programs, and ends one of them', async () => {
    const [browser, other] = [await signedIn(), await signedIn()];
    const issuer = `${plane.url}/oidc`;
    const { body } = await askForToken(issuer, await codeFor(issuer, commandLine, browser, owner));
    const page = await browser.open('/account');
    expect(page.text).toContain('This browser');
    expect(page.text).toContain('stoactl in default');
    const ids = (text: string) => [...text.matchAll(/name="id" value="([^"]+)"/g)].map(([, id]) => id);
    const { rows } = await plane.store.pool.query<{ id: string }>(`SELECT id FROM operator_token WHERE kind = 'session' AND hmac = $1`, [
      plane.context.keys.hmac(other.cookie('stoa_session') ?? ''),
    ]);
    expect(ids(page.text)).toContain(rows[0]?.id);
    await browser.submit(page, { what: 'browser', id: rows[0]?.id ?? '' }, '/account/end');
    expect((await ask(other)).status).toBe(401);
    const client = [...page.text.matchAll(/value="client"><input type="hidden" name="id" value="([^"]+)"/g)][0]?.[1] ?? '';
    expect((await plane.request('GET', '/v1/session', { token: body.access_token })).status).toBe(200);
    await browser.submit(page, { what: 'client', id: client }, '/account/end');
    await vi.waitFor(async () => expect((await plane.request('GET', '/v1/session', { token: body.access_token })).status).toBe(401));
    expect((await ask(browser)).status).toBe(200);
  });

  it('signs out everywhere', async () => {
    const [browser, other] = [await signedIn(), await signedIn()];
    await browser.submit(await browser.open('/account'), {}, '/account/end-all');
    for (const each of [browser, other]) expect((await ask(each)).status).toBe(401);
    const { rowCount } = await plane.store.pool.query('SELECT FROM oidc_payload WHERE user_id IS NOT NULL');
    expect(rowCount).toBe(0);
  });
});
