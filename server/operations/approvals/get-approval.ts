import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Approval } from '@stoa/generated/schemas.ts';
import { findApproval } from '../../approvals/approvals.ts';
import { toApprovals } from '../../approvals/calls.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const getApproval: Handler<operations['getApproval'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const [told] = await inTenant(context, async (tx) => toApprovals(tx, context, [await findApproval(tx, tenantId, path.approval_id)]));
  return { status: 200, body: told as Approval };
};
