import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { RequestContext } from '../../context.ts';
import { requireHolder } from '../../fleet/require-holder.ts';
import { addUsage } from '../../usage/add-usage.ts';

export const reportUsage: Handler<operations['reportUsage'], RequestContext> = async ({ path, body }, context) => {
  const gateway = await requireHolder(context, path.gateway_id, body.lease_epoch);
  const counted = await addUsage(context, gateway, body);
  return { status: 200, body: { duplicate: !counted } };
};
