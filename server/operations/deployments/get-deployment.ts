import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { findChosenGateways, toDeployment } from '../../deployments/deployment-rows.ts';
import { notFound } from '../../errors.ts';

export const getDeployment: Handler<operations['getDeployment'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context, 'read');
  const row = await context.db.prisma.deployment.findFirst({
    where: { id: path.deployment_id, tenant_id: tenantId },
    include: { api: { select: { open_to_all_consumers: true } } },
  });
  if (!row) throw notFound('deployment');
  const deployment = toDeployment(row);
  const gateways = await findChosenGateways(context.db.pool, tenantId, { ...deployment, isOpen: row.api.open_to_all_consumers });
  return { status: 200, body: { ...deployment, gateways } };
};
