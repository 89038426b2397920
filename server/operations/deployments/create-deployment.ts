import { randomUUID } from 'node:crypto';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { toDeployment } from '../../deployments/deployment-rows.ts';
import { conflict, unprocessable } from '../../errors.ts';

export const createDeployment: Handler<operations['createDeployment'], RequestContext> = async ({ body }, context) => {
  const { tenantId } = requireOperator(context, 'write');
  const { api_id, targets } = body;
  if (Object.entries(targets).every(([criterion, value]) => criterion === 'labels' && Object.keys(value).length === 0)) {
    throw unprocessable('The targets name no criterion.', [
      { pointer: '/body/targets', message: 'must name at least one instance, mode, environment or label' },
    ]);
  }
  const row = await changeCatalog(context.db, tenantId, async (tx) => {
    const api = await tx.api.findFirst({ where: { id: api_id, tenant_id: tenantId }, select: { id: true } });
    if (!api) throw unprocessable('There is no such API.', [{ pointer: '/body/api_id', message: 'there is no such API' }]);
    const others = await tx.deployment.findMany({ where: { api_id: api.id }, select: { id: true, targets: true } });
    const same = others.find((other) => canonicalJson(other.targets) === canonicalJson(targets));
    if (same) throw conflict(`The API is deployed to these targets already, by the deployment ${same.id}.`, 'already_deployed');
    return tx.deployment.create({ data: { id: randomUUID(), tenant_id: tenantId, api_id: api.id, targets } });
  });
  return { status: 201, body: toDeployment(row) };
};
