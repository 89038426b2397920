import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { RequestContext } from '../../context.ts';
import { staleEpoch } from '../../errors.ts';
import { noteGone } from '../../fleet/presence.ts';
import { requireHolder } from '../../fleet/require-holder.ts';

export const deregisterGateway: Handler<operations['deregisterGateway'], RequestContext> = async ({ path, query }, context) => {
  const gateway = await requireHolder(context, path.gateway_id, query.lease_epoch);
  // A newer process may have taken the lease over in between: it has not left.
  const { rowCount } = await context.db.pool.query(
    `WITH gone AS (UPDATE gateway SET left_at = now() WHERE id = $1 AND lease_epoch = $2 RETURNING id), noted AS (${noteGone('left')}) SELECT id FROM gone`,
    [gateway.id, gateway.lease_epoch],
  );
  if (rowCount === 0) throw staleEpoch();
  return { status: 204 };
};
