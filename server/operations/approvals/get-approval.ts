import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { findApproval } from '../../approvals/approvals.ts';
import { toApproval } from '../../approvals/approval-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const getApproval: Handler<operations['getApproval'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  return { status: 200, body: toApproval(await inTenant(context, (tx) => findApproval(tx, tenantId, path.approval_id))) };
};
