import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { toSubscription, withNames } from '../../access/subscription-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { after, inOrder, nameHolds, pageOf } from '../page.ts';
import { present } from '../wire.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const listSubscriptions: Handler<operations['listSubscriptions'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const { api_id, plan_id, mcp_server_id, tool_set_id, consumer_id } = query;
  const found = nameHolds(query.search);
  const named =
    query.search === undefined ? {} : { OR: [{ api: found }, { plan: found }, { mcp_server: found }, { tool_set: found }, { consumer: found }] };
  const page = await inTenant(context, (tx) =>
    pageOf(
      query,
      (take, position) =>
        tx.subscription.findMany({
          where: { tenant_id: tenantId, ...present({ api_id, plan_id, mcp_server_id, tool_set_id, consumer_id }), AND: [after(position), named] },
          orderBy: inOrder,
          take,
          include: withNames,
        }),
      toSubscription,
    ),
  );
  return { status: 200, body: page };
};
