import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { DesiredItem } from '@stoa/generated/schemas.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { requireHolder } from '../../fleet/require-holder.ts';
import { RawBody } from '../../raw-body.ts';

export const getConfigItem: Handler<operations['getConfigItem'], RequestContext> = async ({ path }, context) => {
  const gateway = await requireHolder(context, path.gateway_id, undefined);
  const current = await context.desired.current(gateway);
  const item = current?.content.items.find(({ entry }) => entry.hash === path.hash);
  if (!item) throw notFound("item in the gateway's present configuration");
  // It is typed as what its text says.
  return { status: 200, body: new RawBody([item.bytes]) as unknown as DesiredItem };
};
