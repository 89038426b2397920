import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { Prisma } from '@stoa/generated/prisma/client.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { findOutcome, toDeployment } from '../../deployments/deployment-rows.ts';
import { requireFreeDeploymentName } from '../../deployments/deployment-names.ts';
import { pinOf, requireCriterion, requireOtherTargets, requirePrefixToStrip } from '../../deployments/require-deployable.ts';
import { notFound, unprocessable } from '../../errors.ts';
import { entityTag, requireMatch } from '../entity-tag.ts';
import { present } from '../wire.ts';
import { sqlOf } from '../../database/sql.ts';

export const updateDeployment: Handler<operations['updateDeployment'], RequestContext> = async ({ path, query, headers, body }, context) => {
  const { tenantId } = requireOperator(context);
  const { name, targets, revision, drift, public_path: publicPath } = body;
  if (targets) requireCriterion(targets);
  requirePrefixToStrip(publicPath);
  const update = async (tx: Prisma.TransactionClient) => {
    const current = await tx.deployment.findFirst({
      where: { id: path.deployment_id, tenant_id: tenantId },
      include: { api: { select: { id: true, revision: true } } },
    });
    if (!current) throw notFound('deployment');
    requireMatch(headers, toDeployment(current));
    if (targets && current.adopted !== null)
      throw unprocessable('It exposes what was on one gateway, and stays there.', [
        { pointer: '/body/targets', message: 'cannot be changed of what was taken over' },
      ]);
    if (publicPath && current.adopted !== null)
      throw unprocessable('It exposes what was on one gateway, as that was.', [
        { pointer: '/body/public_path', message: 'cannot be given to what was taken over' },
      ]);
    if (targets) await requireOtherTargets(tx, current.api_id, current.id, targets);
    const pinned = revision === undefined ? {} : { revision: await pinOf(tx, current.api, revision) };
    if (name !== undefined && name !== current.name) await requireFreeDeploymentName(tx, tenantId, name);
    const exposed = publicPath === undefined ? {} : { public_path: publicPath ?? Prisma.DbNull };
    const changed = { ...present({ name, targets, drift }), ...exposed, ...pinned, updated_by: makerOf(context.principal) };
    const updated = await tx.deployment.update({ where: { id: current.id }, data: changed });
    const states = { before: toDeployment(current), after: toDeployment(updated) };
    await record(tx, context, { object: { kind: 'deployment', id: updated.id, name: updated.name }, ...states });
    return { row: updated, outcome: await findOutcome(sqlOf(tx), updated.id) };
  };
  const { row, outcome } = await changeCatalog(context, tenantId, { kind: 'deployment', id: path.deployment_id }, update, query.dry_run === true);
  const deployment = toDeployment(row);
  return { status: 200, body: { ...deployment, ...outcome }, headers: entityTag(deployment) };
};
