import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { noteGone } from '../../fleet/presence.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const decommissionGateway: Handler<operations['decommissionGateway'], RequestContext> = async ({ path, query }, context) => {
  const { tenantId } = requireOperator(context);
  const statement = query.forget
    ? 'DELETE FROM gateway WHERE id = $1::uuid AND tenant_id = $2::uuid RETURNING id'
    : `WITH gone AS (UPDATE gateway SET revoked_at = COALESCE(revoked_at, now()) WHERE id = $1::uuid AND tenant_id = $2::uuid RETURNING id), noted AS (${noteGone('revoked')}) SELECT id FROM gone`;
  const { rows } = await inTenant(context, (tx) => sqlOf(tx).query(statement, [path.gateway_id, tenantId]));
  if (rows.length === 0) throw notFound('gateway');
  return { status: 204 };
};
