/** What has a deadline. Once it is met, or passed, nothing here refers to it. */
export abstract class WithDeadline {
  /** Of the list's own; by the monotonic clock. */
  dueMs = 0;
  earlier: WithDeadline | undefined;
  later: WithDeadline | undefined;

  /** Called once when the deadline has passed, unless it was removed before. Must not throw. */
  abstract expire(): void;
}

/**
 * Deadlines that all lie the same time ahead: a list in the order in which they were set is one in the order in which they pass, so that setting and
 * removing one is a few assignments, and one timer serves all of them. It stays set when the list empties, since a call ends long before its
 * deadline: it then finds nothing, once, and keeps no process from ending.
 */
export class Deadlines {
  readonly #aheadMs: number;
  #first: WithDeadline | undefined;
  #last: WithDeadline | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(aheadMs: number) {
    this.#aheadMs = aheadMs;
  }

  add(entry: WithDeadline): void {
    entry.dueMs = performance.now() + this.#aheadMs;
    entry.earlier = this.#last;
    if (this.#last === undefined) this.#first = entry;
    else this.#last.later = entry;
    this.#last = entry;
    if (this.#timer === undefined) this.#wait(this.#aheadMs);
  }

  /** Does nothing for what is not in the list. */
  remove(entry: WithDeadline): void {
    const { earlier, later } = entry;
    if (earlier === undefined && this.#first !== entry) return;
    if (earlier === undefined) this.#first = later;
    else earlier.later = later;
    if (later === undefined) this.#last = earlier;
    else later.earlier = earlier;
    entry.earlier = entry.later = undefined;
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(this.#expire, Math.max(1, Math.ceil(ms))).unref();
  }

  readonly #expire = (): void => {
    this.#timer = undefined;
    const nowMs = performance.now();
    for (let entry = this.#first; entry !== undefined && entry.dueMs <= nowMs; entry = this.#first) {
      this.remove(entry);
      entry.expire();
    }
    if (this.#first !== undefined && this.#timer === undefined) this.#wait(this.#first.dueMs - nowMs);
  };
}
