import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { toConsumerKey } from '../../access/consumer-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';

/** A key that was revoked stays revoked since then. */
export const revokeConsumerKey: Handler<operations['revokeConsumerKey'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  await changeCatalog(context, tenantId, { kind: 'consumer_key', id: path.key_id }, async (tx) => {
    const { consumer_id, key_id: id } = path;
    const key = await tx.consumer_key.findFirst({
      where: { id, consumer_id, consumer: { tenant_id: tenantId } },
      include: { consumer: { select: { name: true } } },
    });
    if (!key) throw notFound('consumer key');
    await tx.$executeRaw`UPDATE consumer_key SET revoked_at = now() WHERE id = ${id}::uuid AND revoked_at IS NULL`;
    const revoked = await tx.consumer_key.update({ where: { id }, data: { updated_by: makerOf(context.principal) } });
    const states = { before: { consumer_id, ...toConsumerKey(key) }, after: { consumer_id, ...toConsumerKey(revoked) } };
    await record(tx, context, { object: { kind: 'consumer_key', id, name: key.consumer.name }, ...states });
  });
  return { status: 204 };
};
