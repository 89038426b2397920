import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '@stoa/lib/log.ts';
import { settings } from '@stoa/server/config.ts';
import { startControlPlane } from '@stoa/server/start.ts';
import type { RunningControlPlane } from '@stoa/server/start.ts';
import { ScriptedBrowser } from '@stoa/server/testing/scripted-browser.ts';
import type { ScriptedPage } from '@stoa/server/testing/scripted-browser.ts';
import { startKeycloak } from './server.ts';
import type { Keycloak } from './server.ts';

/** Signs people in at a real Keycloak, with the realm and the settings of the guide docs/guides/keycloak.md. */
const secret = randomBytes(24).toString('base64url');
const password = 'seven green lamps at sea';
const ports = await freePorts(2);
const planeUrl = `http://127.0.0.1:${ports[0]}`;

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const found = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return found;
}

const dataDir = mkdtempSync(join(tmpdir(), 'stoa-keycloak-test-'));
let keycloak: Keycloak | undefined;
let plane: RunningControlPlane | undefined;
try {
  keycloak = await startKeycloak({
    port: ports[1] ?? 0,
    realm: 'stoa',
    env: { STOA_URL: planeUrl, STOA_CLIENT_SECRET: secret },
    users: [
      { username: 'ann', password, groups: ['/stoa/owners'] },
      { username: 'ben', password, groups: [] },
    ],
  });
  const config = settings.load({
    argv: [],
    env: {
      STOA_LISTEN: `127.0.0.1:${ports[0]}`,
      STOA_DATA_DIR: dataDir,
      STOA_LOG_LEVEL: 'error',
      STOA_OIDC_ISSUER: keycloak.issuer,
      STOA_OIDC_CLIENT_ID: 'stoa-control-plane',
      STOA_OIDC_CLIENT_SECRET: secret,
      STOA_OIDC_ROLES: '/stoa/owners=owner,/stoa/admins=admin,/stoa/publishers=publisher,/stoa/operators=operator,/stoa/readers=viewer',
    },
  });
  plane = await startControlPlane(config, createLogger({ program: 'test', level: 'error' }));
  await prove(keycloak, plane);
} finally {
  await plane?.stop();
  await keycloak?.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function prove({ issuer, admin }: Keycloak, { context }: RunningControlPlane): Promise<void> {
  const origin = new URL(issuer).origin;
  const browserOf = () => new ScriptedBrowser(planeUrl, {}, [origin]);
  const signIn = (browser: ScriptedBrowser, page: ScriptedPage, username: string) => browser.submit(page, { username, password });
  const begin = async (browser: ScriptedBrowser, username: string) => signIn(browser, await browser.open('/sign-in/start?to=/account'), username);
  const ask = async (headers: Record<string, string>) => {
    const response = await fetch(`${planeUrl}/v1/session`, { headers });
    return { status: response.status, body: (await response.json()) as { roles?: string[] } };
  };
  const session = (browser: ScriptedBrowser) => ask({ cookie: `stoa_session=${browser.cookie('stoa_session')}` });
  const timePasses = async () => {
    await context.db.pool.query(`UPDATE operator_token SET issuer_asked_at = now() - interval '16 minutes' WHERE issuer_asked_at IS NOT NULL`);
    context.authenticator.forget();
  };
  const userOf = async (username: string) => (await admin<{ id: string }[]>('GET', `/users?exact=true&username=${username}`))[0]?.id ?? '';
  const groupOf = async (path: string) => (await admin<{ id: string }>('GET', `/group-by-path${path}`)).id;
  const step = async (says: string, run: () => Promise<void>) => {
    await run();
    console.log(`ok: ${says}`);
  };
  const ann = await userOf('ann');
  const browser = browserOf();

  await step('a person signs in, and is what the groups are by the table', async () => {
    assert.equal((await begin(browser, 'ann')).url, `${planeUrl}/account`);
    assert.deepEqual((await session(browser)).body.roles, ['owner']);
  });
  await step('a person without groups, for whom the claim is absent, has no role', async () => {
    const other = browserOf();
    assert.equal((await begin(other, 'ben')).status, 403);
    assert.equal(other.cookie('stoa_session'), undefined);
  });
  await step('the session takes on changed groups', async () => {
    await admin('DELETE', `/users/${ann}/groups/${await groupOf('/stoa/owners')}`);
    await admin('PUT', `/users/${ann}/groups/${await groupOf('/stoa/operators')}`);
    await timePasses();
    assert.deepEqual((await session(browser)).body.roles, ['operator']);
  });
  await step('back-channel logout ends the session', async () => {
    await admin('POST', `/users/${ann}/logout`);
    for (let tries = 0; (await session(browser)).status !== 401; tries += 1) {
      assert.ok(tries < 100, 'the session goes on');
      await delay(100);
    }
  });
  await step('a person who is disabled there is out when the issuer is asked again', async () => {
    const disabled = browserOf();
    await begin(disabled, 'ann');
    assert.equal((await session(disabled)).status, 200);
    await admin('PUT', `/users/${ann}`, { enabled: false });
    await timePasses();
    assert.equal((await session(disabled)).status, 401);
    await admin('PUT', `/users/${ann}`, { enabled: true });
    assert.equal((await session(disabled)).status, 401);
  });
  await step('the API takes an access token of stoactl, and no ID token and no token of another client', async () => {
    const tokens = await commandLineTokens(issuer, (page, visitor) => signIn(visitor, page, 'ann'));
    assert.deepEqual((await ask({ authorization: `Bearer ${tokens.access_token}` })).body.roles, ['operator']);
    assert.equal((await ask({ authorization: `Bearer ${tokens.id_token}` })).status, 401);
    const foreign = new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', username: 'ann', password });
    const { access_token: token } = (await (await fetch(`${issuer}/protocol/openid-connect/token`, { method: 'POST', body: foreign })).json()) as {
      access_token: string;
    };
    assert.equal((await ask({ authorization: `Bearer ${token}` })).status, 401);
  });
}

async function commandLineTokens(issuer: string, signIn: (page: ScriptedPage, visitor: ScriptedBrowser) => Promise<ScriptedPage>) {
  const verifier = randomBytes(32).toString('base64url');
  const redirect = 'http://127.0.0.1:49200/callback';
  const query = new URLSearchParams({
    client_id: 'stoactl',
    response_type: 'code',
    redirect_uri: redirect,
    scope: 'openid profile email',
    state: 's',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const visitor = new ScriptedBrowser(new URL(issuer).origin);
  const page = await signIn(await visitor.open(`${issuer}/protocol/openid-connect/auth?${query}`), visitor);
  const code = new URL(page.url).searchParams.get('code') ?? '';
  const body = new URLSearchParams({ grant_type: 'authorization_code', client_id: 'stoactl', redirect_uri: redirect, code, code_verifier: verifier });
  return (await (await fetch(`${issuer}/protocol/openid-connect/token`, { method: 'POST', body })).json()) as {
    access_token: string;
    id_token: string;
  };
}
