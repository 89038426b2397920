/** What can be told to end before its time. */
export type Cancellable = { cancel(): void };

/**
 * Whether whoever waits for an answer has given it up, and who is to be told. In place of an `AbortController`, which costs as much as all that is
 * decided on a call; a signal is made only where an API asks for one.
 */
export class Cancellation implements Cancellable {
  #isCancelled = false;
  /** Nearly always the only one. */
  #first: Cancellable | undefined;
  #others: Set<Cancellable> | undefined;
  #controller: AbortController | undefined;

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isCancelled) this.#controller.abort();
    return this.#controller.signal;
  }

  /** Has `cancellable` cancelled with this, at once when it was cancelled before. */
  tell(cancellable: Cancellable): void {
    if (this.#isCancelled) cancellable.cancel();
    else if (this.#first === undefined) this.#first = cancellable;
    else (this.#others ??= new Set()).add(cancellable);
  }

  /** To be called once `cancellable` has ended, so that it is not kept for as long as this is. */
  forget(cancellable: Cancellable): void {
    if (this.#first === cancellable) this.#first = undefined;
    else this.#others?.delete(cancellable);
  }

  /** The first time counts. */
  cancel(): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    const told = [...(this.#first === undefined ? [] : [this.#first]), ...(this.#others ?? [])];
    this.#first = this.#others = undefined;
    this.#controller?.abort();
    for (const cancellable of told) cancellable.cancel();
  }
}
