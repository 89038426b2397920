import { randomUUID } from 'node:crypto';
import type { Logger } from '@stoa/lib/log.ts';
import { ProofsAway } from '../proofs/proof-memory.ts';
import type { ProofMemory } from '../proofs/proof-memory.ts';
import type { ProofStore } from './store.ts';

const quietMs = 60_000;

/** Which proofs were used at any of the replicas that share a store. While it is away nobody can say, and no proof is good. */
export class ReplicaProofs implements ProofMemory {
  readonly #store: ProofStore;
  readonly #log: Logger;
  #warnedAtMs = -Infinity;
  /** For the metrics. */
  readonly counts = { asked: 0, failures: 0 };

  constructor(store: ProofStore, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  /** Rejects with `ProofsAway`. */
  async isFirstUse(proof: string, forMs: number): Promise<boolean> {
    this.counts.asked += 1;
    try {
      return await this.#store.claimProof(proof, randomUUID(), forMs);
    } catch (error) {
      this.counts.failures += 1;
      this.#warn(error as Error);
      throw new ProofsAway('Redis cannot be asked which proofs were used.', { cause: error });
    }
  }

  /** Once a minute, whatever comes. */
  #warn({ message }: Error): void {
    if (performance.now() - this.#warnedAtMs < quietMs) return;
    this.#warnedAtMs = performance.now();
    this.#log.warn(
      { cause: message },
      'Redis cannot be asked which proofs (DPoP) were used at other replicas: until it can, who presents one is answered 503.',
    );
  }
}
