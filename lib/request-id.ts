import { randomUUID } from 'node:crypto';

/** On the response itself: a table of them costs the collector of garbage more than all the ids. */
const idOf = Symbol('the id of its request');

/** The id of the request that `response` answers: what a failure's answer carries and the log says of it. The same whenever it is asked for. */
export function requestIdOf(response: object): string {
  return ((response as { [idOf]?: string })[idOf] ??= randomUUID());
}
