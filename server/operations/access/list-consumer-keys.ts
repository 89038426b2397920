import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireConsumer, toConsumerKey } from '../../access/consumer-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { after, inOrder, nameHolds, pageOf } from '../page.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const listConsumerKeys: Handler<operations['listConsumerKeys'], RequestContext> = async ({ path, query }, context) => {
  const { tenantId } = requireOperator(context);
  const { name: hint } = nameHolds(query.search);
  const hinted = hint === undefined ? {} : { hint };
  const page = await inTenant(context, async (tx) => {
    await requireConsumer(tx, tenantId, path.consumer_id);
    return pageOf(
      query,
      (take, position) =>
        tx.consumer_key.findMany({ where: { consumer_id: path.consumer_id, ...hinted, ...after(position) }, orderBy: inOrder, take }),
      toConsumerKey,
    );
  });
  return { status: 200, body: page };
};
