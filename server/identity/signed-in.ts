import type { Request, RequestHandler, Response } from 'express';
import type { OperatorPrincipal } from '../access/principal.ts';
import { sessionCookieOf } from '../access/session-cookie.ts';
import { signInAnd } from './console-sign-in.ts';
import type { IdentityContext } from './identity-context.ts';
import { noAccountPage } from './pages/account.ts';
import { sendPage } from './pages/layout.ts';

export type Signed = OperatorPrincipal & { userId: string };
type Work = (context: IdentityContext, person: Signed, request: Request, response: Response) => Promise<void>;

/** Whose session the browser has, if any: a person's, or that of a token, which a sign-in link made. */
async function sessionOf({ authenticator }: IdentityContext, { headers }: Request): Promise<OperatorPrincipal | undefined> {
  const cookie = sessionCookieOf(headers.cookie);
  const principal = cookie === undefined ? undefined : await authenticator.authenticate(cookie);
  return principal?.kind === 'operator' && principal.via === 'session' ? principal : undefined;
}

const isPerson = (principal: OperatorPrincipal): principal is Signed => principal.userId !== undefined;

/** The person whose browser this is; undefined for who is not signed in, or by a token's link alone. */
export async function personOf(context: IdentityContext, request: Request): Promise<Signed | undefined> {
  const principal = await sessionOf(context, request);
  return principal && isPerson(principal) ? principal : undefined;
}

/** What a signed-in person asks. Who is not signed in is sent to sign in; who came by the link of a token is told that it has no account. */
export const ofPerson =
  (work: Work) =>
  (context: IdentityContext): RequestHandler =>
  async (request, response) => {
    const principal = await sessionOf(context, request);
    if (principal === undefined) return response.redirect(303, signInAnd('/account'));
    if (isPerson(principal)) return work(context, principal, request, response);
    sendPage(response, 200, noAccountPage(principal.name, signInAnd('/account')));
  };
