import { randomUUID } from 'node:crypto';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireFreeConsumerName, toConsumer } from '../../access/consumer-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { entityTag } from '../entity-tag.ts';

export const createConsumer: Handler<operations['createConsumer'], RequestContext> = async ({ body }, context) => {
  const { tenantId } = requireOperator(context);
  const { name, labels = {} } = body;
  const id = randomUUID();
  const row = await changeCatalog(context, tenantId, { kind: 'consumer', id }, async (tx) => {
    await requireFreeConsumerName(tx, tenantId, name);
    return tx.consumer.create({ data: { id, tenant_id: tenantId, name, labels } });
  });
  const consumer = toConsumer(row);
  return { status: 201, body: consumer, headers: entityTag(consumer) };
};
