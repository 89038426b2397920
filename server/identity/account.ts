import type { Response } from 'express';
import { actorOf } from '../audit/actor.ts';
import { announceRevocation } from '../access/revocations.ts';
import { textsOf } from './form.ts';
import type { IdentityContext } from './identity-context.ts';
import { accountPage } from './pages/account.ts';
import { sendPage } from './pages/layout.ts';
import { endBrowser, endClient, endEverything, endToken, sessionsOf, tokensOf } from './sessions.ts';
import { ofPerson } from './signed-in.ts';
import type { Signed } from './signed-in.ts';
import { membershipsOf } from './users.ts';

async function show({ db, keys, external }: IdentityContext, { userId, name, tokenId, tenantId }: Signed, response: Response): Promise<void> {
  const store = { pool: db.pool, keys };
  const [sessions, tokens, memberships] = await Promise.all([sessionsOf(store, userId), tokensOf(store, userId), membershipsOf(db.pool, userId)]);
  const content = accountPage({
    name,
    hasPassword: external === undefined,
    memberships: memberships.map((membership) => ({ ...membership, isThis: membership.tenantId === tenantId })),
    sessions: [...sessions, ...tokens].map((session) => ({ ...session, isThis: session.id === tokenId })),
  });
  sendPage(response, 200, content);
}

export const accountShown = ofPerson((context, person, _request, response) => show(context, person, response));

export const sessionEnded = ofPerson(async (context, person, request, response) => {
  const { what, id } = textsOf(request, ['what', 'id']);
  if (what === 'client') await endClient(context.db, id, person.userId, context.callerOf(request));
  else if (!/^[0-9a-f-]{36}$/.test(id)) return response.redirect(303, '/account');
  else if (what === 'token') await endToken(context.db, id, person.userId, actorOf(person, context.callerOf(request)));
  else {
    const by = { actor: actorOf(person, context.callerOf(request)), action: 'endSession' as const, userId: person.userId };
    await endBrowser(context.db, id, by);
  }
  await announceRevocation(context);
  response.redirect(303, '/account');
});

export const everythingEnded = ofPerson(async (context, person, request, response) => {
  await endEverything(context.db, person.userId, context.callerOf(request));
  await announceRevocation(context);
  response.redirect(303, '/sign-in');
});
