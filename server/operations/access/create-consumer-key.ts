import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { toConsumerKey, requireConsumer } from '../../access/consumer-rows.ts';
import { expiryOf } from '../../access/expiry.ts';
import { mintConsumerKey, requireRoomForKey } from '../../access/mint-consumer-key.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { requireRoom } from '../../tenants/limits.ts';

export const createConsumerKey: Handler<operations['createConsumerKey'], RequestContext> = async ({ path, body }, context) => {
  const { tenantId } = requireOperator(context);
  const { consumer_id } = path;
  const expires_at = expiryOf(body);
  const { secret, columns } = await mintConsumerKey(context, tenantId);
  const { id } = columns;
  const row = await changeCatalog(context, tenantId, { kind: 'consumer_key', id }, async (tx) => {
    const consumer = await requireConsumer(tx, tenantId, consumer_id);
    await requireRoom(tx, tenantId, 'consumer_keys');
    await requireRoomForKey(tx, consumer_id);
    const by = makerOf(context.principal);
    const created = await tx.consumer_key.create({ data: { ...columns, consumer_id, expires_at, created_by: by, updated_by: by } });
    await record(tx, context, { object: { kind: 'consumer_key', id, name: consumer.name }, after: { consumer_id, ...toConsumerKey(created) } });
    return created;
  });
  return { status: 201, body: { key: toConsumerKey(row), secret } };
};
