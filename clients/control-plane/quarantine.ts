import { stretchedMs } from './timing.ts';
import type { Random } from './timing.ts';

const firstMs = 5000;
const longestMs = 5 * 60_000;

/**
 * The newest desired state that was found bad, and when it is worth another try: what a gateway could not take because it was down, it may
 * take later (lesson 20). Only one is held, since a newer generation makes an older one moot.
 */
export class Quarantine {
  readonly #random: Random;
  #held: { name: string; attempts: number; dueAtMs: number } | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Answers the milliseconds until the next try: 5 s, doubled each time the same one is added, up to 5 minutes, plus up to 20 %. */
  add(name: string): number {
    const attempts = this.#held?.name === name ? this.#held.attempts + 1 : 0;
    const waitMs = stretchedMs(Math.min(longestMs, firstMs * 2 ** Math.min(attempts, 20)), this.#random);
    this.#held = { name, attempts, dueAtMs: performance.now() + waitMs };
    return waitMs;
  }

  /** Whether this one is held and not due yet. */
  holds(name: string): boolean {
    return this.#held?.name === name && !this.isDue();
  }

  isDue(): boolean {
    return this.msUntilDue() === 0;
  }

  /** `Infinity` when nothing is held, 0 when it is due. */
  msUntilDue(): number {
    return this.#held === undefined ? Infinity : Math.max(0, this.#held.dueAtMs - performance.now());
  }

  release(): void {
    this.#held = undefined;
  }
}
