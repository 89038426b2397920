import type { RequestListener } from 'node:http';
import type { HeartbeatRequest } from '@stoa/generated/schemas.ts';
import { validateHeartbeatRequest } from '@stoa/generated/validators.js';
import type { ServerContext } from '../context.ts';
import { takeLane, withGatewayKey } from './lane.ts';
import type { Lane } from './lane.ts';

const heartbeatPath = /^\/v1\/internal\/gateways\/([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})\/heartbeat$/;

/** Answers good heartbeats. */
export function heartbeatLane(context: ServerContext, ordinary: RequestListener): RequestListener {
  return (request, response) => {
    const gatewayId = request.method === 'POST' ? heartbeatPath.exec(request.url ?? '')?.[1] : undefined;
    if (gatewayId === undefined) return ordinary(request, response);
    const lane: Lane<HeartbeatRequest> = {
      operation: 'heartbeat',
      isBody: validateHeartbeatRequest,
      answer: async (principal, body) => ({ status: 200, body: await context.heartbeats.write({ gatewayId, principal, body }) }),
    };
    const exchange = [request, response, ordinary] as const;
    withGatewayKey(context, lane.operation, exchange, (principal) => takeLane(context, lane, principal, exchange));
  };
}
