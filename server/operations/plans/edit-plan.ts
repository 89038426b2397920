import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { Plan, PlanPatch } from '@stoa/generated/schemas.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';
import { requireFreePlanName, requireParts } from '../../plans/plan-parts.ts';
import { toPlan, withParts } from '../../plans/plan-rows.ts';
import { entityTag, requireMatch } from '../entity-tag.ts';
import { present } from '../wire.ts';

export const editPlan: Handler<operations['editPlan'], RequestContext> = async ({ path, headers, query, body }, context) => {
  const { tenantId } = requireOperator(context);
  const { name, description, labels } = body;
  const edit = async (tx: Prisma.TransactionClient) => {
    const current = await tx.plan.findFirst({ where: { id: path.plan_id, tenant_id: tenantId }, include: withParts });
    if (!current) throw notFound('plan');
    requireMatch(headers, toPlan(current));
    if (name !== undefined && name !== current.name) await requireFreePlanName(tx, tenantId, name);
    const { apiIds, policyIds } = await requireParts(tx, tenantId, body);
    const tell = async (edited: typeof current) => {
      const states = { before: toPlan(current), after: toPlan(edited) };
      await record(tx, context, { object: { kind: 'plan', id: current.id, name: edited.name }, ...states });
      return edited;
    };
    if (isSame(toPlan(current), body, apiIds, policyIds)) return tell(current);
    const apis = { deleteMany: {}, createMany: { data: apiIds.map((api_id) => ({ api_id })) } };
    const policies = { deleteMany: {}, createMany: { data: policyIds.map((policy_id) => ({ policy_id })) } };
    const edited = await tx.plan.update({
      where: { id: current.id },
      data: {
        ...present({ name, labels }),
        ...(description === undefined ? {} : { description }),
        ...(body.api_ids === undefined ? {} : { apis }),
        ...(body.policy_ids === undefined ? {} : { policies }),
        updated_at: new Date(),
      },
      include: withParts,
    });
    return tell(edited);
  };
  const plan = toPlan(await changeCatalog(context, tenantId, { kind: 'plan', id: path.plan_id }, edit, query.dry_run === true));
  return { status: 200, body: plan, headers: entityTag(plan) };
};

/** An edit that says what is there changes nothing, the time of the last one neither. */
function isSame(plan: Plan, patch: PlanPatch, apiIds: readonly string[], policyIds: readonly string[]): boolean {
  const { description, ...others } = plan;
  const edited = {
    ...others,
    ...present({ name: patch.name, labels: patch.labels, description: patch.description === undefined ? description : patch.description }),
    ...(patch.api_ids === undefined ? {} : { api_ids: apiIds.toSorted() }),
    ...(patch.policy_ids === undefined ? {} : { policy_ids: policyIds.toSorted() }),
  };
  return canonicalJson(edited) === canonicalJson(plan);
}
