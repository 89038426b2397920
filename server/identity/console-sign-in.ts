import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import { randomNonce, randomPKCECodeVerifier, randomState } from 'openid-client';
import { mintCredential } from '../access/credentials.ts';
import { isSecure, sessionCookie } from '../access/session-cookie.ts';
import { ApiError } from '../errors.ts';
import type { AskedOperation } from '../audit/actor.ts';
import { appendFor } from '../audit/append.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { consoleCallbackPath } from './clients.ts';
import type { Checks, ConsoleWay, Vouched } from './console-way.ts';
import { embeddedSignIn } from './embedded-sign-in.ts';
import { refreshContext } from './external/ask-again.ts';
import { IssuerRefusal } from './external/external-issuer.ts';
import { externalSignIn } from './external/sign-in.ts';
import type { IdentityContext } from './identity-context.ts';
import { sendPage } from './pages/layout.ts';
import { failurePage, goOnPage } from './pages/sign-in.ts';
import { signInStartPath } from './paths.ts';
import { findUser, membershipsOf } from './users.ts';

/** What signing in begins with, on its way through the browser: sealed, in a cookie. */
type Begun = Checks & { to: string };
const begunCookie = 'stoa_sign_in';
const begunS = 30 * 60;
const begunContext = 'begun sign-in of the Console';
/** However a session is used, it ends after this. */
const sessionS = 12 * 60 * 60;
/** Where one may want to go: nobody is sent elsewhere from here. */
const destinations = ['/gateways/modes', '/account'] as const;
const invitation = /^\/join\?code=stoa_in_[A-Za-z0-9_-]{43}$/;
export const destinationOf = (asked: unknown): string =>
  destinations.find((path) => path === asked) ?? (typeof asked === 'string' && invitation.test(asked) ? asked : destinations[0]);

const wayOf = ({ external }: IdentityContext): ConsoleWay => (external === undefined ? embeddedSignIn : externalSignIn(external));
const callbackUrl = ({ publicUrl }: IdentityContext) => new URL(consoleCallbackPath, publicUrl());

export const signInBegun =
  (context: IdentityContext): RequestHandler =>
  async (request, response) => {
    const to = destinationOf(request.query['to']);
    const checks: Checks = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
    const isAnew = request.query['again'] !== undefined;
    const url = await wayOf(context).begin(context, { ...checks, redirectUri: callbackUrl(context).href }, { isAnew });
    const begun: Begun = { ...checks, to };
    keepBegun(context, response, context.keys.transient.seal(JSON.stringify(begun), begunContext).toString('base64url'), begunS);
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
    const vouched = await completed(context, here, begun);
    if (vouched === 'weak_acr')
      return sendPage(
        response,
        403,
        failurePage('The way you signed in is not strong enough for this Control Plane. Sign in anew, with your second factor.', 'Sign in anew', {
          to: `${signInStartPath}?again=yes`,
          words: 'Sign in anew',
        }),
      );
    if (vouched === 'not_good')
      // The issuer says no more than that it does not vouch: it no longer knows who was disabled, too.
      return sendPage(
        response,
        400,
        failurePage(
          'This was done already, took too long, or you may not sign in here any more. Sign in again; if that does not help, ask who runs this Control Plane.',
          'Sign in again',
        ),
      );
    const session = await makeSession(context, { ...vouched, from: context.callerOf(request) });
    if (session === undefined) return sendPage(response, 403, failurePage(belongsNowhere(context), 'You have no role here'));
    response.append('Set-Cookie', sessionCookie(session.secret, session.forS, context));
    const next = session.hasChoice && !invitation.test(begun.to) ? `/account/tenant?to=${encodeURIComponent(begun.to)}` : begun.to;
    if (context.external === undefined) return response.redirect(303, next);
    // Browsers send no SameSite=Strict cookie where another site's page led to by redirects; to what a page of ours leads to they do.
    sendPage(response, 200, goOnPage(next));
  };

const belongsNowhere = ({ external }: IdentityContext): string =>
  external === undefined
    ? 'You belong to no tenant any more. Ask who runs this Control Plane.'
    : 'You are known to the issuer, but none of your groups has a role here, or you were disabled. Ask who runs this Control Plane.';

async function completed(context: IdentityContext, address: URL, checks: Checks): Promise<Vouched | IssuerRefusal['reason']> {
  try {
    return await wayOf(context).complete(context, address, checks);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    context.log.warn({ err: error }, 'A sign-in was not completed.');
    return error instanceof IssuerRefusal ? error.reason : 'not_good';
  }
}

function readBegun({ keys }: IdentityContext, cookies: string | undefined): Begun | undefined {
  const sealed = cookies
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${begunCookie}=`))
    ?.slice(begunCookie.length + 1);
  try {
    return JSON.parse(keys.transient.open(Buffer.from(sealed ?? '', 'base64url'), begunContext)) as Begun;
  } catch {
    return undefined; // None, or none of ours.
  }
}

const maxBrowserLength = 200;

/** A session of the Console, bound to a person. Undefined for somebody who belongs nowhere. */
async function makeSession(
  { db, keys, external }: IdentityContext,
  { userId, issuerSession, refreshToken, from }: Vouched & { from: Pick<AskedOperation, 'address' | 'client'> },
): Promise<{ secret: string; forS: number; hasChoice: boolean } | undefined> {
  const [user, [membership, ...others]] = await Promise.all([findUser(db, userId), membershipsOf(db.pool, userId)]);
  if (!user || !membership) return undefined;
  const { secret, hint } = mintCredential('session');
  const id = randomUUID();
  // An issuer that cannot be asked again without the person is asked with him.
  const forS = external === undefined || refreshToken !== undefined ? sessionS : external.askAgainS;
  // The roles that count are those that the membership has at each use.
  const refresh = refreshToken === undefined ? null : await keys.seal(refreshToken, refreshContext(id));
  await inTransaction(db.pool, async (client) => {
    await client.query(
      `INSERT INTO operator_token (id, tenant_id, name, roles, kind, hint, hmac, user_id, issuer_session, issuer_refresh, issuer_asked_at, browser, expires_at, last_used_at)
     VALUES ($1, $2, $3, '{}', 'session', $4, $5, $6, $7, $8, CASE WHEN $8::bytea IS NOT NULL THEN now() END, $9, now() + make_interval(secs => $10), now())`,
      [
        id,
        membership.tenantId,
        user.name,
        hint,
        keys.hmac(secret),
        user.id,
        issuerSession ?? null,
        refresh,
        from.client?.slice(0, maxBrowserLength) ?? null,
        forS,
      ],
    );
    const actor = { kind: 'user' as const, id: user.id, tokenId: id, name: user.name, ...from };
    const detail = { by: external === undefined ? 'embedded issuer' : 'external issuer' };
    const object = { kind: 'session' as const, id, name: user.name };
    await appendFor(client, membership.tenantId, [{ kind: 'sign-in', action: 'startSession', outcome: 'done', actor, object, detail }]);
  });
  return { secret, forS, hasChoice: others.length > 0 };
}

/** For links to it. */
export const signInAnd = (to: string): string => `${signInStartPath}?to=${encodeURIComponent(to)}`;
