import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { mintCredential } from '../../access/credentials.ts';
import { sessionRights } from '../../access/session-rights.ts';
import { sessionCookie } from '../../access/session-cookie.ts';
import { spendLink } from '../../access/spend-link.ts';
import type { RequestContext } from '../../context.ts';
import { recoveredOwner } from '../../recover-owner.ts';
import { badCredential } from '../../errors.ts';
import { toTimestamp } from '../wire.ts';

const sessionS = 12 * 60 * 60;

export const createSession: Handler<operations['createSession'], RequestContext> = async ({ body }, context) => {
  const { secret, hint } = mintCredential('session');
  const { keys } = context;
  const session = await spendLink(context.db, { hmac: keys.hmac(body.code) }, { hmac: keys.hmac(secret), hint, goodForS: sessionS }, context.asked);
  if (!session) throw badCredential('This sign-in link is spent, expired or unknown. Ask for a new one.');
  const { name, expires_at } = session;
  if (name === recoveredOwner)
    context.log.warn({ until: expires_at }, 'Somebody signed in as an owner by a link that was made on the machine of the server.');
  return {
    status: 201,
    body: { ...sessionRights(session), name, expires_at: toTimestamp(expires_at) },
    headers: { 'Set-Cookie': sessionCookie(secret, sessionS, context) },
  };
};
