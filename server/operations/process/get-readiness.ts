import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { RequestContext } from '../../context.ts';

/** Ready means that the start is complete and the database answers; when it does not, the failure is translated into 503 like any other. */
export const getReadiness: Handler<operations['getReadiness'], RequestContext> = async (_input, context) => {
  await context.started;
  await context.db.ping();
  return { status: 200, body: { status: 'ready' } };
};
