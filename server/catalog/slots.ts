import { overloaded } from '../errors.ts';

export type SlotBounds = {
  /** How many may hold a place at once. */
  readonly maxRunning: number;
  readonly maxWaiting: number;
  /** How long one waits at most; as long as it takes when absent. */
  readonly maxWaitMs?: number;
};

const retryAfterS = 10;

/** A bounded number of places, and a bounded queue for them, first come, first served. */
export class Slots {
  readonly #bounds: SlotBounds;
  /** In the order in which they came. */
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(bounds: SlotBounds) {
    this.#bounds = bounds;
  }

  /**
   * Waits for a place. What is returned gives it back, and is to be called once.
   * @param gone ends the wait of a caller who went away
   * @throws ApiError 503 when too many wait, or for too long
   */
  async take(gone?: AbortSignal): Promise<() => void> {
    const { maxRunning, maxWaiting, maxWaitMs } = this.#bounds;
    if (this.#running >= maxRunning) {
      if (this.#waiting.size >= maxWaiting) throw overloaded(retryAfterS);
      const signals = [...(gone === undefined ? [] : [gone]), ...(maxWaitMs === undefined ? [] : [AbortSignal.timeout(maxWaitMs)])];
      await this.#wait(AbortSignal.any(signals));
    } else this.#running += 1;
    return () => this.#giveBack();
  }

  #wait(given: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiting.delete(getPlace);
        reject(overloaded(retryAfterS));
      };
      const getPlace = () => {
        given.removeEventListener('abort', giveUp);
        resolve();
      };
      this.#waiting.add(getPlace);
      given.addEventListener('abort', giveUp, { once: true });
      if (given.aborted) giveUp();
    });
  }

  /** The place goes to the next who waits, if any. */
  #giveBack(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#running -= 1;
    else {
      this.#waiting.delete(next);
      next();
    }
  }
}
