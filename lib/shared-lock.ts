const [lockAt, waitersAt] = [0, 1];
const spins = 200;
/** A thread that ended with the lock in its hand is noticed by the thread that started it; until then others look again. */
const waitMs = 5;

/** A lock in memory that threads share, to be held for about a microsecond: no message is sent for it, and none of them waits while it is free. */
export class SharedLock {
  readonly #words: Int32Array;
  readonly #owner: number;

  /** `words` has two that nothing else uses. `owner` is a number above 0 that no other thread has at the same time. */
  constructor(words: Int32Array, owner: number) {
    this.#words = words;
    this.#owner = owner;
  }

  /** Runs `work` while no other thread does. It must neither wait nor call this. */
  locked<Result>(work: () => Result): Result {
    this.#lock();
    try {
      return work();
    } finally {
      this.#unlock();
    }
  }

  /** Gives the lock back for a thread that has ended. */
  release(owner: number): void {
    if (Atomics.compareExchange(this.#words, lockAt, owner, 0) === owner) Atomics.notify(this.#words, lockAt);
  }

  #lock(): void {
    const words = this.#words;
    for (let spin = 0; spin < spins; spin += 1) if (Atomics.compareExchange(words, lockAt, 0, this.#owner) === 0) return;
    Atomics.add(words, waitersAt, 1);
    for (;;) {
      const holder = Atomics.compareExchange(words, lockAt, 0, this.#owner);
      if (holder === 0) break;
      Atomics.wait(words, lockAt, holder, waitMs);
    }
    Atomics.sub(words, waitersAt, 1);
  }

  #unlock(): void {
    Atomics.store(this.#words, lockAt, 0);
    if (Atomics.load(this.#words, waitersAt) > 0) Atomics.notify(this.#words, lockAt, 1);
  }
}
