import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { record } from '../../audit/record.ts';
import { nameOfSubscription, toSubscription, withNames } from '../../access/subscription-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';
import { requireMatch } from '../entity-tag.ts';

export const deleteSubscription: Handler<operations['deleteSubscription'], RequestContext> = async ({ path, headers }, context) => {
  const { tenantId } = requireOperator(context);
  await changeCatalog(context, tenantId, { kind: 'subscription', id: path.subscription_id }, async (tx) => {
    const current = await tx.subscription.findFirst({ where: { id: path.subscription_id, tenant_id: tenantId }, include: withNames });
    if (!current) throw notFound('subscription');
    requireMatch(headers, toSubscription(current));
    await tx.subscription.delete({ where: { id: current.id } });
    const before = toSubscription(current);
    await record(tx, context, { object: { kind: 'subscription', id: current.id, name: nameOfSubscription(before) }, before });
  });
  return { status: 204 };
};
