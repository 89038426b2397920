import { createPublicKey, verify } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { auth } from '@modelcontextprotocol/sdk/client/auth.js';
import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import type { OAuthClientInformationMixed, OAuthClientMetadata, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askForToken } from '../testing/oauth-client.ts';
import { asGateway } from '../testing/gateways.ts';
import { joinAsOwner, joinBy, signIn } from '../testing/person.ts';
import type { Person } from '../testing/person.ts';
import { ScriptedBrowser } from '../testing/scripted-browser.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';

let plane: TestControlPlane;
let issuer: string;
let owner: Person;
let gateway: Server;
let mcpUrl: string;

beforeAll(async () => {
  plane = await startTestControlPlane();
  issuer = `${plane.url}/oidc`;
  owner = await joinAsOwner(plane);
  // What a gateway tells of itself (RFC 9728).
  gateway = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ resource: mcpUrl, authorization_servers: [issuer], scopes_supported: ['mcp:tools'] }));
  });
  mcpUrl = `${await listen(gateway, { host: '127.0.0.1', port: 0 })}/mcp`;
  await asGateway(plane, await plane.mintGatewayKey()).register('gateway', { endpoints: { mcp: mcpUrl } });
});
afterAll(async () => {
  await plane.close();
  await closeGracefully(gateway, 0);
});

/** What a program that uses the SDK keeps: nothing but memory. */
class Agent implements OAuthClientProvider {
  readonly redirectUrl = 'http://127.0.0.1:50505/callback';
  readonly clientMetadata: OAuthClientMetadata = {
    client_name: 'An agent',
    redirect_uris: [this.redirectUrl],
    scope: 'mcp:tools',
    token_endpoint_auth_method: 'none',
  };
  client: OAuthClientInformationMixed | undefined;
  kept: OAuthTokens | undefined;
  verifier = '';
  sentTo: URL | undefined;
  clientInformation = () => this.client;
  saveClientInformation = (client: OAuthClientInformationMixed) => void (this.client = client);
  tokens = () => this.kept;
  saveTokens = (tokens: OAuthTokens) => void (this.kept = tokens);
  redirectToAuthorization = (url: URL) => void (this.sentTo = url);
  saveCodeVerifier = (verifier: string) => void (this.verifier = verifier);
  codeVerifier = () => this.verifier;
}

