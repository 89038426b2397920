import type { Cancellation } from '../../upstream/cancellation.ts';
import type { RequestId } from './json-rpc.ts';

/** Who may cancel what: a request id is only unique within one session of one caller. */
export type CallKey = { readonly person: string; readonly sessionId: string; readonly requestId: RequestId };

/**
 * Calls in flight that a later `notifications/cancelled` of the same session may end. Only revisions before 2026-07-28 need
 * it: there a request and its cancellation are separate POSTs, while since then closing the connection is the signal.
 * The session id is a nonce that we hand out at `initialize` and otherwise keep no state for.
 */
export class Cancellations {
  readonly #calls = new Map<string, Cancellation>();

  /** Remembers a call until the returned function is run. */
  register(key: CallKey, cancellation: Cancellation): () => void {
    const text = textOf(key);
    this.#calls.set(text, cancellation);
    return () => {
      if (this.#calls.get(text) === cancellation) this.#calls.delete(text);
    };
  }

  /** Ends the call when it is in flight here; a call that has ended, or is another replica's, is not known here. */
  cancel(key: CallKey): void {
    this.#calls.get(textOf(key))?.cancel();
  }
}

function textOf({ person, sessionId, requestId }: CallKey): string {
  return JSON.stringify([person, sessionId, requestId]);
}
