import type { RequestHandler, Response } from 'express';
import * as client from 'openid-client';
import { mintCredential } from '../access/credentials.ts';
import { isSecure, sessionCookie } from '../access/session-cookie.ts';
import { consoleCallbackPath, consoleClientId, consoleSecret } from './clients.ts';
import type { IdentityContext } from './identity-context.ts';
import { sendPage } from './pages/layout.ts';
import { failurePage } from './pages/sign-in.ts';
import { issuerOf, signInStartPath } from './paths.ts';
import { payloadName } from './payload-adapter.ts';
import { findUser, membershipsOf } from './users.ts';

/** What signing in begins with, on its way through the browser: sealed, in a cookie. */
type Begun = { state: string; nonce: string; verifier: string; to: string };
const begunCookie = 'stoa_sign_in';
const begunS = 30 * 60;
const begunContext = 'begun sign-in of the Console';
/** However a session is used, it ends after this. */
const sessionS = 12 * 60 * 60;
/** Where one may want to go: nobody is sent elsewhere from here. */
const destinations = ['/gateways/modes', '/account'] as const;

/** The Console is a client of the issuer like any other. What it asks itself it asks at its own address: the public one need not be reachable from here. */
function configurationOf({ publicUrl, askItself, keys }: IdentityContext): client.Configuration {
  const issuer = issuerOf(publicUrl());
  const metadata = { issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` };
  const configuration = new client.Configuration(metadata, consoleClientId, undefined, client.ClientSecretBasic(consoleSecret(keys)));
  client.allowInsecureRequests(configuration);
  configuration[client.customFetch] = (url, { method, headers, body }) =>
    askItself(new URL(url).pathname, { method, headers, body: body?.toString() });
  return configuration;
}

const callbackUrl = ({ publicUrl }: IdentityContext) => new URL(consoleCallbackPath, publicUrl());

export const signInBegun =
  (context: IdentityContext): RequestHandler =>
  async (request, response) => {
    const to = destinations.find((path) => path === request.query['to']) ?? destinations[0];
    const begun: Begun = { state: client.randomState(), nonce: client.randomNonce(), verifier: client.randomPKCECodeVerifier(), to };
    const url = client.buildAuthorizationUrl(configurationOf(context), {
      redirect_uri: callbackUrl(context).href,
      scope: 'openid',
      code_challenge: await client.calculatePKCECodeChallenge(begun.verifier),
      code_challenge_method: 'S256',
      state: begun.state,
      nonce: begun.nonce,
    });
    keepBegun(context, response, context.keys.seal(JSON.stringify(begun), begunContext).toString('base64url'), begunS);
    response.setHeader('cache-control', 'no-store');
    response.redirect(303, url.href);
  };

function keepBegun(context: IdentityContext, response: Response, value: string, maxAgeS: number): void {
  const attributes = `Path=/sign-in; HttpOnly; SameSite=Lax; Max-Age=${maxAgeS}${isSecure(context) ? '; Secure' : ''}`;
  response.append('Set-Cookie', `${begunCookie}=${value}; ${attributes}`);
}

export const signInDone =
  (context: IdentityContext): RequestHandler =>
  async (request, response) => {
    const begun = readBegun(context, request.headers.cookie);
    keepBegun(context, response, '', 0);
    if (begun === undefined)
      return sendPage(response, 400, failurePage('This took too long, or was begun in another browser. Sign in again.', 'Sign in again'));
    if (request.query['error'] !== undefined)
      return sendPage(response, 403, failurePage('You were not signed in. You can try again.', 'Not signed in'));
    const here = callbackUrl(context);
    here.search = new URL(request.originalUrl, here).search;
    const checks = { pkceCodeVerifier: begun.verifier, expectedState: begun.state, expectedNonce: begun.nonce, idTokenExpected: true };
    const tokens = await client.authorizationCodeGrant(configurationOf(context), here, checks).catch((error: unknown) => {
      context.log.warn({ err: error }, 'A sign-in was not completed.');
      return undefined;
    });
    if (tokens === undefined) return sendPage(response, 400, failurePage('This was done already, or took too long. Sign in again.', 'Sign in again'));
    const issuerSession = await sessionOf(context, tokens.access_token);
    const secret = await makeSession(context, { userId: tokens.claims()?.sub ?? '', issuerSession, browser: request.headers['user-agent'] });
    if (secret === undefined) return sendPage(response, 403, failurePage('You belong to no tenant any more. Ask who runs this Control Plane.'));
    response.append('Set-Cookie', sessionCookie(secret, sessionS, context));
    response.redirect(303, begun.to);
  };

function readBegun({ keys }: IdentityContext, cookies: string | undefined): Begun | undefined {
  const sealed = cookies
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${begunCookie}=`))
    ?.slice(begunCookie.length + 1);
  try {
    return JSON.parse(keys.open(Buffer.from(sealed ?? '', 'base64url'), begunContext)) as Begun;
  } catch {
    return undefined; // None, or none of ours.
  }
}

/** The issuer's session that the token comes from: whoever signs out here signs out there. The token is of no other use. */
async function sessionOf(context: IdentityContext, accessToken: string): Promise<Buffer | undefined> {
  const token = await (await context.issuer()).AccessToken.find(accessToken);
  await token?.destroy();
  return token?.sessionUid === undefined ? undefined : payloadName(context.keys, token.sessionUid);
}

const maxBrowserLength = 200;

/** A session of the Console, bound to a person. Undefined for somebody who belongs nowhere. */
async function makeSession(
  { db, keys }: IdentityContext,
  { userId, issuerSession, browser }: { userId: string; issuerSession: Buffer | undefined; browser: string | undefined },
): Promise<string | undefined> {
  const [user, [membership]] = await Promise.all([findUser(db, userId), membershipsOf(db.pool, userId)]);
  if (!user || !membership) return undefined;
  const { secret, hint } = mintCredential('session');
  // The roles that count are those that the membership has at each use.
  await db.pool.query(
    `INSERT INTO operator_token (tenant_id, name, roles, kind, hint, hmac, user_id, issuer_session, browser, expires_at, last_used_at)
     VALUES ($1, $2, '{}', 'session', $3, $4, $5, $6, $7, now() + make_interval(secs => $8), now())`,
    [membership.tenantId, user.name, hint, keys.hmac(secret), user.id, issuerSession ?? null, browser?.slice(0, maxBrowserLength) ?? null, sessionS],
  );
  return secret;
}

/** For links to it. */
export const signInAnd = (to: (typeof destinations)[number]): string => `${signInStartPath}?to=${encodeURIComponent(to)}`;