/** The claims of a JWT that a key of the issuer signed. */
async function verified(token: string): Promise<Record<string, unknown>> {
  const [head = '', body = '', signature = ''] = token.split('.');
  const { kid, alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, string>;
  const { keys } = (await (await fetch(`${issuer}/jwks`)).json()) as { keys: (JsonWebKey & { kid: string })[] };
  const key = keys.find((candidate) => candidate.kid === kid);
  expect(alg).toBe('ES256');
  const publicKey = createPublicKey({ key: key ?? {}, format: 'jwk' });
  expect(verify('sha256', Buffer.from(`${head}.${body}`), { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))).toBe(
    true,
  );
  return JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
}

describe('an MCP client of the TypeScript SDK', () => {
  it('registers itself, is let in by a person, gets a token for the gateway, and refreshes it', async () => {
    const agent = new Agent();
    expect(await auth(agent, { serverUrl: mcpUrl })).toBe('REDIRECT');
    expect(agent.client).toMatchObject({ client_name: 'An agent', grant_types: ['authorization_code', 'refresh_token'] });
    expect(agent.client).not.toHaveProperty('scope');
    const browser = new ScriptedBrowser(plane.url);
    const consent = await signIn(browser, await browser.open(agent.sentTo?.href ?? ''), owner);
    expect(consent.text).toContain('It registered itself, so nobody has checked its name.');
    expect(consent.text).toContain('call the tools that you may call');
    const back = await browser.submit(consent, {}, '/consent');
    const authorizationCode = new URL(back.url).searchParams.get('code') ?? '';
    expect(await auth(agent, { serverUrl: mcpUrl, authorizationCode })).toBe('AUTHORIZED');
    const first = agent.kept;
    const { rows } = await plane.store.pool.query<{ tenant: string; id: string }>('SELECT t.id AS tenant, u.id FROM tenant t, app_user u');
    expect(await verified(first?.access_token ?? '')).toMatchObject({
      iss: issuer,
      aud: mcpUrl,
      scope: 'mcp:tools',
      sub: rows[0]?.id,
      tenant: rows[0]?.tenant,
    });
    expect(await auth(agent, { serverUrl: mcpUrl })).toBe('AUTHORIZED');
    expect(agent.kept?.access_token).not.toBe(first?.access_token);
    expect(await verified(agent.kept?.access_token ?? '')).toMatchObject({ aud: mcpUrl });
  });

  it('is not let into the API of the Control Plane, neither by asking for it nor by the token it has', async () => {
    const agent = new Agent();
    await auth(agent, { serverUrl: mcpUrl });
    const asking = new URL(agent.sentTo ?? '');
    asking.searchParams.set('resource', `${plane.url}/v1`);
    asking.searchParams.set('scope', 'stoa:api');
    const back = await new ScriptedBrowser(plane.url).open(asking.href);
    expect(new URL(back.url).searchParams.get('error')).toBe('invalid_target');
    const browser = new ScriptedBrowser(plane.url);
    const consent = await signIn(browser, await browser.open(agent.sentTo?.href ?? ''), owner);
    const code = new URL((await browser.submit(consent, {}, '/consent')).url).searchParams.get('code') ?? '';
    await auth(agent, { serverUrl: mcpUrl, authorizationCode: code });
    expect((await plane.request('GET', '/v1/session', { token: agent.kept?.access_token })).status).toBe(401);
  });

  it('is let in by nobody who does not belong to the tenant of the gateway, and by those whom its rule lets', async () => {
    const { body } = await plane.request<{ url: string }>('POST', '/v1/invitations', { body: { roles: ['viewer'] } });
    const bob = await joinBy(plane, body.url, 'bob@example.com');
    const begin = async () => {
      const agent = new Agent();
      await auth(agent, { serverUrl: mcpUrl });
      const browser = new ScriptedBrowser(plane.url);
      return { browser, page: await signIn(browser, await browser.open(agent.sentTo?.href ?? ''), bob) };
    };
    const said = (page: { url: string }) => [new URL(page.url).searchParams.get('error'), new URL(page.url).searchParams.get('error_description')];
    const rule = (admits: string) => plane.request('PUT', '/v1/client-rule', { body: { admits } });
    expect((await begin()).page.text).toContain('wants to act for you');
    for (const admits of ['documents', 'nobody']) {
      expect((await rule(admits)).body).toEqual({ admits });
      expect(said((await begin()).page)).toEqual(['access_denied', 'The tenant of this gateway lets no such client in. Ask whoever administers it.']);
    }
    await rule('everybody');
    const { page, browser } = await begin();
    const { pool } = plane.store;
    await pool.query(`INSERT INTO tenant (name) VALUES ('elsewhere')`);
    await pool.query(
      `UPDATE membership SET tenant_id = (SELECT id FROM tenant WHERE name = 'elsewhere') WHERE user_id = (SELECT id FROM app_user WHERE email = 'bob@example.com')`,
    );
    const back = await browser.submit(page, {}, '/consent');
    expect(said(back)).toEqual(['access_denied', 'You do not belong to the tenant of the gateway that the client asks for.']);
  });

  it('that a person refuses is told so, and nothing is granted', async () => {
    const agent = new Agent();
    await auth(agent, { serverUrl: mcpUrl });
    const browser = new ScriptedBrowser(plane.url);
    const consent = await signIn(browser, await browser.open(agent.sentTo?.href ?? ''), owner);
    const back = await browser.submit(consent, {}, '/abort');
    expect(new URL(back.url).searchParams.get('error')).toBe('access_denied');
  });
});

describe('a registration', () => {
  const register = async (metadata: Record<string, unknown>) => {
    const answer = await fetch(`${issuer}/reg`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(metadata) });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  it.each([
    ['a scope of the gateways, which is dropped', { scope: 'mcp:tools offline_access openid' }, 'client_secret_basic'],
    ['nothing but addresses to go back to', {}, 'client_secret_basic'],
    ['an editor’s own scheme', { redirect_uris: ['org.example.editor:/callback'], token_endpoint_auth_method: 'none' }, 'none'],
  ])('with %s is taken', async (_what, metadata, method) => {
    const { status, body } = await register({ redirect_uris: ['http://127.0.0.1/callback'], ...metadata });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: method,
    });
    expect(body).not.toHaveProperty('scope');
    expect(body).not.toHaveProperty('registration_access_token');
  });

  it('that nobody lets in is forgotten within a day, and one that somebody lets in stays', async () => {
    const { rows } = await plane.store.pool.query<{ days: number; count: number }>(
      `SELECT round(EXTRACT(EPOCH FROM expires_at - now()) / 86400)::int AS days, count(*)::int FROM oidc_payload WHERE model = 'Client' GROUP BY 1 ORDER BY 1`,
    );
    expect(rows.map(({ days }) => days)).toEqual([1, 90]);
  });

  it('is taken from one address twenty times in ten minutes, and refused with a time to wait', async () => {
    const from = (address: string) =>
      fetch(`${issuer}/reg`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
        body: JSON.stringify({ redirect_uris: ['http://127.0.0.1/callback'] }),
      });
    const answers = await Promise.all(Array.from({ length: 25 }, () => from('198.51.100.7')));
    const refused = answers.filter(({ status }) => status === 429);
    expect([answers.filter(({ status }) => status === 201).length, refused.length]).toEqual([20, 5]);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(500);
    expect((await from('198.51.100.8')).status).toBe(201);
  });

  it('of a machine is not taken: who registered himself acts for persons alone', async () => {
    expect((await register({ grant_types: ['client_credentials'], redirect_uris: [], response_types: [] })).status).toBe(400);
    expect((await askForToken(issuer, { grant_type: 'client_credentials', client_id: 'stoactl' })).body).toEqual({
      error: 'invalid_request',
      error_description: 'requested grant type is not allowed for this client',
    });
  });
});
