import type { Pool } from 'pg';

export type LinkedSession = { name: string; roles: string[]; scopes: string[]; expires_at: Date };

/**
 * Spends a sign-in code and makes the session in one statement: two browsers cannot both come in by one link. A session does not outlive the token that it comes
 * from. Undefined for a code that is spent, expired or unknown.
 */
export async function spendLink(
  { pool }: { pool: Pool },
  code: { hmac: Buffer },
  session: { hmac: Buffer; hint: string; goodForS: number },
): Promise<LinkedSession | undefined> {
  const { rows } = await pool.query<LinkedSession>(
    `WITH spent AS (
       UPDATE operator_token link SET revoked_at = now() FROM operator_token issuer
       WHERE link.hmac = $1 AND link.kind = 'link' AND link.revoked_at IS NULL AND link.expires_at > now()
         AND issuer.id = link.issued_by AND issuer.revoked_at IS NULL AND (issuer.expires_at IS NULL OR issuer.expires_at > now())
       RETURNING link.tenant_id, link.name, link.roles, link.scopes, link.issued_by, issuer.expires_at AS issuer_expires_at)
     INSERT INTO operator_token (tenant_id, name, roles, scopes, issued_by, kind, hint, hmac, expires_at)
     SELECT tenant_id, name, roles, scopes, issued_by, 'session', $2, $3, LEAST(now() + make_interval(secs => $4), issuer_expires_at) FROM spent
     RETURNING name, roles, scopes, expires_at`,
    [code.hmac, session.hint, session.hmac, session.goodForS],
  );
  return rows[0];
}
