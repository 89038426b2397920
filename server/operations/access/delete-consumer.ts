import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { record } from '../../audit/record.ts';
import { toConsumer } from '../../access/consumer-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';
import { requireMatch } from '../entity-tag.ts';

export const deleteConsumer: Handler<operations['deleteConsumer'], RequestContext> = async ({ path, headers }, context) => {
  const { tenantId } = requireOperator(context);
  await changeCatalog(context, tenantId, { kind: 'consumer', id: path.consumer_id }, async (tx) => {
    const current = await tx.consumer.findFirst({ where: { id: path.consumer_id, tenant_id: tenantId } });
    if (!current) throw notFound('consumer');
    requireMatch(headers, toConsumer(current));
    await tx.consumer.delete({ where: { id: current.id } });
    await record(tx, context, { object: { kind: 'consumer', id: current.id, name: current.name }, before: toConsumer(current) });
  });
  return { status: 204 };
};
