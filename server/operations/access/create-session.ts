import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { mintCredential } from '../../access/credentials.ts';
import { sessionRights } from '../../access/session-rights.ts';
import { sessionCookie } from '../../access/session-cookie.ts';
import type { RequestContext } from '../../context.ts';
import { badCredential } from '../../errors.ts';
import { toTimestamp } from '../wire.ts';

const sessionMs = 12 * 60 * 60 * 1000;

type Spent = { tenant_id: string; name: string; roles: string[]; scopes: string[]; issued_by: string; issuer_expires_at: Date | null };

/**
 * The code is spent and the session made in one transaction: two browsers cannot both come in by one link. A session does not outlive the
 * token that it comes from.
 */
export const createSession: Handler<operations['createSession'], RequestContext> = async ({ body }, context) => {
  const { secret, hint } = mintCredential('session');
  const session = await context.db.prisma.$transaction(async (tx) => {
    const [spent] = await tx.$queryRaw<Spent[]>`
      UPDATE operator_token link SET revoked_at = now() FROM operator_token issuer
      WHERE link.hmac = ${new Uint8Array(context.keys.hmac(body.code))} AND link.kind = 'link' AND link.revoked_at IS NULL AND link.expires_at > now()
        AND issuer.id = link.issued_by AND issuer.revoked_at IS NULL AND (issuer.expires_at IS NULL OR issuer.expires_at > now())
      RETURNING link.tenant_id, link.name, link.roles, link.scopes, link.issued_by, issuer.expires_at AS issuer_expires_at`;
    if (!spent) return undefined;
    const { issuer_expires_at: issuerExpiresAt, ...link } = spent;
    const expires_at = new Date(Math.min(Date.now() + sessionMs, issuerExpiresAt?.getTime() ?? Infinity));
    await tx.operator_token.create({ data: { ...link, kind: 'session', hint, hmac: new Uint8Array(context.keys.hmac(secret)), expires_at } });
    return { ...link, expires_at };
  });
  if (!session) throw badCredential('This sign-in link is spent, expired or unknown. Ask for a new one.');
  const { name, expires_at } = session;
  return {
    status: 201,
    body: { ...sessionRights(session), name, expires_at: toTimestamp(expires_at) },
    headers: { 'Set-Cookie': sessionCookie(secret, sessionMs / 1000, context) },
  };
};
