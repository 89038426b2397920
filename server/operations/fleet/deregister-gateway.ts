import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { RequestContext } from '../../context.ts';
import { requireHolder } from '../../fleet/require-holder.ts';

export const deregisterGateway: Handler<operations['deregisterGateway'], RequestContext> = async ({ path, query }, context) => {
  const gateway = await requireHolder(context, path.gateway_id, query.lease_epoch);
  await context.db.pool.query('UPDATE gateway SET left_at = now() WHERE id = $1', [gateway.id]);
  return { status: 204 };
};
