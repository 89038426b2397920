import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SignIn } from '@stoa/generated/schemas.ts';
import { askForToken, authorization, codeFor, commandLine } from '../testing/oauth-client.ts';
import { joinAsOwner, signIn } from '../testing/person.ts';
import type { Person } from '../testing/person.ts';
import { ScriptedBrowser } from '../testing/scripted-browser.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';

let plane: TestControlPlane;
let issuer: string;
let owner: Person;
let link: string;
let browser: ScriptedBrowser;

beforeAll(async () => {
  plane = await startTestControlPlane();
  issuer = `${plane.url}/oidc`;
  browser = new ScriptedBrowser(plane.url);
  link = (await readFile(join(plane.context.settings.dataDir, 'owner-link'), 'utf8')).trim();
  owner = await joinAsOwner(plane);
});
afterAll(() => plane.close());

describe('the first owner', () => {
  it('is made by one link, once', async () => {
    const { rows } = await plane.store.pool.query(`SELECT u.email, m.roles, u.password_hash FROM app_user u JOIN membership m ON m.user_id = u.id`);
    expect(rows).toEqual([
      { email: 'ada@example.com', roles: ['owner'], password_hash: expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/) as string },
    ]);
    const page = await new ScriptedBrowser(plane.url).open(link);
    expect([page.status, page.text]).toEqual([404, expect.stringContaining('This invitation is over')]);
  });

  it('is the last to be offered: a start of a Control Plane that somebody owns makes no link', async () => {
    const another = await plane.startAnother();
    await expect(readFile(join(another.context.settings.dataDir, 'owner-link'))).rejects.toThrow('ENOENT');
    await another.close();
  });
});

describe('authorization code', () => {
  it('with PKCE signs in by password and second factor, asks for consent, and gives tokens for the API of the Control Plane', async () => {
    const tokens = await askForToken(issuer, await codeFor(issuer, commandLine, browser, owner));
    expect(tokens).toMatchObject({ status: 200, body: { token_type: 'Bearer', expires_in: 600, scope: 'stoa:api' } });
    expect(tokens.body.access_token).toMatch(/^stoa_at_[A-Za-z0-9_-]{43}$/);
    expect(tokens.body.refresh_token).toBeDefined();
    const claims = JSON.parse(Buffer.from(tokens.body.id_token?.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
    expect(claims).toMatchObject({ iss: issuer, aud: 'stoactl', name: 'Ada', email: 'ada@example.com' });
  });

  it('is redeemed once, by whichever of forty at a time', async () => {
    const code = await codeFor(issuer, commandLine, browser, owner);
    const answers = await Promise.all(Array.from({ length: 40 }, () => askForToken(issuer, code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.filter(({ status }) => status !== 200).map(({ body }) => body.error))).toEqual(new Set(['invalid_grant']));
  });

  it('without PKCE is refused', async () => {
    const { url } = authorization(issuer, commandLine);
    const bare = new URL(url);
    bare.searchParams.delete('code_challenge');
    bare.searchParams.delete('code_challenge_method');
    const page = await browser.open(bare.href);
    expect(new URL(page.url).searchParams.get('error')).toBe('invalid_request');
  });
});

describe('an access token', () => {
  const session = (token: string) => plane.request('GET', '/v1/session', { token });

  it('is taken by the API of the Control Plane with the roles that the person has now, and no more when he belongs to no tenant', async () => {
    const { body } = await askForToken(issuer, await codeFor(issuer, commandLine, browser, owner));
    expect(await session(body.access_token)).toMatchObject({ status: 200, body: { role: 'owner', roles: ['owner'], name: 'Ada' } });
    expect((await plane.request('POST', '/v1/consumers', { token: body.access_token, body: { name: 'by-ada' } })).status).toBe(201);
    const { pool } = plane.store;
    const roles = async (now: string[]) => {
      await pool.query('UPDATE membership SET roles = $1', [now]);
      plane.context.authenticator.forget();
    };
    await roles(['viewer']);
    expect((await plane.request('POST', '/v1/consumers', { token: body.access_token, body: { name: 'again' } })).status).toBe(403);
    await roles(['owner']);
    await pool.query(`UPDATE app_user SET disabled_at = now()`);
    plane.context.authenticator.forget();
    expect((await session(body.access_token)).status).toBe(401);
    await pool.query(`UPDATE app_user SET disabled_at = NULL`);
  });

  it('without the scope of the API is refused there', async () => {
    const { body } = await askForToken(issuer, await codeFor(issuer, { ...commandLine, scope: 'openid' }, browser, owner));
    expect((await session(body.access_token)).status).toBe(401);
  });

  it('ends with its grant, at once', async () => {
    const { body } = await askForToken(issuer, await codeFor(issuer, commandLine, browser, owner));
    expect((await session(body.access_token)).status).toBe(200);
    await fetch(`${issuer}/token/revocation`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'stoactl', token: body.refresh_token ?? '' }),
    });
    await vi.waitFor(async () => expect((await session(body.access_token)).status).toBe(401));
  });

  it('makes no sign-in link, which would sign in as nobody', async () => {
    const { body } = await askForToken(issuer, await codeFor(issuer, commandLine, browser, owner));
    expect((await plane.request('POST', '/v1/sign-in-links', { token: body.access_token })).status).toBe(403);
  });
});

