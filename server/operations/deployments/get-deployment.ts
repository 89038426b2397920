import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { findOutcome, toDeployment } from '../../deployments/deployment-rows.ts';
import { notFound } from '../../errors.ts';
import { entityTag } from '../entity-tag.ts';

export const getDeployment: Handler<operations['getDeployment'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const row = await context.db.prisma.deployment.findFirst({ where: { id: path.deployment_id, tenant_id: tenantId } });
  if (!row) throw notFound('deployment');
  const deployment = toDeployment(row);
  return { status: 200, body: { ...deployment, ...(await findOutcome(context.db.pool, row.id)) }, headers: entityTag(deployment) };
};
