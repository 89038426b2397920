import type { Pool } from 'pg';
import type { AskedOperation } from '../audit/actor.ts';
import { appendFor } from '../audit/append.ts';
import { inTransaction } from '../database/in-transaction.ts';

export type LinkedSession = { name: string; roles: string[]; scopes: string[]; expires_at: Date; tenant: { isPlatform: boolean } };

/**
 * Spends a sign-in code and makes the session in one statement: two browsers cannot both come in by one link. A session does not outlive the token that it comes
 * from. Undefined for a code that is spent, expired or unknown.
 */
export async function spendLink(
  { pool }: { pool: Pool },
  code: { hmac: Buffer },
  session: { hmac: Buffer; hint: string; goodForS: number },
  asked: AskedOperation,
): Promise<LinkedSession | undefined> {
  return inTransaction(pool, async (client) => {
    const [made] = (await client.query<Made>(spend, [code.hmac, session.hint, session.hmac, session.goodForS])).rows;
    if (made === undefined) return undefined;
    const { id, tenant_id, issued_by, is_platform: isPlatform, ...linked } = made;
    const actor = { kind: 'token' as const, id: issued_by, tokenId: id, name: linked.name, address: asked.address, client: asked.client };
    const object = { kind: 'session' as const, id, name: linked.name };
    await appendFor(client, tenant_id, [{ kind: 'sign-in', action: asked.operationId, outcome: 'done', actor, object, detail: { by: 'link' } }]);
    return { ...linked, tenant: { isPlatform } };
  });
}

type Made = Omit<LinkedSession, 'tenant'> & { id: string; tenant_id: string; issued_by: string; is_platform: boolean };
const spend = `
  WITH spent AS (
    UPDATE operator_token link SET revoked_at = now() FROM operator_token issuer JOIN tenant t ON t.id = issuer.tenant_id AND t.suspended_at IS NULL
    WHERE link.hmac = $1 AND link.kind = 'link' AND link.revoked_at IS NULL AND link.expires_at > now()
      AND issuer.id = link.issued_by AND issuer.revoked_at IS NULL AND (issuer.expires_at IS NULL OR issuer.expires_at > now())
    RETURNING link.tenant_id, link.name, link.roles, link.scopes, link.issued_by, issuer.expires_at AS issuer_expires_at)
  INSERT INTO operator_token (tenant_id, name, roles, scopes, issued_by, kind, hint, hmac, expires_at)
  SELECT tenant_id, name, roles, scopes, issued_by, 'session', $2, $3, LEAST(now() + make_interval(secs => $4), issuer_expires_at) FROM spent
  RETURNING id, tenant_id, issued_by, name, roles, scopes, expires_at,
    EXISTS (SELECT FROM platform p WHERE p.tenant_id = operator_token.tenant_id) AS is_platform`;
