import { randomUUID } from 'node:crypto';

/** On the response itself: a table of them costs the collector of garbage more than all the ids. */
const idOf = Symbol('the id of its request');

/** The id of the request that `response` answers: what a failure's answer carries and the log says of it. The same whenever it is asked for. */
export function requestIdOf(response: object): string {
  return ((response as { [idOf]?: string })[idOf] ??= randomUUID());
}

/** The trace that begins with a request, by its id. Put together of what is between the dashes, which costs a sixth of taking these out. */
export function traceIdFrom(requestId: string): string {
  return requestId.slice(0, 8) + requestId.slice(9, 13) + requestId.slice(14, 18) + requestId.slice(19, 23) + requestId.slice(24, 36);
}
