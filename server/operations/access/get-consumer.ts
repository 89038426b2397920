import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { endingKeys, keyEndOf, toConsumer } from '../../access/consumer-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { entityTag } from '../entity-tag.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const getConsumer: Handler<operations['getConsumer'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const row = await inTenant(context, (tx) =>
    tx.consumer.findFirst({ where: { id: path.consumer_id, tenant_id: tenantId }, include: { keys: endingKeys() } }),
  );
  if (!row) throw notFound('consumer');
  const body = toConsumer(row);
  return { status: 200, body: { ...body, ...keyEndOf(row) }, headers: entityTag(body) };
};
