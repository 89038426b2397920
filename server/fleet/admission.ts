const firstGuessPerS = 500;
const weightOfNew = 0.3;
const longestS = 600;
/** Clients wait up to a fifth longer than they are told, a tenth on average. */
const meanLinger = 1.1;
/** How much may wait: what is worked off within this time is answered within every client's patience. */
const queueS = 2;
const shortestQueue = 500;
const longestQueue = 20_000;

/**
 * Measures how many registrations a second are worked off, lets as many wait as are answered soon, and gives each of the others a time of its own to come
 * back at, so that a fleet that comes at once is spread over the time that it takes.
 */
export class Admission {
  readonly #now: () => number;
  #perS = firstGuessPerS;
  #nextSlotMs = -Infinity;
  #doneAtMs: number | undefined;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Registrations a second, as measured while more waited. */
  get perS(): number {
    return this.#perS;
  }

  get maxWaiting(): number {
    return Math.min(Math.max(Math.round(this.#perS * queueS), shortestQueue), longestQueue);
  }

  /** To be told of each batch. Only batches that follow one another without a pause say what can be worked off. */
  done(count: number, moreWait: boolean): void {
    const now = this.#now();
    const tookMs = this.#doneAtMs === undefined ? undefined : now - this.#doneAtMs;
    this.#doneAtMs = moreWait ? now : undefined;
    if (tookMs === undefined || tookMs <= 0) return;
    this.#perS += weightOfNew * ((count * 1000) / tookMs - this.#perS);
  }

  /** Seconds until the place in line of one that cannot wait here. */
  retryAfterS(waiting: number): number {
    const now = this.#now();
    this.#nextSlotMs = Math.max(this.#nextSlotMs, now + (waiting * 1000) / this.#perS) + 1000 / this.#perS;
    return Math.min(longestS, Math.max(1, Math.round((this.#nextSlotMs - now) / 1000 / meanLinger)));
  }
}
