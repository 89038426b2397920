import type { Request, RequestHandler } from 'express';
import type { OperatorPrincipal } from '../access/principal.ts';
import { announceRevocation } from '../access/revocations.ts';
import { sessionCookieOf } from '../access/session-cookie.ts';
import { signInAnd } from './console-sign-in.ts';
import { textsOf } from './form.ts';
import type { IdentityContext } from './identity-context.ts';
import { accountPage } from './pages/account.ts';
import { sendPage } from './pages/layout.ts';
import { endBrowser, endClient, endEverything, sessionsOf } from './sessions.ts';

type Signed = OperatorPrincipal & { userId: string };

/** The person whose browser this is; undefined for a session that a sign-in link made, which is a token's. */
async function personOf({ authenticator }: IdentityContext, { headers }: Request): Promise<Signed | undefined> {
  const cookie = sessionCookieOf(headers.cookie);
  const principal = cookie === undefined ? undefined : await authenticator.authenticate(cookie);
  return principal?.kind === 'operator' && principal.via === 'session' && principal.userId !== undefined ? (principal as Signed) : undefined;
}

/** What a signed-in person asks; others are sent to sign in. */
const ofPerson =
  (work: (context: IdentityContext, person: Signed, request: Request) => Promise<string | undefined>) =>
  (context: IdentityContext): RequestHandler =>
  async (request, response) => {
    const person = await personOf(context, request);
    if (person === undefined) return response.redirect(303, signInAnd('/account'));
    const next = await work(context, person, request);
    if (next !== undefined) return response.redirect(303, next);
    const sessions = await sessionsOf({ pool: context.db.pool, keys: context.keys }, person.userId);
    sendPage(
      response,
      200,
      accountPage({ name: person.name, sessions: sessions.map((session) => ({ ...session, isThis: session.id === person.tokenId })) }),
    );
  };

export const accountShown = ofPerson(() => Promise.resolve(undefined));

export const sessionEnded = ofPerson(async (context, person, request) => {
  const { what, id } = textsOf(request, ['what', 'id']);
  if (what === 'client') await endClient(context.db, id, person.userId);
  else if (/^[0-9a-f-]{36}$/.test(id)) await endBrowser(context.db, id, person.userId);
  await announceRevocation(context);
  return '/account';
});

export const everythingEnded = ofPerson(async (context, person) => {
  await endEverything(context.db, person.userId);
  await announceRevocation(context);
  return '/sign-in';
});
