import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { findPlanStates } from '../../deployments/policy-states.ts';
import { notFound } from '../../errors.ts';
import { toPlan, withParts } from '../../plans/plan-rows.ts';
import { entityTag } from '../entity-tag.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const getPlan: Handler<operations['getPlan'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const { row, state } = await inTenant(context, async (tx) => {
    const found = await tx.plan.findFirst({ where: { id: path.plan_id, tenant_id: tenantId }, include: withParts });
    if (!found) throw notFound('plan');
    return { row: found, state: (await findPlanStates(sqlOf(tx), [found])).get(found.id) };
  });
  return { status: 200, body: toPlan({ ...row, state }), headers: entityTag(toPlan(row)) };
};
