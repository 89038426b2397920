import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { Plan, PlanPatch } from '@stoa/generated/schemas.ts';
import { makerOf } from '../../audit/actor.ts';
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
  const edit = async (tx: Prisma.TransactionClient) => {
    const row = await tx.plan.findFirst({ where: { id: path.plan_id, tenant_id: tenantId }, include: withParts });
    if (!row) throw notFound('plan');
    const before = toPlan(row);
    requireMatch(headers, before);
    if (body.name !== undefined && body.name !== before.name) await requireFreePlanName(tx, tenantId, body.name);
    const wanted = edited(before, body, await requireParts(tx, tenantId, body));
    // An edit that says what is there changes nothing, the time of the last one neither.
    const isSame = canonicalJson(wanted) === canonicalJson(before);
    const written = isSame
      ? row
      : await tx.plan.update({
          where: { id: row.id },
          data: { ...changed(before, wanted), updated_by: makerOf(context.principal) },
          include: withParts,
        });
    await record(tx, context, { object: { kind: 'plan', id: row.id, name: written.name }, before, after: toPlan(written) });
    return written;
  };
  const plan = toPlan(await changeCatalog(context, tenantId, { kind: 'plan', id: path.plan_id }, edit, query.dry_run === true));
  return { status: 200, body: plan, headers: entityTag(plan) };
};

type Parts = Awaited<ReturnType<typeof requireParts>>;

/** The plan as it shall be. By this it is told whether the edit changes anything, and this is what is written. */
function edited({ description, ...plan }: Plan, patch: PlanPatch, { apiIds, policyIds }: Parts): Plan {
  const { name, labels } = patch;
  return {
    ...plan,
    ...present({ name, labels, description: patch.description === undefined ? description : patch.description }),
    ...(patch.api_ids === undefined ? {} : { api_ids: apiIds.toSorted() }),
    ...(patch.policy_ids === undefined ? {} : { policy_ids: policyIds.toSorted() }),
  };
}

/** What an edit does not name stays as it is, its rows too. */
function changed(before: Plan, { name, labels, description, api_ids: apiIds, policy_ids: policyIds }: Plan): Prisma.planUpdateInput {
  const apis = { deleteMany: {}, createMany: { data: apiIds.map((api_id) => ({ api_id })) } };
  const policies = { deleteMany: {}, createMany: { data: policyIds.map((policy_id) => ({ policy_id })) } };
  return {
    name,
    labels,
    description: description ?? null,
    ...(apiIds === before.api_ids ? {} : { apis }),
    ...(policyIds === before.policy_ids ? {} : { policies }),
    updated_at: new Date(),
  };
}