describe('where to sign in', () => {
  it('is told to whoever asks, and what is told is enough for a command line to sign in', async () => {
    const { status, body } = await plane.request<SignIn>('GET', '/v1/sign-in', { token: undefined });
    expect([status, body]).toEqual([200, { issuer, client_id: 'stoactl', scopes: ['openid', 'stoa:api'], kind: 'embedded' }]);
    const client = { clientId: body.client_id, redirectUri: 'http://127.0.0.1:51000/callback', scope: body.scopes.join(' ') };
    const tokens = await askForToken(body.issuer, await codeFor(body.issuer, client, browser, owner));
    expect((await plane.request('GET', '/v1/session', { token: tokens.body.access_token })).status).toBe(200);
  });
});

describe('what the issuer keeps', () => {
  it('holds neither codes nor tokens nor keys in the clear', async () => {
    const { body } = await askForToken(issuer, await codeFor(issuer, commandLine, browser, owner));
    const { rows } = await plane.store.pool.query<{ row: string }>(
      `SELECT t::text || encode(payload, 'escape') AS row FROM oidc_payload t UNION ALL SELECT value::text FROM control_plane_state`,
    );
    for (const secret of [body.access_token, body.refresh_token ?? '', '"d":', 'ada@example.com']) {
      expect(rows.filter(({ row }) => row.includes(secret))).toEqual([]);
    }
  });
});

describe('the endpoints', () => {
  /** Over node:http: fetch lets nobody choose a Host. */
  const metadata = (path: string, headers: Record<string, string>) =>
    new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(plane.url);
      request({ hostname, port, path, headers }, async (response) => resolve((await response.toArray()).join('')))
        .once('error', reject)
        .end();
    });
  const paths = ['/oidc/.well-known/openid-configuration', '/.well-known/openid-configuration/oidc', '/.well-known/oauth-authorization-server/oidc'];

  it.each(paths)('in %s are those of the public URL, whatever host a request names', async (path) => {
    const honest = await metadata(path, {});
    expect(JSON.parse(honest)).toMatchObject({
      issuer,
      token_endpoint: `${issuer}/token`,
      code_challenge_methods_supported: ['S256'],
      response_types_supported: ['code'],
    });
    const foreign = {
      Host: 'evil.example',
      'X-Forwarded-Host': 'evil.example',
      'X-Forwarded-Proto': 'https',
      Forwarded: 'host=evil.example;proto=https',
    };
    expect(await metadata(path, foreign)).toBe(honest);
  });
});

describe('the pages', () => {
  it('load no script and nothing inline, and their forms lead only here and to where the client waits', async () => {
    const page = await new ScriptedBrowser(plane.url).open(authorization(issuer, commandLine).url);
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self' http://127.0.0.1:49152; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(page.text).not.toMatch(/<script|<style| style=| on[a-z]+=/);
  });

  it('tell nobody whether there is a user of that address', async () => {
    const tried = await Promise.all(
      ['ada@example.com', 'nobody@example.com'].map(async (email) => {
        const visitor = new ScriptedBrowser(plane.url);
        const refused = await visitor.submit(await visitor.open(authorization(issuer, commandLine).url), { email, password: 'not the password' });
        return [refused.status, /role="alert">([^<]*)/.exec(refused.text)?.[1]];
      }),
    );
    expect(tried[0]).toEqual([401, 'Address and password do not belong together. Look at both, and at the Caps Lock key.']);
    expect(tried[1]).toEqual(tried[0]);
  });

  it('take a code of the authenticator and a recovery code once each', async () => {
    const [code = ''] = owner.recoveryCodes;
    const visit = async () => {
      const visitor = new ScriptedBrowser(plane.url);
      const first = await visitor.open(authorization(issuer, commandLine).url);
      return { visitor, second: await visitor.submit(first, { email: owner.email, password: owner.password }) };
    };
    const once = await visit();
    expect((await once.visitor.submit(once.second, { code })).text).toContain('Let the command line stoactl in?');
    const twice = await visit();
    expect((await twice.visitor.submit(twice.second, { code })).status).toBe(401);
    owner.recoveryCodes.shift();
    expect((await signIn(twice.visitor, await twice.visitor.open(authorization(issuer, commandLine).url), owner)).text).toContain(
      'Let the command line stoactl in?',
    );
  });
});
