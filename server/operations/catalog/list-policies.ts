import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { toPolicy } from '../../catalog/policy-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { findPolicyStates } from '../../deployments/policy-states.ts';
import { after, inOrder, labelsFit, nameHolds, pageOf } from '../page.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const listPolicies: Handler<operations['listPolicies'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const page = await inTenant(context, (tx) =>
    pageOf(
      query,
      async (take, position) => {
        const rows = await tx.policy.findMany({
          where: { tenant_id: tenantId, AND: [nameHolds(query.search), ...labelsFit(query.label)], ...after(position) },
          orderBy: inOrder,
          take,
          include: { attachments: true, plans: true },
        });
        const states = await findPolicyStates(sqlOf(tx), rows);
        return rows.map((row) => ({ ...row, state: states.get(row.id) }));
      },
      toPolicy,
    ),
  );
  return { status: 200, body: page };
};
