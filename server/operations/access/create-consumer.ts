import { randomUUID } from 'node:crypto';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { toConsumer } from '../../access/consumer-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { conflict } from '../../errors.ts';
import { entityTag } from '../entity-tag.ts';

export const createConsumer: Handler<operations['createConsumer'], RequestContext> = async ({ body }, context) => {
  const { tenantId } = requireOperator(context, 'write');
  const { name, labels = {} } = body;
  const row = await changeCatalog(context.db, tenantId, async (tx) => {
    const namesake = await tx.consumer.findUnique({ where: { tenant_id_name: { tenant_id: tenantId, name } }, select: { id: true } });
    if (namesake) throw conflict(`There is a consumer named ${name} already.`, 'name_taken');
    return tx.consumer.create({ data: { id: randomUUID(), tenant_id: tenantId, name, labels } });
  });
  const consumer = toConsumer(row);
  return { status: 201, body: consumer, headers: entityTag(consumer) };
};
