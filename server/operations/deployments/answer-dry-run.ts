import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { RequestContext } from '../../context.ts';
import { requireHolder } from '../../fleet/require-holder.ts';

export const answerDryRun: Handler<operations['answerDryRun'], RequestContext> = async ({ path, body }, context) => {
  const { lease_epoch: epoch, ...answer } = body;
  const gateway = await requireHolder(context, path.gateway_id, epoch);
  await context.dryRuns.answer(gateway.id, answer);
  return { status: 204 };
};
