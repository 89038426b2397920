import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';

export const revokeGatewayKey: Handler<operations['revokeGatewayKey'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const { rowCount } = await context.db.pool.query(
    'UPDATE gateway_key SET revoked_at = COALESCE(revoked_at, now()) WHERE id = $1 AND tenant_id = $2',
    [path.key_id, tenantId],
  );
  if (rowCount === 0) throw notFound('gateway key');
  await announceRevocation(context);
  return { status: 204 };
};
