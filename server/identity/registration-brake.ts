/** What one address, and all of them together, may register in a window. Who registers needs no credential, and each client is a row for a day. */
const windowMs = 10 * 60_000;
const mostOf = { address: 20, all: 500 };
const maxAddresses = 10_000;

/** Counts registrations, in memory, so for each process by itself. By the monotonic clock. */
export class RegistrationBrake {
  readonly #now: () => number;
  #since = 0;
  #all = 0;
  readonly #byAddress = new Map<string, number>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** For how many seconds an address must wait; undefined when it may register now, which is counted. */
  waitS(address: string): number | undefined {
    const now = this.#now();
    if (this.#all === 0 || now >= this.#since + windowMs || this.#byAddress.size >= maxAddresses) {
      this.#since = now;
      this.#all = 0;
      this.#byAddress.clear();
    }
    const own = this.#byAddress.get(address) ?? 0;
    if (own >= mostOf.address || this.#all >= mostOf.all) return Math.ceil((this.#since + windowMs - now) / 1000);
    this.#all += 1;
    this.#byAddress.set(address, own + 1);
    return undefined;
  }
}
