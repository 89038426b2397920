type Level = { failures: number; atMs: number };

/** How many failures are free, by how much each further one is slower, up to what, and after how long one is forgiven. */
export type Severity = { readonly freeFailures: number; readonly stepMs: number; readonly maxDelayMs: number; readonly forgivenEveryMs: number };
const usual: Severity = { freeFailures: 10, stepMs: 50, maxDelayMs: 500, forgivenEveryMs: 1000 };
const maxAddresses = 10_000;
const maxWaiting = 1000;

/**
 * Slows the refusals of addresses that present bad credentials again and again: after ten, each waits longer, up to half a second, and one a
 * second is forgiven, unless told another severity. Only the refusal waits; a credential is looked at before, so that a good one is never delayed. Addresses that were not
 * heard of for longest are forgotten first. By the monotonic clock.
 */
export class Penalties {
  readonly #levels = new Map<string, Level>();
  readonly #now: () => number;
  readonly #severity: Severity;
  #waiting = 0;

  constructor(now: () => number = () => performance.now(), severity: Severity = usual) {
    this.#now = now;
    this.#severity = severity;
  }

  /** Whether the next failure of this address is no longer free. */
  isSpent(address: string): boolean {
    return this.#failuresOf(address) + 1 > this.#severity.freeFailures;
  }

  #failuresOf(address: string): number {
    const before = this.#levels.get(address);
    return before === undefined ? 0 : Math.max(0, before.failures - (this.#now() - before.atMs) / this.#severity.forgivenEveryMs);
  }

  /** Counts a bad credential of this address, and answers how many milliseconds its refusal shall wait. */
  count(address: string): number {
    const { freeFailures, stepMs, maxDelayMs } = this.#severity;
    const atMs = this.#now();
    const failures = Math.min(freeFailures + maxDelayMs / stepMs, this.#failuresOf(address) + 1);
    // Set anew, so that the order of the map is that of the last failures.
    this.#levels.delete(address);
    this.#levels.set(address, { failures, atMs });
    if (this.#levels.size > maxAddresses) this.#levels.delete(this.#levels.keys().next().value as string);
    return Math.max(0, Math.ceil((failures - freeFailures) * stepMs));
  }

  /** Counts a bad credential and resolves when its refusal may be sent. With a thousand waiting, further ones are refused at once. */
  async wait(address: string): Promise<void> {
    const delayMs = this.count(address);
    if (delayMs === 0 || this.#waiting >= maxWaiting) return;
    this.#waiting += 1;
    await new Promise<void>((resolve) => setTimeout(resolve, delayMs).unref());
    this.#waiting -= 1;
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.#levels.size;
  }
}
