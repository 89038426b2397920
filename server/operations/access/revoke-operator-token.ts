import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';

/** The browser sessions that come from a token, and unspent links to them, are revoked with it. */
export const revokeOperatorToken: Handler<operations['revokeOperatorToken'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const { rowCount } = await context.db.pool.query(
    `UPDATE operator_token SET revoked_at = COALESCE(revoked_at, now()) WHERE tenant_id = $2 AND (id = $1 AND kind = 'token' OR issued_by = $1)`,
    [path.token_id, tenantId],
  );
  if (rowCount === 0) throw notFound('operator token');
  await announceRevocation(context);
  return { status: 204 };
};
