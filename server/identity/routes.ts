import express, { Router } from 'express';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { clientAddresses } from '@stoa/lib/client-address.ts';
import type { ServerContext } from '../context.ts';
import { toProblem } from '../errors.ts';
import { accountShown, everythingEnded, sessionEnded } from './account.ts';
import { consoleCallbackPath } from './clients.ts';
import { signInBegun, signInDone } from './console-sign-in.ts';
import { userCodeProperty } from './device-pages.ts';
import type { IdentityContext } from './identity-context.ts';
import { consentGiven, interactionAborted, interactionPage, passwordGiven, secondFactorGiven } from './interactions.ts';
import { joinAccepted, joinForm, joinSubmitted } from './join.ts';
import { authenticatorAsked, authenticatorChanged, passwordAsked, passwordChanged, recoveryCodesAsked, recoveryCodesChanged } from './security.ts';
import { tenantAsked, tenantChosen } from './tenant-choice.ts';
import { signedOutElsewhere } from './external/backchannel-logout.ts';
import { backchannelLogoutPath, issuerPath, signInStartPath } from './paths.ts';
import { sendPage } from './pages/layout.ts';
import { failurePage } from './pages/sign-in.ts';
import { style } from './pages/style.ts';
import { pinRequest } from './pin-request.ts';
import { RegistrationBrake } from './registration-brake.ts';
import { SignInBrake } from './sign-in-brake.ts';

export type PublicRoute = { method: 'get' | 'post' | 'options'; path: string; standard: string };
type Page = {
  method: 'get' | 'post';
  path: string;
  purpose: string;
  handle: (context: IdentityContext) => RequestHandler;
  /** Absent for both. */
  only?: 'embedded' | 'external';
};

/**
 * Every route of the issuer. They are no operations of the contract: standards say what they are like, and who may ask them without a credential of ours. The issuer
 * is asked for nothing else.
 */
export const issuerRoutes: readonly PublicRoute[] = [
  { method: 'get', path: '/.well-known/openid-configuration', standard: 'OpenID Connect Discovery 1.0 §4' },
  { method: 'get', path: '/.well-known/oauth-authorization-server', standard: 'RFC 8414 §3' },
  { method: 'get', path: '/jwks', standard: 'RFC 7517 §5' },
  { method: 'get', path: '/auth', standard: 'RFC 6749 §3.1' },
  { method: 'post', path: '/auth', standard: 'OpenID Connect Core 1.0 §3.1.2.1' },
  { method: 'get', path: '/auth/:uid', standard: 'RFC 6749 §3.1, after a page' },
  { method: 'post', path: '/token', standard: 'RFC 6749 §3.2' },
  { method: 'post', path: '/token/revocation', standard: 'RFC 7009 §2' },
  { method: 'post', path: '/reg', standard: 'RFC 7591 §3' },
  { method: 'post', path: '/device/auth', standard: 'RFC 8628 §3.1' },
  { method: 'get', path: '/device', standard: 'RFC 8628 §3.3' },
  { method: 'post', path: '/device', standard: 'RFC 8628 §3.3' },
  { method: 'get', path: '/device/:uid', standard: 'RFC 8628 §3.3, after a page' },
];
/** Asked by browsers before scripts of other origins may (Fetch §3.2): every endpoint that such scripts call. */
const preflighted = [
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  '/jwks',
  '/token',
  '/token/revocation',
  '/reg',
  '/device/auth',
];

/** The pages that belong to them, which take a password, an invitation, or what a page before them proved. */
export const identityPages: readonly Page[] = [
  {
    method: 'get',
    path: `${issuerPath}/interaction/:uid`,
    purpose: 'the step that is next in signing in',
    handle: interactionPage,
    only: 'embedded',
  },
  { method: 'post', path: `${issuerPath}/interaction/:uid/password`, purpose: 'takes address and password', handle: passwordGiven, only: 'embedded' },
  { method: 'post', path: `${issuerPath}/interaction/:uid/code`, purpose: 'takes the second factor', handle: secondFactorGiven, only: 'embedded' },
  { method: 'post', path: `${issuerPath}/interaction/:uid/consent`, purpose: 'lets a client in', handle: consentGiven, only: 'embedded' },
  { method: 'post', path: `${issuerPath}/interaction/:uid/abort`, purpose: 'refuses a client', handle: interactionAborted, only: 'embedded' },
  {
    method: 'post',
    path: backchannelLogoutPath,
    purpose: 'takes the word of the external issuer that somebody signed out there',
    handle: signedOutElsewhere,
    only: 'external',
  },
  { method: 'get', path: signInStartPath, purpose: 'begins to sign a browser in to the Console', handle: signInBegun },
  { method: 'get', path: consoleCallbackPath, purpose: 'takes the code of the issuer for a session of the Console', handle: signInDone },
  { method: 'get', path: '/account', purpose: 'shows a person where he is signed in', handle: accountShown },
  { method: 'post', path: '/account/end', purpose: 'ends a session, or what a client may do', handle: sessionEnded },
  { method: 'post', path: '/account/end-all', purpose: 'signs a person out everywhere', handle: everythingEnded },
  { method: 'get', path: '/account/tenant', purpose: 'asks a person of several tenants for one', handle: tenantAsked },
  { method: 'post', path: '/account/tenant', purpose: 'takes another session for one of another tenant', handle: tenantChosen },
  { method: 'get', path: '/account/password', purpose: 'asks for a new password', handle: passwordAsked, only: 'embedded' },
  { method: 'post', path: '/account/password', purpose: 'changes the password', handle: passwordChanged, only: 'embedded' },
  { method: 'get', path: '/account/authenticator', purpose: 'shows a new authenticator', handle: authenticatorAsked, only: 'embedded' },
  { method: 'post', path: '/account/authenticator', purpose: 'changes the authenticator', handle: authenticatorChanged, only: 'embedded' },
  { method: 'get', path: '/account/recovery-codes', purpose: 'asks whether to make new codes', handle: recoveryCodesAsked, only: 'embedded' },
  { method: 'post', path: '/account/recovery-codes', purpose: 'makes new recovery codes', handle: recoveryCodesChanged, only: 'embedded' },
  { method: 'post', path: '/join/accept', purpose: 'takes an invitation with the account that one has', handle: joinAccepted, only: 'embedded' },
  { method: 'get', path: '/join', purpose: 'shows an invitation', handle: joinForm, only: 'embedded' },
  { method: 'post', path: '/join', purpose: 'takes an invitation', handle: joinSubmitted, only: 'embedded' },
];

