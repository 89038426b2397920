import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { RequestContext } from '../../context.ts';
import { requireHolder } from '../../fleet/require-holder.ts';
import { keepDrift } from '../../fleet/drift.ts';
import { noteObserved } from '../../fleet/observed.ts';

export const reportObservedState: Handler<operations['reportObservedState'], RequestContext> = async ({ path, body }, context) => {
  const gateway = await requireHolder(context, path.gateway_id, body.lease_epoch);
  const { lease_epoch: _epoch, drift_history: events = [], ...observed } = body;
  await keepDrift(context.db, gateway, events);
  await noteObserved(context.db, gateway, observed);
  return { status: 204 };
};
