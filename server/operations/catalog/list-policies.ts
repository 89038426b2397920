import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { toPolicy } from '../../catalog/policy-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { after, inOrder, nameHolds, pageOf } from '../page.ts';

export const listPolicies: Handler<operations['listPolicies'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context, 'read');
  const page = await pageOf(
    query,
    (take, position) =>
      context.db.prisma.policy.findMany({
        where: { tenant_id: tenantId, ...nameHolds(query.search), ...after(position) },
        orderBy: inOrder,
        take,
        include: { attachments: true },
      }),
    toPolicy,
  );
  return { status: 200, body: page };
};
