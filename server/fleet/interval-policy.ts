const longestS = 600;
const driftTolerated = 0.2;

/**
 * The heartbeat interval that instances are told: it grows with the fleet, so that the load of heartbeats does not.
 * `clamp(N / target rate, shortest … 600 s)`.
 */
export class IntervalPolicy {
  readonly #shortestS: number;
  readonly #heartbeatsPerSecond: number;
  #intervalS: number;

  constructor({ shortestS, heartbeatsPerSecond }: { shortestS: number; heartbeatsPerSecond: number }) {
    this.#shortestS = shortestS;
    this.#heartbeatsPerSecond = heartbeatsPerSecond;
    this.#intervalS = shortestS;
  }

  get intervalS(): number {
    return this.#intervalS;
  }

  /** Told how many instances are live. Small changes of the fleet change nothing, so that intervals do not waver. */
  fleetIs(instances: number): void {
    const wanted = Math.min(Math.max(Math.ceil(instances / this.#heartbeatsPerSecond), this.#shortestS), Math.max(longestS, this.#shortestS));
    if (Math.abs(wanted - this.#intervalS) > this.#intervalS * driftTolerated || wanted === this.#shortestS) this.#intervalS = wanted;
  }
}

/** Seconds after a heartbeat until the lease is over: three intervals and ten seconds. */
export const leaseTtlS = (intervalS: number): number => 3 * intervalS + 10;
