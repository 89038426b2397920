import type { RequestId } from './json-rpc.ts';

/** Who may cancel what: a request id is only unique within one session of one consumer. */
export type CallKey = { readonly callerId: string; readonly sessionId: string; readonly requestId: RequestId };

/**
 * Calls in flight that a later `notifications/cancelled` of the same session may abort. Only revisions before 2026-07-28 need
 * it: there a request and its cancellation are separate POSTs, while since then closing the connection is the signal.
 * The session id is a nonce that we hand out at `initialize` and otherwise keep no state for.
 */
export class Cancellations {
  readonly #controllers = new Map<string, AbortController>();

  /** Remembers a call until the returned function is run. */
  register(key: CallKey, controller: AbortController): () => void {
    const text = textOf(key);
    this.#controllers.set(text, controller);
    return () => {
      if (this.#controllers.get(text) === controller) this.#controllers.delete(text);
    };
  }

  /** Aborts the call when it is in flight here; a call that has ended, or is another replica's, is not known here. */
  cancel(key: CallKey): void {
    this.#controllers.get(textOf(key))?.abort(new Error('The client cancelled the request.'));
  }
}

function textOf({ callerId, sessionId, requestId }: CallKey): string {
  return JSON.stringify([callerId, sessionId, requestId]);
}
