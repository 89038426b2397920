/** Each doubling is cut into this many buckets, so that a quantile is right to 1/64 = 1.6 %. */
const bucketsPerDoubling = 64;

/** Latencies in buckets that grow with the value: any number of them in little memory, and two histograms can be added. */
export class Histogram {
  readonly #counts = new Map<number, number>();
  #total = 0;

  /** Counts one value in microseconds; what is below one counts as one. */
  record(valueUs: number): void {
    const bucket = Math.floor(Math.log2(Math.max(1, valueUs)) * bucketsPerDoubling);
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
    this.#total += 1;
  }

  get total(): number {
    return this.#total;
  }

  /** The value in microseconds that the share `q` (0 to 1) of all values does not exceed; the middle of its bucket. 0 when empty. */
  quantile(q: number): number {
    let left = Math.max(1, Math.ceil(q * this.#total));
    for (const [bucket, count] of this.#sorted()) {
      left -= count;
      if (left <= 0) return 2 ** ((bucket + 0.5) / bucketsPerDoubling);
    }
    return 0;
  }

  /** Counts what another process counted, in the form of `toJSON`. */
  add(counts: readonly (readonly [number, number])[]): this {
    for (const [bucket, count] of counts) {
      this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count);
      this.#total += count;
    }
    return this;
  }

  toJSON(): [number, number][] {
    return this.#sorted();
  }

  #sorted(): [number, number][] {
    return [...this.#counts].sort(([a], [b]) => a - b);
  }
}
