import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireGatewayKey } from '../../context.ts';
import type { RequestContext } from '../../context.ts';

export const heartbeat: Handler<operations['heartbeat'], RequestContext> = async ({ path, body }, context) => {
  const principal = requireGatewayKey(context);
  return { status: 200, body: await context.heartbeats.write({ gatewayId: path.gateway_id, principal, body }) };
};
