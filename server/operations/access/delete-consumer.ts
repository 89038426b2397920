import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';

export const deleteConsumer: Handler<operations['deleteConsumer'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context, 'write');
  await changeCatalog(context.db, tenantId, async (tx) => {
    const { count } = await tx.consumer.deleteMany({ where: { id: path.consumer_id, tenant_id: tenantId } });
    if (count === 0) throw notFound('consumer');
  });
  return { status: 204 };
};
