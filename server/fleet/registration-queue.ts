import { overloaded } from '../errors.ts';

const maxAtOnce = 4;
const maxWaiting = 2_000;
const retryAfterS = 5;

/**
 * Lets a few registrations at the database at once and as many wait as can be answered within a client's patience; the rest are told to
 * come back (503). After an outage a whole fleet registers: heartbeats, which have a queue and connections of their own, must not wait behind it.
 */
export class RegistrationQueue {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  async run<T>(register: () => Promise<T>): Promise<T> {
    if (this.#running < maxAtOnce) this.#running += 1;
    else if (this.#waiting.length >= maxWaiting) throw overloaded(retryAfterS);
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await register();
    } finally {
      // The place is handed on; only when nobody waits is it given up.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
