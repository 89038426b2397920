import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { actorOf } from '../../audit/actor.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { sessionCookie } from '../../access/session-cookie.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { endBrowser } from '../../identity/sessions.ts';

/** Ends a browser session, and the issuer's that it came from. A bearer token has no session to end and stays good. */
export const deleteSession: Handler<operations['deleteSession'], RequestContext> = async (_input, context) => {
  const principal = requireOperator(context);
  const by = { actor: actorOf(principal, context.asked), action: context.asked.operationId };
  if (await endBrowser(context.db, principal.tokenId, by)) await announceRevocation(context);
  return { status: 204, headers: { 'Set-Cookie': sessionCookie('', 0, context) } };
};
