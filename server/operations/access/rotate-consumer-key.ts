import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { toConsumerKey } from '../../access/consumer-rows.ts';
import { mintConsumerKey, requireRoomForKey } from '../../access/mint-consumer-key.ts';
import { overlapOf, rotationOf } from '../../access/rotation.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';
import { requireRoom } from '../../tenants/limits.ts';

/** Gateways learn of the new key, and of the end of the other, from one configuration: nobody is refused in between. */
export const rotateConsumerKey: Handler<operations['rotateConsumerKey'], RequestContext> = async ({ path, body }, context) => {
  const { tenantId } = requireOperator(context);
  const { consumer_id, key_id } = path;
  const { secret, columns } = await mintConsumerKey(context, tenantId);
  const by = makerOf(context.principal);
  const rotated = await changeCatalog(context, tenantId, { kind: 'consumer_key', id: [key_id, columns.id] }, async (tx) => {
    const before = await tx.consumer_key.findFirst({
      where: { id: key_id, consumer_id, consumer: { tenant_id: tenantId } },
      include: { consumer: { select: { name: true } } },
    });
    if (!before) throw notFound('consumer key');
    const { expiresAt, endsAt } = rotationOf(before, body, await overlapOf(tx, body));
    const replaced = toConsumerKey(
      await tx.consumer_key.update({ where: { id: key_id }, data: { expires_at: endsAt, end_told_at: endsAt, updated_by: by } }),
    );
    // A key that goes on for its overlap takes a place; one that ends at once gives its own.
    await requireRoom(tx, tenantId, 'consumer_keys');
    await requireRoomForKey(tx, consumer_id);
    const created = await tx.consumer_key.create({ data: { ...columns, consumer_id, expires_at: expiresAt, created_by: by, updated_by: by } });
    const key = toConsumerKey(created);
    await record(tx, context, {
      object: { kind: 'consumer_key', id: key_id, name: before.consumer.name },
      before: { consumer_id, ...toConsumerKey(before) },
      after: { consumer_id, ...replaced, replaced_by: key.key_id },
    });
    return { key, replaced };
  });
  return { status: 201, body: { ...rotated, secret } };
};
