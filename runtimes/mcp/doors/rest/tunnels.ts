import { hash } from 'node:crypto';

/** More connections that speak another protocol would be a leak of somebody's. One consumer leaves room for the others. */
const defaultMost = { all: 1024, ofOne: 256 };

export type TunnelOptions = {
  /** What is counted in, with other threads; memory of its own when absent. */
  readonly memory?: SharedArrayBuffer;
  /** Tells this thread from the others: from 1 to 64. */
  readonly owner?: number;
  /** Of one consumer. */
  readonly ofOne?: number;
};

/** A place for each tunnel that all threads may have open together. */
export const createTunnelMemory = (all: number = defaultMost.all): SharedArrayBuffer => new SharedArrayBuffer(all * BigInt64Array.BYTES_PER_ELEMENT);

const consumerBits = 56n;
const consumerMask = (1n << consumerBits) - 1n;

/** A tunnel's place, until it is left. */
export type TunnelPlace = { leave(): void };

/**
 * The tunnels that are open, and whose, in memory that threads share: a place holds its thread and its consumer, or 0 when it is free. It is taken before it is looked
 * at how many the consumer has, so that whoever comes at once never gets more than there are; two for the last one may both be refused.
 */
export class Tunnels {
  readonly #places: BigInt64Array;
  readonly #ofOne: number;
  readonly #owner: bigint;

  constructor({ memory = createTunnelMemory(), ofOne = defaultMost.ofOne, owner = 1 }: TunnelOptions = {}) {
    this.#places = new BigInt64Array(memory);
    this.#ofOne = ofOne;
    this.#owner = BigInt(owner) << consumerBits;
  }

  /** A place for one more of this consumer, or why there is none. */
  enter(consumerId: string): TunnelPlace | 'full' | 'full_for_one' {
    const consumer = hash('sha256', consumerId, 'buffer').readBigUInt64LE() & consumerMask;
    const taken = this.#owner | consumer;
    const at = this.#take(taken);
    if (at !== undefined && this.#countOf(consumer) <= this.#ofOne) return { leave: () => this.#free(at, taken) };
    if (at !== undefined) this.#free(at, taken);
    return at === undefined && this.#countOf(consumer) < this.#ofOne ? 'full' : 'full_for_one';
  }

  /** Frees the places of a thread that has ended. */
  release(owner: number): void {
    for (const [at, taken] of this.#places.entries()) if (taken >> consumerBits === BigInt(owner)) this.#free(at, taken);
  }

  #take(taken: bigint): number | undefined {
    for (let at = 0; at < this.#places.length; at += 1) if (Atomics.compareExchange(this.#places, at, 0n, taken) === 0n) return at;
    return undefined;
  }

  #free(at: number, taken: bigint): void {
    Atomics.compareExchange(this.#places, at, taken, 0n);
  }

  #countOf(consumer: bigint): number {
    let count = 0;
    for (let at = 0; at < this.#places.length; at += 1) {
      const taken = Atomics.load(this.#places, at);
      if (taken !== 0n && (taken & consumerMask) === consumer) count += 1;
    }
    return count;
  }
}
