import type { Registry } from 'prom-client';
import { Counter, Gauge } from 'prom-client';
import { createForwardClock } from '@stoa/lib/clock.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { createLimitMemory } from '../limit-table.ts';
import type { Limits } from '../limits.ts';
import { createLeaseMemory } from './lease-table.ts';
import { Lessor } from './lessor.ts';
import type { LeaseSource } from './lessor.ts';
import { RedisStore } from './redis-store.ts';
import { ReplicaProofs } from './replica-proofs.ts';
import type { RedisStoreOptions } from './redis-store.ts';
import { createSharedLimits } from './shared-limits.ts';

/** What threads share of limits that replicas count together. */
export type SharedMemory = { readonly memory: SharedArrayBuffer; readonly leaseMemory: SharedArrayBuffer };

/** The part of a runtime, in its main thread, by which it counts limits together with its replicas, and remembers proofs with them. */
export class Replicas {
  readonly shared: SharedMemory = { memory: createLimitMemory(), leaseMemory: createLeaseMemory() };
  readonly #lessor: Lessor;
  /** Asked which proofs were used, after what this replica remembers itself. */
  readonly proofs: ReplicaProofs;

  constructor(options: RedisStoreOptions & { readonly log: Logger }) {
    const store = new RedisStore(options);
    this.proofs = new ReplicaProofs(store, options.log);
    this.#lessor = new Lessor({ store, ...this.shared, log: options.log, now: createForwardClock() });
  }

  get source(): LeaseSource {
    return this.#lessor;
  }

  /** Whether limits are counted together now, by how many as far as is known, and with how many questions. */
  get isShared(): boolean {
    return !this.#lessor.isAway;
  }
  get known(): number {
    return this.#lessor.replicas;
  }
  get counts(): Lessor['counts'] {
    return this.#lessor.counts;
  }

  /** The limits of the one thread that there is. */
  limits(now: () => number): Limits {
    return createSharedLimits({ ...this.shared, now, owner: 1, source: this.#lessor });
  }

  /** Looks for the store, and goes on whether it is there or not. */
  start(): Promise<void> {
    return this.#lessor.start();
  }

  /** Gives back what was not used. Close the doors before. */
  stop(): Promise<void> {
    return this.#lessor.stop();
  }

  addMetrics(registry: Registry): void {
    const registers = [registry];
    const lessor = this.#lessor;
    new Gauge({
      name: 'stoa_limits_shared',
      help: 'Whether limits are counted together with the replicas: 0 while Redis is away and this one counts its share.',
      registers,
      collect() {
        this.set(lessor.isAway ? 0 : 1);
      },
    });
    new Gauge({
      name: 'stoa_limits_replicas',
      help: 'Replicas that count limits together, this one among them, as far as it knows.',
      registers,
      collect() {
        this.set(lessor.replicas);
      },
    });
    const { proofs } = this;
    const counted = {
      stoa_limits_leases_total: ['Questions to Redis for a part of a limit.', () => lessor.counts.leases],
      stoa_limits_failures_total: ['Questions to Redis without an answer.', () => lessor.counts.failures],
      stoa_limits_outages_total: ['How often Redis was there and went away.', () => lessor.counts.outages],
      stoa_proofs_asked_total: ['Questions to Redis whether a proof was used at another replica.', () => proofs.counts.asked],
      stoa_proofs_failures_total: ['Those without an answer, whose callers were answered 503.', () => proofs.counts.failures],
    } as const;
    for (const [name, [help, count]] of Object.entries(counted)) {
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(count());
        },
      });
    }
  }
}
