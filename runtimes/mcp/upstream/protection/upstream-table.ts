import { hash } from 'node:crypto';
import { SharedLock } from '@stoa/lib/shared-lock.ts';

/** Upstreams that can be protected at once by the threads of a process together, in 4 MB of which only what is used is ever resident. */
const defaultSlots = 4096;
/** So far from where its key leads an upstream is looked for. */
const maxProbes = 256;
/** An upstream that nobody has called for so long makes room for another. */
const forgottenMs = 3_600_000;

const numbers = {
  /** As `circuitStates` has them. */
  state: 0,
  /** Until when no call is made, where the circuit is open. */
  openUntil: 1,
  /** Which call finds out, of those that have, and until when it is waited for. */
  probe: 2,
  probeUntil: 3,
  usedAt: 4,
  /** For the metrics. */
  opened: 5,
  heldOpen: 6,
  heldBusy: 7,
  retries: 8,
  retriesOverBudget: 9,
} as const;
export type UpstreamNumber = keyof typeof numbers;

/** Of each: since when the younger half of a window goes, all and some of what is counted in it, and the same of the half before. */
const rolling = { circuit: 10, budget: 15 } as const;
export type Rolling = keyof typeof rolling;
const numbersOfRolling = 5;

/** Of each thread, by its number from 1: its calls that are under way. */
const inFlightAt = 20;
const maxOwners = 64;
const keyAt = inFlightAt + maxOwners;
const textAt = keyAt + 2;
const textBytes = 320;
const numbersOfSlot = textAt + textBytes / Float64Array.BYTES_PER_ELEMENT;
const slotBytes = numbersOfSlot * Float64Array.BYTES_PER_ELEMENT;
const headerBytes = 64;

export const createUpstreamMemory = (slots = defaultSlots): SharedArrayBuffer => new SharedArrayBuffer(headerBytes + slots * slotBytes);

/** The machine's monotonic clock in milliseconds, which is the same to every thread. */
function createMachineClock(): () => number {
  const baseMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  return () => performance.now() + baseMs;
}

/** An API and where it is served, and where it was found last. */
export type UpstreamKey = { readonly words: Int32Array; readonly text: Uint8Array; slot: number };

export function upstreamKey(api: { readonly id: string; readonly name: string }, origin: string): UpstreamKey {
  const digest = hash('sha256', JSON.stringify([api.id, origin]), 'buffer');
  // Never 0, which is a place that was never used.
  const words = Int32Array.of(digest.readInt32LE(0) | 1, digest.readInt32LE(4), digest.readInt32LE(8));
  return { words, text: Buffer.from(`${api.name} ${origin}`).subarray(0, textBytes), slot: -1 };
}

/**
 * What is known of upstreams that policies protect, in memory that threads share. Who holds the lock sees and changes the table alone, for about a microsecond. Time is
 * the machine's monotonic clock, which is the same to every thread.
 */
export class UpstreamTable {
  readonly #lock: SharedLock;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #slots: number;
  readonly #owner: number;
  /** Milliseconds. */
  readonly now: () => number;

  /** `owner` tells this thread from the others: from 1 to 64, or above for one that makes no calls. */
  constructor(memory: SharedArrayBuffer, owner: number, now = createMachineClock()) {
    this.#lock = new SharedLock(new Int32Array(memory, 0, 2), owner);
    this.#words = new Int32Array(memory, headerBytes);
    this.#numbers = new Float64Array(memory, headerBytes);
    this.#bytes = new Uint8Array(memory, headerBytes);
    this.#slots = (memory.byteLength - headerBytes) / slotBytes;
    this.#owner = owner;
    this.now = now;
  }

  /** Runs `work` while no other thread does. It must neither wait nor call this. */
  locked<Result>(work: () => Result): Result {
    return this.#lock.locked(work);
  }

