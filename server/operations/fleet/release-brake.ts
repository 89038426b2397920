import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTransaction } from '../../database/in-transaction.ts';
import { notFound } from '../../errors.ts';
import { tellOfBrake } from '../../fleet/presence.ts';

export const releaseBrake: Handler<operations['releaseBrake'], RequestContext> = async ({ path: { environment } }, context) => {
  const { tenantId, name } = requireOperator(context);
  const isReleased = await inTransaction(context.db.pool, async (client) => {
    const { rowCount } = await client.query(
      'UPDATE presence_brake SET released_at = now() WHERE tenant_id = $1 AND environment = $2 AND released_at IS NULL',
      [tenantId, environment],
    );
    if (rowCount === 1) await tellOfBrake(client, tenantId, environment);
    return rowCount === 1;
  });
  if (!isReleased) throw notFound('brake');
  context.log.warn(
    { environment, token: name, request_id: context.requestId },
    'An operator released the brake: instances that stay silent are offline.',
  );
  return { status: 204 };
};
