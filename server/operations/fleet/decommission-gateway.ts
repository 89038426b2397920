import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { record } from '../../audit/record.ts';
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
  await inTenant(context, async (tx) => {
    const gateway = await tx.gateway.findFirst({ where: { id: path.gateway_id, tenant_id: tenantId } });
    const { rows } = await sqlOf(tx).query(statement, [path.gateway_id, tenantId]);
    if (rows.length === 0 || !gateway) throw notFound('gateway');
    const { environment, instance_name, gateway_mode, version } = gateway;
    const object = { kind: 'gateway' as const, id: gateway.id, name: instance_name };
    await record(tx, context, { object, before: { environment, instance_name, gateway_mode, version }, detail: { forget: query.forget === true } });
  });
  return { status: 204 };
};
