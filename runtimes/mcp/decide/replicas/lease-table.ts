import { defaultSlots } from '../limit-table.ts';

const headerBytes = 64;
const [awayAt, replicasAt, rankAt] = [0, 1, 2];
const offsetAt = 2;
const numbers = {
  /** Calls of the window that this replica may let through in all. */
  granted: 0,
  /** Calls that all replicas have taken of it, as the store said last. */
  total: 1,
  /** When it ends by the store's clock; 0 where the store has not said. */
  storeEnd: 2,
  /** Up to which limit there was nothing left, and until when that is believed. */
  emptyFor: 3,
  emptyUntil: 4,
  /** Whether the share of this replica was added while the store is away. */
  shared: 5,
} as const;
const numbersOfSlot = 8;

export type LeaseNumber = keyof typeof numbers;

export const createLeaseMemory = (slots = defaultSlots): SharedArrayBuffer =>
  new SharedArrayBuffer(headerBytes + slots * numbersOfSlot * Float64Array.BYTES_PER_ELEMENT);

/**
 * What the windows of a `LimitTable` hold of limits that replicas count together, by their places there, in memory that threads share. All of it is read and
 * changed with the lock of that table.
 */
export class LeaseTable {
  readonly #header: Int32Array;
  readonly #times: Float64Array;
  readonly #numbers: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#header = new Int32Array(memory, 0, 4);
    this.#times = new Float64Array(memory, 0, 8);
    this.#numbers = new Float64Array(memory, headerBytes);
  }

  get(slot: number, name: LeaseNumber): number {
    return this.#numbers[slot * numbersOfSlot + numbers[name]] as number;
  }

  set(slot: number, name: LeaseNumber, value: number): void {
    this.#numbers[slot * numbersOfSlot + numbers[name]] = value;
  }

  clear(slot: number): void {
    this.#numbers.fill(0, slot * numbersOfSlot, (slot + 1) * numbersOfSlot);
  }

  /** Whether this replica counts alone for now. */
  get isAway(): boolean {
    return Atomics.load(this.#header, awayAt) === 1;
  }
  set isAway(isAway: boolean) {
    Atomics.store(this.#header, awayAt, isAway ? 1 : 0);
  }

  /** How many replicas there are, and the place of this one among them. */
  get replicas(): number {
    return Math.max(1, Atomics.load(this.#header, replicasAt));
  }
  get rank(): number {
    return Atomics.load(this.#header, rankAt);
  }
  setReplicas(replicas: number, rank: number): void {
    Atomics.store(this.#header, replicasAt, replicas);
    Atomics.store(this.#header, rankAt, rank);
  }

  /** From the monotonic clock to the store's, in milliseconds; 0 before it is known. */
  get storeOffsetMs(): number {
    return this.#times[offsetAt] as number;
  }
  set storeOffsetMs(offsetMs: number) {
    this.#times[offsetAt] = offsetMs;
  }
}
