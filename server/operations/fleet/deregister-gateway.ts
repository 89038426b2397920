import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { RequestContext } from '../../context.ts';
import { staleEpoch } from '../../errors.ts';
import { noteLeft } from '../../fleet/presence.ts';
import { requireHolder } from '../../fleet/require-holder.ts';

export const deregisterGateway: Handler<operations['deregisterGateway'], RequestContext> = async ({ path, query }, context) => {
  const gateway = await requireHolder(context, path.gateway_id, query.lease_epoch);
  // A newer process may have taken the lease over in between: it has not left.
  if (!(await noteLeft(context.db, gateway))) throw staleEpoch();
  return { status: 204 };
};
