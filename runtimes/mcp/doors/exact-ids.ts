import { randomUUID } from 'node:crypto';
import { ExactNumber } from '@stoa/lib/exact-json.ts';
import { isObject } from './json-rpc.ts';
import type { RequestId } from './json-rpc.ts';

/** What no client can write. */
const mark = `${randomUUID()}:`;

/** The SDK knows JavaScript's numbers only: a message, or a batch, with strings in the place of larger ids and progress tokens. */
export function withStandInIds(message: unknown): unknown {
  if (Array.isArray(message)) return message.map(withStandInIds);
  // An event stream would show the stand-in.
  if (!isObject(message) || message['method'] === 'subscriptions/listen') return message;
  const { id, params } = message;
  const meta = isObject(params) ? params['_meta'] : undefined;
  const token = isObject(meta) ? meta['progressToken'] : undefined;
  return {
    ...message,
    ...(id instanceof ExactNumber && { id: mark + id.text }),
    ...(token instanceof ExactNumber && { params: { ...(params as object), _meta: { ...(meta as object), progressToken: mark + token.text } } }),
  };
}

/** The id that the client gave, of that which the SDK knows. */
export function ownId<Id extends RequestId | null | undefined>(id: Id): Id | ExactNumber {
  return typeof id === 'string' && id.startsWith(mark) ? new ExactNumber(id.slice(mark.length)) : id;
}
