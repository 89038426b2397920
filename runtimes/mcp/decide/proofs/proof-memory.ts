import { randomBytes } from 'node:crypto';
import { createLimitMemory, LimitTable, windowKey } from '../limit-table.ts';

/** Remembers which proofs were used. */
export type ProofMemory = {
  /**
   * Whether nobody asked this about the same proof within the milliseconds that were given then. Asked once a request, after all else about its proof was found good.
   * Throws or rejects when it cannot be said.
   */
  isFirstUse(proof: string, forMs: number): boolean | Promise<boolean>;
};

/** That nobody can say now whether a proof was used, which its own log has told. */
export class ProofsAway extends Error {}

/** Asks one memory after the other: good is what both see for the first time. */
export const bothMemories = (near: ProofMemory, far: ProofMemory): ProofMemory => ({
  isFirstUse: async (proof, forMs) => (await near.isFirstUse(proof, forMs)) && (await far.isFirstUse(proof, forMs)),
});

/** Proofs that are remembered at once by the threads of a process together, for a minute and a half: some 9,000 a second. What is not used of it is never resident. */
const slots = 2 ** 20;

export const createProofMemory = (): SharedArrayBuffer => createLimitMemory(slots);

/** What the threads of a process judge proofs by together. */
export type SharedProofs = { readonly memory: SharedArrayBuffer; readonly nonceSecret: Uint8Array };

export const createSharedProofs = (): SharedProofs => ({ memory: createProofMemory(), nonceSecret: Uint8Array.from(randomBytes(32)) });

/** In memory that the threads of a process share. Other replicas know nothing of it; for those there is `ReplicaProofs`. */
export class SharedProofMemory implements ProofMemory {
  readonly #table: LimitTable;

  /** `owner` is a number above 0 that no other thread has at the same time. */
  constructor(memory: SharedArrayBuffer, owner: number, now: () => number) {
    this.#table = new LimitTable(memory, owner, now);
  }

  isFirstUse(proof: string, forMs: number): boolean {
    const table = this.#table;
    const key = windowKey(proof, 'monotonic');
    return table.locked(() => {
      const slot = table.find(key);
      if (slot === undefined) throw new Error('There is no room left to remember which proofs were used.');
      const nowMs = table.now('monotonic');
      if (table.endsAt(slot) > nowMs) return false;
      table.begin(slot, nowMs + forMs);
      return true;
    });
  }

  /** Gives the lock back for a thread that has ended. */
  release(owner: number): void {
    this.#table.release(owner);
  }
}
