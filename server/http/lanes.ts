import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { QuickHandler } from '@stoa/lib/quick/connection.ts';
import type { QuickReply } from '@stoa/lib/quick/reply.ts';
import type { ServerContext } from '../context.ts';
import { feedLane } from './feed-lane.ts';
import { heartbeatLane } from './heartbeat-lane.ts';
import { registrationLane } from './registration-lane.ts';

/** What runtimes ask again and again goes by lanes of its own, everything else the ordinary way. */
export const runtimeLanes = (context: ServerContext, ordinary: RequestListener): RequestListener =>
  heartbeatLane(context, feedLane(context, registrationLane(context, ordinary)));

const runtimePaths = '/v1/internal/gateways/';

/** The same lanes for requests that are answered from the socket: what they leave to the ordinary way is left to those who listen for requests. */
export function quickRuntimeLanes(context: ServerContext): QuickHandler {
  const lanes = runtimeLanes(context, (_request, response) => (response as unknown as QuickReply).leave());
  return (request, reply) => {
    if (!request.url.startsWith(runtimePaths)) return false;
    // They have of a request and a response what lanes ask of them.
    lanes(request as unknown as IncomingMessage, reply as unknown as ServerResponse);
    return true;
  };
}
