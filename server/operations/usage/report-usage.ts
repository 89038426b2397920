import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { UsageBatch } from '@stoa/generated/schemas.ts';
import { requireGatewayKey } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { requireHolder } from '../../fleet/require-holder.ts';
import { addUsage } from '../../usage/add-usage.ts';
import { noteRefusals } from '../../usage/note-refusals.ts';

export const reportUsage: Handler<operations['reportUsage'], RequestContext> = async ({ path, body }, context) => {
  const gateway = await requireHolder(context, path.gateway_id, body.lease_epoch);
  // First, and awaited: where it fails, the batch is sent again.
  await context.audit.firstUses.ofConsumerKeys(requireGatewayKey(context), context.asked, gateway, newKeysOf(body));
  const counted = await addUsage(context, gateway, body);
  if (counted) await noteRefusals(context, gateway.tenant_id, body);
  return { status: 200, body: { duplicate: !counted } };
};

function newKeysOf({ records }: UsageBatch): string[] {
  return [...new Set(records.flatMap(({ new_key_ids: keys = [] }) => keys))];
}
