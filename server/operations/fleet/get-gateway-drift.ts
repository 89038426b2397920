import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { sqlOf } from '../../database/sql.ts';
import { notFound } from '../../errors.ts';
import { findDrift } from '../../fleet/drift.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const getGatewayDrift: Handler<operations['getGatewayDrift'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  return inTenant(context, async (tx) => {
    const gateway = await tx.gateway.findFirst({ where: { id: path.gateway_id, tenant_id: tenantId }, select: { id: true } });
    if (!gateway) throw notFound('gateway');
    return { status: 200, body: { items: await findDrift(sqlOf(tx), tenantId, gateway.id) } };
  });
};
