import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

const ids = new WeakMap<ServerResponse, string>();

/** The id of the request that a response answers: what a failure's answer carries and the log says of it. The same whenever it is asked for. */
export function requestIdOf(response: ServerResponse): string {
  const known = ids.get(response);
  if (known !== undefined) return known;
  const id = randomUUID();
  ids.set(response, id);
  return id;
}