export const pagesOf = (inForce: 'embedded' | 'external'): readonly Page[] => identityPages.filter(({ only = inForce }) => only === inForce);

/** The issuer and its pages, before everything that asks for a credential of the contract. */
export function identityRoutes(server: ServerContext): Router {
  const context: IdentityContext = { ...server, brake: new SignInBrake(), addressOf: clientAddresses(server.settings.trustedProxies) };
  const router = Router({ caseSensitive: true, strict: true });
  router.get(`${issuerPath}/style.css`, (_request, response) => void response.type('text/css').send(style));
  const form = express.urlencoded({ extended: false, limit: '16kb', parameterLimit: 30 });
  for (const { method, path, handle } of pagesOf(context.external === undefined ? 'embedded' : 'external'))
    router[method](path, requireOwnPage(context), form, handle(context), answerWithPage(context));
  if (context.external === undefined) embeddedRoutes(router, passToIssuer(context));
  return router;
}

/** With an external issuer there are no passwords here, and no clients. */
function embeddedRoutes(router: Router, issuer: RequestHandler): void {
  for (const { method, path } of issuerRoutes) router[method](issuerPath + path, issuer);
  for (const path of preflighted) router.options(issuerPath + path, issuer);
  // Where clients look that put the path last (RFC 8414 §3.1, and OpenID Connect done alike).
  for (const name of ['openid-configuration', 'oauth-authorization-server']) {
    router.get(
      `/.well-known/${name}${issuerPath}`,
      (request, _response, next) => {
        request.url = `${issuerPath}/.well-known/${name}`;
        request.originalUrl = request.url;
        next();
      },
      issuer,
    );
  }
}

/** RFC 7591 has no error for it; clients show the description. */
function tooMany(response: Response, waitS: number): void {
  response
    .status(429)
    .set({ 'retry-after': String(waitS), 'cache-control': 'no-store', 'access-control-allow-origin': '*' })
    .json({ error: 'temporarily_unavailable', error_description: `Too many clients registered. Try again in ${waitS} seconds.` });
}

function passToIssuer(context: IdentityContext): RequestHandler {
  const registrations = new RegistrationBrake();
  return async (request, response) => {
    const waitS = request.path === `${issuerPath}/reg` && request.method === 'POST' ? registrations.waitS(context.addressOf(request)) : undefined;
    if (waitS !== undefined) return tooMany(response, waitS);
    pinRequest(request, context.publicUrl(), context.addressOf(request));
    request.url = request.url.slice(issuerPath.length);
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    if (pathname === '/device' && searchParams.has('user_code')) {
      // The issuer would send the form by itself, with a script. A person shall look at the code, and press the button.
      (request as { [userCodeProperty]?: string })[userCodeProperty] = (searchParams.get('user_code') ?? '').slice(0, 20);
      request.url = pathname;
    }
    response.removeHeader('content-security-policy');
    await (await context.issuer()).callback()(request, response);
  };
}

/** A second wall beside SameSite: a form of another site is none of ours. */
function requireOwnPage(context: IdentityContext): RequestHandler {
  return (request, response, next) => {
    const { origin } = request.headers;
    pinRequest(request, context.publicUrl(), context.addressOf(request));
    if (request.method === 'GET' || origin === undefined || origin === new URL(context.publicUrl()).origin) return next();
    sendPage(response, 403, failurePage('This form came from a page of another site. Open the page again at this server.'));
  };
}

/** What goes wrong on a page is told on a page. */
function answerWithPage({ log }: IdentityContext): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const status = (error as { statusCode?: unknown }).statusCode;
    const known = typeof status === 'number' && status < 500;
    const { problem, retryAfterS, expected } = known
      ? {
          problem: { status, detail: 'This page is too old, or was opened in another browser. Start again.' },
          retryAfterS: undefined,
          expected: true,
        }
      : toProblem(error);
    if (!expected) log.error({ err: error, method: request.method, path: request.path }, 'A page of the issuer failed.');
    if (retryAfterS !== undefined) response.setHeader('retry-after', String(retryAfterS));
    sendPage(response, problem.status, failurePage(problem.detail ?? 'The server failed.'));
  };
}
