import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';

export const deleteSubscription: Handler<operations['deleteSubscription'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context, 'write');
  await changeCatalog(context.db, tenantId, async (tx) => {
    const { count } = await tx.subscription.deleteMany({ where: { id: path.subscription_id, tenant_id: tenantId } });
    if (count === 0) throw notFound('subscription');
  });
  return { status: 204 };
};
