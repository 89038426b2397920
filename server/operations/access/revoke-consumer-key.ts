import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';

/** A key that was revoked stays revoked since then. */
export const revokeConsumerKey: Handler<operations['revokeConsumerKey'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  await changeCatalog(context, tenantId, { kind: 'consumer_key', id: path.key_id }, async (tx) => {
    const count = await tx.$executeRaw`
      UPDATE consumer_key k SET revoked_at = COALESCE(k.revoked_at, now()) FROM consumer c
      WHERE k.id = ${path.key_id}::uuid AND k.consumer_id = ${path.consumer_id}::uuid AND c.id = k.consumer_id AND c.tenant_id = ${tenantId}::uuid`;
    if (count === 0) throw notFound('consumer key');
  });
  return { status: 204 };
};
