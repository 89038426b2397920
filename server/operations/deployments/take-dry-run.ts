import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { RequestContext } from '../../context.ts';
import { requireHolder, requireHolderStill } from '../../fleet/require-holder.ts';

/** Waits for a question as a long poll; ends early, with 204, when the caller goes away or the server stops. */
export const takeDryRun: Handler<operations['takeDryRun'], RequestContext> = async ({ path, query }, context) => {
  const gateway = await requireHolder(context, path.gateway_id, query.lease_epoch);
  const patience = { signal: context.signal, forMs: (query.wait_s ?? 0) * 1000 };
  const taken = await context.places.polls.within(`questions ${gateway.id}`, () => context.dryRuns.take(gateway.id, patience));
  if (taken === undefined) return { status: 204 };
  const { id, question } = taken;
  // It may have waited for long: a tenant or a lease may be another's by now.
  const holder = await requireHolderStill(context, path.gateway_id, query.lease_epoch);
  const items = await context.askedStates.itemsOf(holder, taken);
  if (items === undefined) return { status: 204 };
  return { status: 200, body: { dry_run_id: id, items, ...('adopt' in question && { adopt: question.adopt }) } };
};
