import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { RequestContext } from '../../context.ts';
import { requireHolder } from '../../fleet/require-holder.ts';

export const reportObservedState: Handler<operations['reportObservedState'], RequestContext> = async ({ path, body }, context) => {
  const gateway = await requireHolder(context, path.gateway_id, body.lease_epoch);
  const { lease_epoch: _epoch, ...observed } = body;
  await context.db.pool.query(
    `INSERT INTO gateway_observed (gateway_id, observed) VALUES ($1, $2)
     ON CONFLICT (gateway_id) DO UPDATE SET observed = $2, observed_at = now()`,
    [gateway.id, JSON.stringify(observed)],
  );
  return { status: 204 };
};
