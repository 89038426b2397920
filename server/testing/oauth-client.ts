import { createHash, randomBytes } from 'node:crypto';
import type { ScriptedBrowser, ScriptedPage } from './scripted-browser.ts';
import { signIn } from './person.ts';
import type { Person } from './person.ts';

export type Tokens = { access_token: string; refresh_token?: string; id_token?: string; token_type: string; expires_in: number; scope: string };
export type TokenAnswer = { status: number; body: Tokens & { error?: string } };
export type OAuthClient = { clientId: string; redirectUri: string; scope: string; resource?: string; tenant?: string };

/** The command line, as the issuer knows it. */
export const commandLine: OAuthClient = { clientId: 'stoactl', redirectUri: 'http://127.0.0.1:49152/callback', scope: 'openid stoa:api' };

export type Authorization = { url: string; verifier: string };

/** The address to open in a browser, with PKCE, as RFC 6749 §4.1.1 and RFC 7636 have it. */
export function authorization(issuer: string, { clientId, redirectUri, scope, resource, tenant }: OAuthClient): Authorization {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: 'state',
    ...(resource !== undefined && { resource }),
    ...(tenant !== undefined && { tenant }),
  });
  return { url: `${issuer}/auth?${query}`, verifier };
}

export async function askForToken(issuer: string, body: Record<string, string>): Promise<TokenAnswer> {
  const response = await fetch(`${issuer}/token`, { method: 'POST', body: new URLSearchParams(body) });
  return { status: response.status, body: (await response.json()) as TokenAnswer['body'] };
}

/** What a client trades for tokens: the code that a person's signing in and consent gave it. */
export async function codeFor(issuer: string, client: OAuthClient, browser: ScriptedBrowser, person: Person): Promise<Record<string, string>> {
  const { url, verifier } = authorization(issuer, client);
  let page: ScriptedPage = await browser.open(url);
  if (page.text.includes('name="password"')) page = await signIn(browser, page, person);
  if (page.url.includes('/interaction/')) page = await browser.submit(page, {}, '/consent');
  const code = new URL(page.url).searchParams.get('code');
  if (code === null) throw new Error(`No code at ${page.url}: ${page.text}`);
  return { grant_type: 'authorization_code', client_id: client.clientId, redirect_uri: client.redirectUri, code, code_verifier: verifier };
}
