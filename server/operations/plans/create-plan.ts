import { randomUUID } from 'node:crypto';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { requireFreePlanName, requireParts } from '../../plans/plan-parts.ts';
import { toPlan, withParts } from '../../plans/plan-rows.ts';
import { requireRoom } from '../../tenants/limits.ts';
import { entityTag } from '../entity-tag.ts';

export const createPlan: Handler<operations['createPlan'], RequestContext> = async ({ query, body }, context) => {
  const { tenantId } = requireOperator(context);
  const by = makerOf(context.principal);
  const { name, description = null, labels = {} } = body;
  const id = randomUUID();
  const make = async (tx: Prisma.TransactionClient) => {
    await requireRoom(tx, tenantId, 'plans');
    await requireFreePlanName(tx, tenantId, name);
    const { apiIds, policyIds } = await requireParts(tx, tenantId, body);
    const created = await tx.plan.create({
      data: {
        id,
        tenant_id: tenantId,
        name,
        description,
        labels,
        created_by: by,
        updated_by: by,
        apis: { createMany: { data: apiIds.map((api_id) => ({ api_id })) } },
        policies: { createMany: { data: policyIds.map((policy_id) => ({ policy_id })) } },
      },
      include: withParts,
    });
    await record(tx, context, { object: { kind: 'plan', id, name }, after: toPlan(created) });
    return created;
  };
  const plan = toPlan(await changeCatalog(context, tenantId, { kind: 'plan', id }, make, query.dry_run === true));
  return { status: 201, body: plan, headers: entityTag(plan) };
};
