import type { RequestListener } from 'node:http';
import { validateHeartbeatRequest } from '@stoa/generated/validators.js';
import type { ServerContext } from '../context.ts';
import { rememberedKey, takeLane } from './lane.ts';

const heartbeatPath = /^\/v1\/internal\/gateways\/([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})\/heartbeat$/;

/** Answers good heartbeats. */
export function heartbeatLane(context: ServerContext, ordinary: RequestListener): RequestListener {
  return (request, response) => {
    const gatewayId = request.method === 'POST' ? heartbeatPath.exec(request.url ?? '')?.[1] : undefined;
    const principal = gatewayId === undefined ? undefined : rememberedKey(context, request);
    if (gatewayId === undefined || principal === undefined) return ordinary(request, response);
    const lane = {
      operation: 'heartbeat' as const,
      isBody: validateHeartbeatRequest,
      answer: async (by: typeof principal, body: Parameters<typeof context.heartbeats.write>[0]['body']) => ({
        status: 200,
        body: await context.heartbeats.write({ gatewayId, principal: by, body }),
      }),
    };
    takeLane(context, lane, principal, [request, response, ordinary]);
  };
}
