import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';

export const revokeOperatorToken: Handler<operations['revokeOperatorToken'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context, 'write');
  const { rowCount } = await context.db.pool.query(
    `UPDATE operator_token SET revoked_at = COALESCE(revoked_at, now()) WHERE id = $1 AND tenant_id = $2 AND kind = 'token'`, [path.token_id, tenantId]);
  if (rowCount === 0) throw notFound('operator token');
  await announceRevocation(context);
  return { status: 204 };
};
