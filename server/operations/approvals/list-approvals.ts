import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { toApprovals } from '../../approvals/calls.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { after, inOrder, pageOf } from '../page.ts';

export const listApprovals: Handler<operations['listApprovals'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const page = await inTenant(context, async (tx) => {
    const { items, next_cursor } = await pageOf(
      query,
      (take, position) =>
        tx.approval.findMany({
          where: {
            tenant_id: tenantId,
            AND: [after(position), inState(query.state), query.environment === undefined ? {} : { environments: { has: query.environment } }],
          },
          orderBy: inOrder,
          take,
        }),
      (row) => row,
    );
    return { items: await toApprovals(tx, context, items), next_cursor };
  });
  return { status: 200, body: page };
};

/** As answers tell it: what is over has expired, though the row says that it waits. */
function inState(state: string | undefined) {
  const now = new Date();
  if (state === undefined) return {};
  if (state === 'expired') return { state: { in: ['pending', 'approved'] }, expires_at: { lte: now } };
  return { state, ...(state === 'pending' || state === 'approved' ? { expires_at: { gt: now } } : {}) };
}
