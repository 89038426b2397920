import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { requireHolder } from '../../fleet/require-holder.ts';

export const getConfigItem: Handler<operations['getConfigItem'], RequestContext> = async ({ path }, context) => {
  await requireHolder(context, path.gateway_id, undefined);
  throw notFound('item');
};
