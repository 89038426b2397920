import { hash } from 'node:crypto';
import { SharedLock } from '@stoa/lib/shared-lock.ts';

/** Windows that can be counted at once by the threads of a process together, in 8 MB of which only what is used is ever resident. */
export const defaultSlots = 2 ** 18;
/** Of a window: 12 bytes of its key, 4 of its clock, its count, and when it ends. */
const slotBytes = 32;
const offsetAt = 1;
const headerBytes = 64;
/** So far from where its key leads a window is looked for: with three quarters of the table in use, hardly one is that far. */
const maxProbes = 256;

/** By which clock a window ends. */
export type WindowClock = 'monotonic' | 'wall';

/** The key of a window, and where it was found last; `twin` is the other of two that take turns. */
export type WindowKey = { readonly words: Int32Array; slot: number; readonly twin?: WindowKey };

export const createLimitMemory = (slots = defaultSlots): SharedArrayBuffer => new SharedArrayBuffer(headerBytes + slots * slotBytes);

export function windowKey(name: string, clock: WindowClock): WindowKey {
  const digest = hash('sha256', name, 'buffer');
  // Never 0, which is a place that was never used.
  const words = Int32Array.of(digest.readInt32LE(0) | 1, digest.readInt32LE(4), digest.readInt32LE(8), clock === 'wall' ? 1 : 0);
  return { words, slot: -1 };
}

/** The same of two windows that take turns. */
export const windowKeys = (name: string, clock: WindowClock): WindowKey => ({ ...windowKey(name, clock), twin: windowKey(`${name} twin`, clock) });

/**
 * Windows of limits in memory that threads share. All of them count as one: who holds the lock sees and changes the table alone, for about a
 * microsecond. Time is the machine's monotonic clock, which is the same to every thread, and a wall clock that never goes back, whichever of them
 * has seen the latest.
 */
export class LimitTable {
  readonly #lock: SharedLock;
  readonly #times: Float64Array;
  readonly #words: Int32Array;
  /** Of each slot two: its count, and when its window ends. */
  readonly #numbers: Float64Array;
  readonly #slots: number;
  readonly #wall: () => number;
  readonly #monotonicBase = Number(process.hrtime.bigint()) / 1e6 - performance.now();

  /** `owner` is a number above 0 that no other thread has at the same time. */
  constructor(memory: SharedArrayBuffer, owner: number, wall: () => number) {
    this.#lock = new SharedLock(new Int32Array(memory, 0, 2), owner);
    this.#times = new Float64Array(memory, 8, 1 + offsetAt);
    this.#words = new Int32Array(memory, headerBytes);
    this.#numbers = new Float64Array(memory, headerBytes);
    this.#slots = (memory.byteLength - headerBytes) / slotBytes;
    this.#wall = wall;
  }

  /** Runs `work` while no other thread does. It must neither wait nor call this. */
  locked<Result>(work: () => Result): Result {
    return this.#lock.locked(work);
  }

  /** Milliseconds. Only with the lock. */
  now(clock: WindowClock): number {
    const monotonicMs = performance.now() + this.#monotonicBase;
    if (clock === 'monotonic') return monotonicMs;
    const offsetMs = Math.max(this.#times[offsetAt] as number, this.#wall() - monotonicMs);
    this.#times[offsetAt] = offsetMs;
    return offsetMs + monotonicMs;
  }

  /** The place of a window, taken for it where it has none; undefined when there is no room. Only with the lock. */
  find(key: WindowKey): number | undefined {
    if (key.slot >= 0 && this.#holds(key.slot, key.words)) return key.slot;
    let free = -1;
    let slot = (key.words[0] as number) >>> 0;
    for (let probe = 0; probe < Math.min(maxProbes, this.#slots); probe += 1) {
      slot = probe === 0 ? slot % this.#slots : (slot + 1) % this.#slots;
      if (this.#holds(slot, key.words)) return (key.slot = slot);
      const isUnused = this.#words[slot * 8] === 0;
      if (free < 0 && (isUnused || this.#isOver(slot))) free = slot;
      // Places are only ever used again, so that nothing was put beyond one that never was.
      if (isUnused) break;
    }
    if (free < 0) return undefined;
    this.#words.set(key.words, free * 8);
    this.begin(free, 0);
    return (key.slot = free);
  }

  count(slot: number): number {
    return this.#numbers[slot * 4 + 2] as number;
  }

  endsAt(slot: number): number {
    return this.#numbers[slot * 4 + 3] as number;
  }

  begin(slot: number, endsAt: number): void {
    this.#numbers[slot * 4 + 2] = 0;
    this.#numbers[slot * 4 + 3] = endsAt;
  }

  /** Moves the end of a window that goes on. */
  setEnd(slot: number, endsAt: number): void {
    this.#numbers[slot * 4 + 3] = endsAt;
  }

  add(slot: number, more = 1): void {
    (this.#numbers[slot * 4 + 2] as number) += more;
  }

  /** Gives the lock back for a thread that has ended. */
  release(owner: number): void {
    this.#lock.release(owner);
  }

  #holds(slot: number, key: Int32Array): boolean {
    const [words, at] = [this.#words, slot * 8];
    return words[at] === key[0] && words[at + 1] === key[1] && words[at + 2] === key[2] && words[at + 3] === key[3];
  }

  #isOver(slot: number): boolean {
    return this.endsAt(slot) <= this.now(this.#words[slot * 8 + 3] === 1 ? 'wall' : 'monotonic');
  }
}
