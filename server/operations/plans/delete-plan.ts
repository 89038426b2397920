import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';
import { toPlan, withParts } from '../../plans/plan-rows.ts';
import { requireMatch } from '../entity-tag.ts';

export const deletePlan: Handler<operations['deletePlan'], RequestContext> = async ({ path, headers }, context) => {
  const { tenantId } = requireOperator(context);
  await changeCatalog(context, tenantId, { kind: 'plan', id: path.plan_id }, async (tx) => {
    const current = await tx.plan.findFirst({ where: { id: path.plan_id, tenant_id: tenantId }, include: withParts });
    if (!current) throw notFound('plan');
    requireMatch(headers, toPlan(current));
    await tx.plan.delete({ where: { id: current.id } });
    await record(tx, context, { object: { kind: 'plan', id: current.id, name: current.name }, before: toPlan(current) });
  });
  return { status: 204 };
};
