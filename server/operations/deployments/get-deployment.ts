import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { findOutcome, toDeployment } from '../../deployments/deployment-rows.ts';
import { notFound } from '../../errors.ts';
import { entityTag } from '../entity-tag.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const getDeployment: Handler<operations['getDeployment'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const { row, outcome } = await inTenant(context, async (tx) => {
    const found = await tx.deployment.findFirst({
      where: { id: path.deployment_id, tenant_id: tenantId },
      include: { api: { select: { name: true } } },
    });
    if (!found) throw notFound('deployment');
    return { row: found, outcome: await findOutcome(sqlOf(tx), found.id) };
  });
  const deployment = toDeployment(row);
  return { status: 200, body: { ...deployment, api_name: row.api.name, ...outcome }, headers: entityTag(deployment) };
};
