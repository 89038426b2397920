/** A wait that ends early when the signal aborts or `wake` is called. One `setTimeout` at a time, so that nothing can pile up. */
export class Pause {
  #end: (() => void) | undefined;
  #woken = false;

  /** Resolves after `ms`, or earlier when woken or aborted; at once when `wake` was called since the last wait. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#woken && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
          resolve();
        };
        const timer = setTimeout(end, ms);
        signal.addEventListener('abort', end, { once: true });
        this.#end = end;
      });
    }
    this.#end = undefined;
    this.#woken = false;
  }

  /** Ends the wait in progress, or else the next one: a wake is never lost. */
  wake(): void {
    this.#woken = true;
    this.#end?.();
  }
}

/** Lets any number of loops wait for the next time something happens. */
export class Bell {
  readonly #waiting = new Set<() => void>();

  /** Resolves at the next `ring`, or when the signal aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        this.#waiting.delete(end);
        signal.removeEventListener('abort', end);
        resolve();
      };
      this.#waiting.add(end);
      signal.addEventListener('abort', end, { once: true });
    });
  }

  ring(): void {
    for (const end of [...this.#waiting]) end();
  }
}
