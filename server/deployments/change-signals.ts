/** Those who wait for news of a tenant. */
export class ChangeSignals {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** The tenants that somebody waits for. */
  get tenants(): string[] {
    return [...this.#waiting.keys()];
  }

  get waiting(): number {
    return this.#waiting.values().reduce((sum, { size }) => sum + size, 0);
  }

  /** Resolves at the next change, or when `signal` is aborted. */
  next(tenantId: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(tenantId) ?? new Set();
      this.#waiting.set(tenantId, waiting);
      const done = () => {
        waiting.delete(done);
        if (waiting.size === 0 && this.#waiting.get(tenantId) === waiting) this.#waiting.delete(tenantId);
        signal.removeEventListener('abort', done);
        resolve();
      };
      waiting.add(done);
      if (signal.aborted) done();
      else signal.addEventListener('abort', done);
    });
  }

  wake(tenantId: string): void {
    for (const done of [...(this.#waiting.get(tenantId) ?? [])]) done();
  }
}
