import { randomUUID } from 'node:crypto';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { findOutcome, toDeployment } from '../../deployments/deployment-rows.ts';
import { freeDeploymentName, requireFreeDeploymentName } from '../../deployments/deployment-names.ts';
import { toCatalogDeployment } from '../../deployments/load-catalog.ts';
import { rehearseDeployment } from '../../deployments/rehearse-deployment.ts';
import { pinOf, requireCriterion, requireOtherTargets, requirePrefixToStrip } from '../../deployments/require-deployable.ts';
import { unprocessable } from '../../errors.ts';
import { entityTag } from '../entity-tag.ts';
import { present } from '../wire.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { requireRoom } from '../../tenants/limits.ts';

export const createDeployment: Handler<operations['createDeployment'], RequestContext> = async ({ query, body }, context) => {
  const { tenantId } = requireOperator(context);
  const { api_id, targets, name, drift = 'repair', public_path } = body;
  requireCriterion(targets);
  requirePrefixToStrip(public_path);
  const id = randomUUID();
  const create = async (tx: Prisma.TransactionClient) => {
    const api = await tx.api.findFirst({ where: { id: api_id, tenant_id: tenantId }, select: { id: true, name: true, revision: true } });
    if (!api) throw unprocessable('There is no such API.', [{ pointer: '/body/api_id', message: 'there is no such API' }]);
    await requireOtherTargets(tx, api.id, id, targets);
    const called = name === undefined ? await freeDeploymentName(tx, tenantId, api.name) : await requireFreeDeploymentName(tx, tenantId, name);
    const revision = await pinOf(tx, api, body.revision);
    const by = { created_by: makerOf(context.principal), updated_by: makerOf(context.principal) };
    await requireRoom(tx, tenantId, 'deployments');
    const created = await tx.deployment.create({
      data: { id, tenant_id: tenantId, api_id: api.id, name: called, targets, revision, drift, ...present({ public_path }), ...by },
    });
    await record(tx, context, { object: { kind: 'deployment', id, name: called }, after: toDeployment(created) });
    return created;
  };
  const isDryRun = query.dry_run === true;
  const row = await changeCatalog(context, tenantId, { kind: 'deployment', id }, create, isDryRun);
  if (isDryRun)
    return { status: 200, body: { deployment: toDeployment(row), gateways: await rehearseDeployment(context, toCatalogDeployment(row)) } };
  const { state, warnings } = await inTenant(context, (tx) => findOutcome(sqlOf(tx), row.id));
  const deployment = toDeployment(row);
  return { status: 201, body: { ...deployment, state, warnings }, headers: entityTag(deployment) };
};
