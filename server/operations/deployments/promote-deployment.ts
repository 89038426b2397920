import { randomUUID } from 'node:crypto';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { Promotion } from '@stoa/generated/schemas.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { bumpTenant } from '../../deployments/bump-tenant.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { freeDeploymentName, requireFreeDeploymentName } from '../../deployments/deployment-names.ts';
import { findOutcome, toDeployment } from '../../deployments/deployment-rows.ts';
import { carryPolicies } from '../../deployments/carry-policies.ts';
import { requireNoConflict, requirePromotable } from '../../deployments/require-promotable.ts';
import { toolDifferences } from '../../deployments/tool-differences.ts';
import { notFound } from '../../errors.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { requireMatch } from '../entity-tag.ts';
import { present } from '../wire.ts';

export const promoteDeployment: Handler<operations['promoteDeployment'], RequestContext> = async ({ path, headers, query, body }, context) => {
  const { tenantId } = requireOperator(context);
  const newId = randomUUID();
  const promote = async (tx: Prisma.TransactionClient): Promise<Promotion> => {
    const source = await tx.deployment.findFirst({
      where: { id: path.deployment_id, tenant_id: tenantId },
      include: { api: { select: { id: true, name: true, revision: true } } },
    });
    if (!source) throw notFound('deployment');
    requireMatch(headers, toDeployment(source));
    const { from, to, targets } = requirePromotable(source, body.environment);
    const revision = source.revision ?? source.api.revision;
    const existing = await requireNoConflict(tx, source, { targets, revision });
    const before = existing === undefined ? undefined : (existing.revision ?? source.api.revision);
    const name = body.name ?? (existing ? existing.name : await nameIn(tx, tenantId, source, from, to));
    if (name !== existing?.name && body.name !== undefined) await requireFreeDeploymentName(tx, tenantId, name);
    const by = makerOf(context.principal);
    const row = existing
      ? await tx.deployment.update({ where: { id: existing.id }, data: { revision, name, updated_by: by } })
      : await tx.deployment.create({
          data: {
            id: newId,
            tenant_id: tenantId,
            api_id: source.api_id,
            name,
            targets,
            revision,
            drift: source.drift,
            // The same address in the next environment: what it is called there is a change of that deployment.
            ...(source.public_path !== null && { public_path: source.public_path as Prisma.InputJsonObject }),
            created_by: by,
            updated_by: by,
          },
        });
    if (existing) await bumpTenant(tx, tenantId, { kind: 'deployment', id: existing.id });
    const isSame = existing !== undefined && existing.revision === revision && existing.name === name;
    const promotion: Promotion = {
      deployment: toDeployment(row),
      from,
      to,
      action: existing === undefined ? 'created' : isSame ? 'unchanged' : 'updated',
      revision: { ...present({ before }), after: revision },
      tools: await toolDifferences(tx, source.api_id, before, revision),
      policies: await carryPolicies(tx, tenantId, source.api_id, from, to),
    };
    const { action, policies } = promotion;
    await record(tx, context, {
      object: { kind: 'deployment', id: row.id, name: row.name },
      ...(existing && { before: { revision: before } }),
      after: toDeployment(row),
      detail: { from, to, action, promoted: source.id, policies },
    });
    return promotion;
  };
  const isDryRun = query.dry_run === true;
  // Which of the two it is, is known within; to read a deployment that is not there costs nothing.
  const promotion = await changeCatalog(context, tenantId, { kind: 'deployment', id: newId }, promote, isDryRun);
  if (isDryRun) return { status: 200, body: promotion };
  const { state, warnings } = await inTenant(context, (tx) => findOutcome(sqlOf(tx), promotion.deployment.deployment_id));
  return { status: 200, body: { ...promotion, deployment: { ...promotion.deployment, state, warnings } } };
};

/** `orders-staging` becomes `orders-production`; any other gets the environment's name behind that of its API. */
async function nameIn(
  tx: Prisma.TransactionClient,
  tenantId: string,
  { name, api }: { name: string; api: { name: string } },
  from: string,
  to: string,
): Promise<string> {
  const stem = name.endsWith(`-${from}`) ? name.slice(0, -from.length - 1) : api.name;
  return freeDeploymentName(tx, tenantId, `${stem}-${to}`);
}
