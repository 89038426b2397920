import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { toPolicy } from '../../catalog/policy-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { findPolicyStates } from '../../deployments/policy-states.ts';
import { rejectionWarnings } from '../../deployments/rejecting-gateways.ts';
import { notFound } from '../../errors.ts';
import { entityTag } from '../entity-tag.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const getPolicy: Handler<operations['getPolicy'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const { row, state, warnings } = await inTenant(context, async (tx) => {
    const found = await tx.policy.findFirst({ where: { id: path.policy_id, tenant_id: tenantId }, include: { attachments: true, plans: true } });
    if (!found) throw notFound('policy');
    const sql = sqlOf(tx);
    return {
      row: found,
      state: (await findPolicyStates(sql, [found])).get(found.id),
      warnings: await rejectionWarnings(sql, { policyId: found.id }),
    };
  });
  return { status: 200, body: { ...toPolicy({ ...row, state }), ...(warnings.length > 0 && { warnings }) }, headers: entityTag(toPolicy(row)) };
};
