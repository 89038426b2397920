import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { mintCredential } from '../../access/credentials.ts';
import { sessionCookie } from '../../access/session-cookie.ts';
import type { RequestContext } from '../../context.ts';
import { unauthorized } from '../../errors.ts';

const sessionMs = 12 * 60 * 60 * 1000;

/** The code is spent and the session made in one transaction: two browsers cannot both come in by one link. */
export const createSession: Handler<operations['createSession'], RequestContext> = async ({ body }, context) => {
  const { secret, hint } = mintCredential('session');
  const expiresAt = new Date(Date.now() + sessionMs);
  const session = await context.db.prisma.$transaction(async (tx) => {
    const [link] = await tx.$queryRaw<{ tenant_id: string; name: string; role: 'admin' | 'viewer' }[]>`
      UPDATE operator_token SET revoked_at = now()
      WHERE hmac = ${new Uint8Array(context.keys.hmac(body.code))} AND kind = 'link' AND revoked_at IS NULL AND expires_at > now()
      RETURNING tenant_id, name, role`;
    if (!link) return undefined;
    await tx.operator_token.create({ data: { ...link, kind: 'session', hint, hmac: new Uint8Array(context.keys.hmac(secret)), expires_at: expiresAt } });
    return link;
  });
  if (!session) throw unauthorized('This sign-in link is spent, expired or unknown. Ask for a new one.');
  return {
    status: 201,
    body: { role: session.role, name: session.name, expires_at: expiresAt.toISOString() },
    headers: { 'Set-Cookie': sessionCookie(secret, sessionMs / 1000, context.settings.secureCookies) },
  };
};
