import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireConsumer, toConsumerKey } from '../../access/consumer-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { after, inOrder, nameHolds, pageOf } from '../page.ts';

export const listConsumerKeys: Handler<operations['listConsumerKeys'], RequestContext> = async ({ path, query }, context) => {
  const { tenantId } = requireOperator(context);
  const { prisma } = context.db;
  await requireConsumer(prisma, tenantId, path.consumer_id);
  const { name: hint } = nameHolds(query.search);
  const hinted = hint === undefined ? {} : { hint };
  const page = await pageOf(
    query,
    (take, position) =>
      prisma.consumer_key.findMany({ where: { consumer_id: path.consumer_id, ...hinted, ...after(position) }, orderBy: inOrder, take }),
    toConsumerKey,
  );
  return { status: 200, body: page };
};
