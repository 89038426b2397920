import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { toToolSet } from '../../tool-sets/tool-set-rows.ts';
import { after, inOrder, labelsFit, nameHolds, pageOf } from '../page.ts';

export const listToolSets: Handler<operations['listToolSets'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const page = await inTenant(context, (tx) =>
    pageOf(
      query,
      (take, position) =>
        tx.tool_set.findMany({
          where: { tenant_id: tenantId, AND: [nameHolds(query.search), ...labelsFit(query.label)], ...after(position) },
          orderBy: inOrder,
          take,
        }),
      toToolSet,
    ),
  );
  return { status: 200, body: page };
};