  /** The place of an upstream, taken for it where it has none; undefined when there is no room. Only with the lock. */
  find(key: UpstreamKey): number | undefined {
    if (key.slot >= 0 && this.#holds(key.slot, key.words)) return key.slot;
    let free = -1;
    let slot = (key.words[0] as number) >>> 0;
    for (let probe = 0; probe < Math.min(maxProbes, this.#slots); probe += 1) {
      slot = probe === 0 ? slot % this.#slots : (slot + 1) % this.#slots;
      if (this.#holds(slot, key.words)) return (key.slot = slot);
      const isUnused = !this.#isUsed(slot);
      if (free < 0 && (isUnused || this.#isForgotten(slot))) free = slot;
      // Places are only ever used again, so that nothing was put beyond one that never was.
      if (isUnused) break;
    }
    if (free < 0) return undefined;
    this.#numbers.fill(0, free * numbersOfSlot, (free + 1) * numbersOfSlot);
    this.#words.set(key.words, this.#keyOf(free));
    this.#bytes.set(key.text, free * slotBytes + textAt * Float64Array.BYTES_PER_ELEMENT);
    return (key.slot = free);
  }

  get(slot: number, name: UpstreamNumber): number {
    return this.#numbers[slot * numbersOfSlot + numbers[name]] as number;
  }

  set(slot: number, name: UpstreamNumber, value: number): void {
    this.#numbers[slot * numbersOfSlot + numbers[name]] = value;
  }

  add(slot: number, name: UpstreamNumber): void {
    (this.#numbers[slot * numbersOfSlot + numbers[name]] as number) += 1;
  }

  /** Counts one, or one of those that matter, and answers how many of both there were within a window: its younger half, and the half before. Only with the lock. */
  count(slot: number, name: Rolling, windowMs: number, more: { readonly all: number; readonly some: number }): { all: number; some: number } {
    const [cells, at] = [this.#numbers, slot * numbersOfSlot + rolling[name]];
    const halfMs = windowMs / 2;
    const ageMs = this.now() - (cells[at] as number);
    if (ageMs >= halfMs) {
      const isNext = ageMs < windowMs;
      cells[at] = isNext ? (cells[at] as number) + halfMs : this.now();
      cells[at + 3] = isNext ? (cells[at + 1] as number) : 0;
      cells[at + 4] = isNext ? (cells[at + 2] as number) : 0;
      cells[at + 1] = cells[at + 2] = 0;
    }
    const all = ((cells[at + 1] as number) += more.all) + (cells[at + 3] as number);
    const some = ((cells[at + 2] as number) += more.some) + (cells[at + 4] as number);
    return { all, some };
  }

  forget(slot: number, name: Rolling): void {
    const at = slot * numbersOfSlot + rolling[name];
    this.#numbers.fill(0, at, at + numbersOfRolling);
  }

  /** Calls that are under way, of all threads. */
  inFlight(slot: number): number {
    const at = slot * numbersOfSlot + inFlightAt;
    let sum = 0;
    for (let owner = 0; owner < maxOwners; owner += 1) sum += this.#numbers[at + owner] as number;
    return sum;
  }

  /** One call of this thread more, or less. Only with the lock. */
  addInFlight(slot: number, change: 1 | -1): void {
    (this.#numbers[slot * numbersOfSlot + inFlightAt + this.#owner - 1] as number) += change;
  }

  /** Whether an upstream has kept its place. Only with the lock. */
  isAt(slot: number, { words }: UpstreamKey): boolean {
    return this.#holds(slot, words);
  }

  /** The places that are in use and were within the last hour, each with the API that it is of, and where that is served. */
  *used(): Generator<{ readonly slot: number; readonly api: string; readonly upstream: string }> {
    for (let slot = 0; slot < this.#slots; slot += 1) {
      if (!this.#isUsed(slot) || this.#isForgotten(slot)) continue;
      const from = slot * slotBytes + textAt * Float64Array.BYTES_PER_ELEMENT;
      const text = Buffer.from(this.#bytes.slice(from, from + textBytes))
        .toString()
        .replace(/\0+$/, '');
      const [api = '', upstream = ''] = text.split(' ');
      yield { slot, api, upstream };
    }
  }

  /** Gives back what a thread that has ended had: the lock, and the places of its calls. */
  release(owner: number): void {
    this.#lock.release(owner);
    this.locked(() => {
      for (let slot = 0; slot < this.#slots; slot += 1) {
        if (this.#isUsed(slot)) this.#numbers[slot * numbersOfSlot + inFlightAt + owner - 1] = 0;
      }
    });
  }

  #keyOf(slot: number): number {
    return (slot * numbersOfSlot + keyAt) * 2;
  }

  #isUsed(slot: number): boolean {
    return this.#words[this.#keyOf(slot)] !== 0;
  }

  #isForgotten(slot: number): boolean {
    return this.now() - this.get(slot, 'usedAt') > forgottenMs && this.inFlight(slot) === 0;
  }

  #holds(slot: number, key: Int32Array): boolean {
    const [words, at] = [this.#words, this.#keyOf(slot)];
    return words[at] === key[0] && words[at + 1] === key[1] && words[at + 2] === key[2];
  }
}
