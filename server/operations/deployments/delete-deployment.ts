import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { toDeployment } from '../../deployments/deployment-rows.ts';
import { notFound } from '../../errors.ts';
import { requireMatch } from '../entity-tag.ts';

export const deleteDeployment: Handler<operations['deleteDeployment'], RequestContext> = async ({ path, headers }, context) => {
  const { tenantId } = requireOperator(context);
  await changeCatalog(context, tenantId, { kind: 'deployment', id: path.deployment_id }, async (tx) => {
    const current = await tx.deployment.findFirst({ where: { id: path.deployment_id, tenant_id: tenantId } });
    if (!current) throw notFound('deployment');
    requireMatch(headers, toDeployment(current));
    await tx.deployment.delete({ where: { id: current.id } });
    await record(tx, context, { object: { kind: 'deployment', id: current.id, name: current.name }, before: toDeployment(current) });
  });
  return { status: 204 };
};
