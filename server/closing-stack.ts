/** Undoes a start in the reverse order. What fails to close keeps nothing else open: its failure is thrown once all is done. */
export class ClosingStack {
  readonly #closes: (() => Promise<void> | void)[] = [];
  #closed: Promise<void> | undefined;

  push(close: () => Promise<void> | void): void {
    this.#closes.push(close);
  }

  /** However often it is asked, everything is closed once, and everyone waits for the end of it. */
  close(): Promise<void> {
    return (this.#closed ??= this.#closeAll());
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closes.reverse()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, 'Several parts failed to stop.');
  }
}
