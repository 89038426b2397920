import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { findPlanStates } from '../../deployments/policy-states.ts';
import { toPlan, withParts } from '../../plans/plan-rows.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { after, inOrder, labelsFit, nameHolds, pageOf } from '../page.ts';

export const listPlans: Handler<operations['listPlans'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const page = await inTenant(context, (tx) =>
    pageOf(
      query,
      async (take, position) => {
        const rows = await tx.plan.findMany({
          where: { tenant_id: tenantId, AND: [nameHolds(query.search), ...labelsFit(query.label)], ...after(position) },
          orderBy: inOrder,
          take,
          include: withParts,
        });
        const states = await findPlanStates(sqlOf(tx), rows);
        return rows.map((row) => ({ ...row, state: states.get(row.id) }));
      },
      toPlan,
    ),
  );
  return { status: 200, body: page };
};
