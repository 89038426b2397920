import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { decide, findApproval } from '../../approvals/approvals.ts';
import { recordedApproval, toApproval } from '../../approvals/approval-rows.ts';
import { requireMayDecide } from '../../approvals/second-person.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const denyApproval: Handler<operations['denyApproval'], RequestContext> = async ({ path, body }, context) => {
  const by = requireOperator(context);
  const row = await inTenant(context, async (tx) => {
    const found = await findApproval(tx, by.tenantId, path.approval_id);
    await requireMayDecide(tx, by, found);
    const denied = await decide(tx, found, { state: 'denied', by: by.name, reason: body.reason });
    await record(tx, context, recordedApproval(denied));
    return denied;
  });
  return { status: 200, body: toApproval(row) };
};
