import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { toGatewayKey } from '../../access/key-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { after, inOrder, nameHolds, pageOf } from '../page.ts';
import { present } from '../wire.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const listGatewayKeys: Handler<operations['listGatewayKeys'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const page = await inTenant(context, (tx) =>
    pageOf(
      query,
      (take, position) =>
        tx.gateway_key.findMany({
          where: { tenant_id: tenantId, ...present({ team: query.team }), ...nameHolds(query.search), ...after(position) },
          orderBy: inOrder,
          take,
        }),
      toGatewayKey,
    ),
  );
  return { status: 200, body: page };
};
