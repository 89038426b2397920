import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { endingKeys, keyEndOf, keysEndBefore, toConsumer } from '../../access/consumer-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { after, inOrder, labelsFit, nameHolds, pageOf } from '../page.ts';
import { present } from '../wire.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const listConsumers: Handler<operations['listConsumers'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const conditions = [
    ...keysEndBefore(query.keys_expire_before),
    ...(query.name === undefined ? [] : [{ name: query.name }]),
    nameHolds(query.search),
    ...labelsFit(query.label),
  ];
  const page = await inTenant(context, (tx) =>
    pageOf(
      query,
      (take, position) =>
        tx.consumer.findMany({
          where: { tenant_id: tenantId, ...present({ team: query.team }), AND: conditions, ...after(position) },
          include: { keys: endingKeys() },
          orderBy: inOrder,
          take,
        }),
      (row) => ({ ...toConsumer(row), ...keyEndOf(row) }),
    ),
  );
  return { status: 200, body: page };
};
