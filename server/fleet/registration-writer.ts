import type { RegisterRequest } from '@stoa/generated/schemas.ts';
import type { Pool } from 'pg';
import type { GatewayKeyPrincipal } from '../access/principal.ts';
import { writeBatch } from '../database/write-batch.ts';
import { overloaded } from '../errors.ts';
import type { ControlPlaneMetrics } from '../metrics.ts';
import { Admission } from './admission.ts';
import { unknownFieldsOf } from './contract-fields.ts';
import type { IntervalPolicy } from './interval-policy.ts';
import { registerMany } from './register.ts';
import type { Registered, Registration } from './register.ts';

type Waiting = Registration & { signal: AbortSignal; resolve: (registered: Registered | undefined) => void; reject: (reason: unknown) => void };

const maxAtOnce = 2;
const maxBatch = 250;

/**
 * Registers instances in batches: whatever arrives while a statement is under way goes into the next. After an outage a whole fleet registers: heartbeats, which have a
 * queue and connections of their own, must not wait behind it, and who finds no room is told when its turn comes.
 */
export class RegistrationWriter {
  readonly #pool: Pool;
  readonly #intervals: IntervalPolicy;
  readonly #metrics: ControlPlaneMetrics;
  readonly #admission = new Admission();
  /** In the order of arrival. */
  #waiting: Waiting[] = [];
  /** Names in a batch under way: another registration of one waits for it, so that they are written in the order they came in. */
  readonly #underWay = new Set<string>();
  #flushing = 0;

  constructor(pool: Pool, intervals: IntervalPolicy, metrics: ControlPlaneMetrics) {
    this.#pool = pool;
    this.#intervals = intervals;
    this.#metrics = metrics;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** The refusal for one that finds no room, before anything of it is read; undefined when there is room. */
  refusal(): { retryAfterS: number } | undefined {
    if (this.#waiting.length < this.#admission.maxWaiting) return undefined;
    this.#metrics.count('registration', 'later');
    return { retryAfterS: this.#admission.retryAfterS(this.#waiting.length) };
  }

  /**
   * Resolves once the registration is committed; with undefined where what stands there already was not given out. Rejects with 503 when too many wait.
   * Of a caller who went away before his turn, which `signal` tells, nothing is written: he asks again, and others wait.
   * `signingKey` is the newest that he will be told.
   */
  write(
    principal: GatewayKeyPrincipal,
    request: RegisterRequest,
    { signal, signingKey }: { signal: AbortSignal; signingKey: string },
  ): Promise<Registered | undefined> {
    const refused = this.refusal();
    if (refused) return Promise.reject(overloaded(refused.retryAfterS));
    const { promise, resolve, reject } = Promise.withResolvers<Registered | undefined>();
    this.#waiting.push({ principal, request, signingKey, unknownFields: unknownFieldsOf('RegisterRequest', request), signal, resolve, reject });
    if (this.#flushing < maxAtOnce) {
      this.#flushing += 1;
      // Requests that arrived in the same turn of the event loop share the batch.
      setImmediate(() => void this.#flush());
    }
    return promise;
  }

  /** One registration of each name, of keys that are good for the same modes. */
  #nextBatch(): Waiting[] {
    const batch: Waiting[] = [];
    const left: Waiting[] = [];
    for (const [n, waiting] of this.#waiting.entries()) {
      if (batch.length === maxBatch) {
        this.#waiting = [...left, ...this.#waiting.slice(n)];
        return batch;
      }
      const name = nameOf(waiting);
      if (waiting.signal.aborted) {
        this.#metrics.count('registration', 'later');
        waiting.reject(overloaded(1));
      } else if (this.#underWay.has(name) || (batch[0] && modesOf(batch[0]) !== modesOf(waiting))) left.push(waiting);
      else {
        this.#underWay.add(name);
        batch.push(waiting);
      }
    }
    this.#waiting = left;
    return batch;
  }

  async #flush(): Promise<void> {
    for (let batch = this.#nextBatch(); batch.length > 0; batch = this.#nextBatch()) {
      const since = performance.now();
      await this.#writeBatch(batch);
      for (const waiting of batch) this.#underWay.delete(nameOf(waiting));
      this.#metrics.noteBatch('registration', batch.length, (performance.now() - since) / 1000);
      this.#admission.done(batch.length, this.#waiting.length > 0);
    }
    this.#flushing -= 1;
  }

  /** Everybody in the batch gets an answer. */
  #writeBatch(batch: readonly Waiting[]): Promise<void> {
    const { intervalS } = this.#intervals;
    return writeBatch(
      batch,
      async (part) => {
        const registered = await registerMany(this.#pool, part, intervalS);
        part.forEach((waiting, n) => waiting.resolve(registered[n]));
        const done = registered.filter((one) => one !== undefined).length;
        this.#metrics.count('registration', 'done', done);
        this.#metrics.count('registration', 'refused', part.length - done);
      },
      (part, error) => {
        this.#metrics.count('registration', 'failed', part.length);
        for (const { reject } of part) reject(error);
      },
    );
  }
}

const nameOf = ({ principal, request }: Registration): string => `${principal.tenantId} ${request.environment} ${request.instance_name}`;
const modesOf = ({ principal }: Registration): string => principal.modes.join();
