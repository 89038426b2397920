import type { ServerResponse } from 'node:http';

const nobodyWaits = new DOMException('Nobody waits for the answer any more.', 'AbortError');

/** Tells whoever works on an answer when nobody waits for it any more: its caller went away, or the server stops. */
export class Callers {
  readonly #stopped = new AbortController();
  /** Not listeners of one signal: it would walk through all of them each time that one comes or goes. */
  readonly #waiting = new Set<AbortController>();

  /** Aborted when the server begins to stop. */
  get stopping(): AbortSignal {
    return this.#stopped.signal;
  }

  /** Aborted when the caller of this response goes away without it, or the server begins to stop. */
  signalOf(response: ServerResponse): AbortSignal {
    const gone = new AbortController();
    if (this.#stopped.signal.aborted || response.destroyed) gone.abort(nobodyWaits);
    else {
      this.#waiting.add(gone);
      response.once('close', () => {
        this.#waiting.delete(gone);
        if (!response.writableFinished) gone.abort(nobodyWaits);
      });
    }
    return gone.signal;
  }

  stop(): void {
    this.#stopped.abort(nobodyWaits);
    for (const gone of this.#waiting) gone.abort(nobodyWaits);
    this.#waiting.clear();
  }
}
