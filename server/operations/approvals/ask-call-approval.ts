import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { askAboutCall } from '../../approvals/calls.ts';
import type { RequestContext } from '../../context.ts';
import { requireHolder } from '../../fleet/require-holder.ts';

export const askCallApproval: Handler<operations['askCallApproval'], RequestContext> = async ({ path, body }, context) => {
  const gateway = await requireHolder(context, path.gateway_id, body.lease_epoch);
  const answer = await context.places.callApprovals.within(`calls ${gateway.tenant_id}`, () => askAboutCall(context, gateway, body));
  return { status: 200, body: answer };
};
