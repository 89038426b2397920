import { randomUUID } from 'node:crypto';
import { ExactNumber } from '@stoa/lib/exact-json.ts';
import { isObject } from './json-rpc.ts';
import type { RequestId } from './json-rpc.ts';

/** What no client can write. */
const mark = `${randomUUID()}:`;

/** The SDK knows JavaScript's numbers only: a message, or a batch, with strings in the place of larger ids and progress tokens. */
export function withStandInIds(message: unknown): unknown {
  if (Array.isArray(message)) return message.map(withStandInIds);
  if (!isObject(message)) return message;
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

/** An event stream of the SDK with the ids that the client gave: that of a subscription stands in each of its messages. */
export function withOwnIds(events: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const [decoder, encoder] = [new TextDecoder(), new TextEncoder()];
  let rest = '';
  const lines = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const text = rest + decoder.decode(chunk, { stream: true });
      // An id may be cut in two, a line holds it whole.
      const end = text.lastIndexOf('\n') + 1;
      rest = text.slice(end);
      controller.enqueue(encoder.encode(ownIdsIn(text.slice(0, end))));
    },
    flush: (controller) => controller.enqueue(encoder.encode(ownIdsIn(rest))),
  });
  return events.pipeThrough(lines);
}

function ownIdsIn(text: string): string {
  const [first = '', ...others] = text.split(`"${mark}`);
  return first + others.map((part) => part.replace('"', '')).join('');
}
