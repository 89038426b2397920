import { overloaded } from '../errors.ts';
import type { ControlPlaneMetrics, BatchLane } from '../metrics.ts';
import { inTurns } from '../turns.ts';
import { writeBatch } from './write-batch.ts';

type Waiting<Item> = { readonly item: Item; readonly resolve: (isWritten: boolean) => void; readonly reject: (reason: unknown) => void };

export type BatchOptions<Item> = {
  readonly lane: BatchLane;
  /** Whose items are written one after the other, in the order they came in. */
  readonly keyOf: (item: Item) => string;
  /** Roughly how many bytes an item has. */
  readonly sizeOf: (item: Item) => number;
  /** Writes items of different keys in one statement, and answers the keys of those that it took. */
  readonly write: (items: readonly Item[]) => Promise<ReadonlySet<string>>;
  readonly metrics: ControlPlaneMetrics;
};

// Two batches under way hide the time that one commit takes.
const maxAtOnce = 2;
const maxBatch = 500;
const maxBatchBytes = 8 * 1024 * 1024;
const maxWaiting = 20_000;
const maxWaitingBytes = 128 * 1024 * 1024;
const retryAfterS = 5;
const answeredAtOnce = 50;

/**
 * Writes in batches: whatever arrives while a statement is under way goes into the next, and each caller is answered only after the commit that holds
 * his item. Without load an item is a batch of its own.
 */
export class BatchWriter<Item> {
  readonly #options: BatchOptions<Item>;
  /** In the order of arrival. */
  #waiting: Waiting<Item>[] = [];
  #waitingBytes = 0;
  readonly #underWay = new Set<string>();
  #flushing = 0;

  constructor(options: BatchOptions<Item>) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves once the item is committed, or was not taken. Rejects with the answer to send; 503 at once when too many wait. */
  write(item: Item): Promise<boolean> {
    const size = this.#options.sizeOf(item);
    if (this.#waiting.length >= maxWaiting || this.#waitingBytes + size > maxWaitingBytes) {
      this.#options.metrics.count(this.#options.lane, 'later');
      return Promise.reject(overloaded(retryAfterS));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#waitingBytes += size;
      if (this.#flushing >= maxAtOnce) return;
      this.#flushing += 1;
      // Requests that arrived in the same turn of the event loop share the batch.
      setImmediate(() => void this.#flush());
    });
  }

  /** One item of each key of which none is under way. */
  #nextBatch(): Waiting<Item>[] {
    const { keyOf, sizeOf } = this.#options;
    const batch: Waiting<Item>[] = [];
    const left: Waiting<Item>[] = [];
    /** Of these an earlier item is left: a later one must not overtake it. */
    const passed = new Set<string>();
    let bytes = 0;
    for (const waiting of this.#waiting) {
      const key = keyOf(waiting.item);
      const size = sizeOf(waiting.item);
      const isFull = batch.length === maxBatch || (batch.length > 0 && bytes + size > maxBatchBytes);
      if (isFull || this.#underWay.has(key) || passed.has(key)) {
        passed.add(key);
        left.push(waiting);
        continue;
      }
      this.#underWay.add(key);
      batch.push(waiting);
      bytes += size;
    }
    this.#waiting = left;
    this.#waitingBytes -= bytes;
    return batch;
  }

  async #flush(): Promise<void> {
    const { lane, keyOf, metrics } = this.#options;
    for (let batch = this.#nextBatch(); batch.length > 0; batch = this.#nextBatch()) {
      const since = performance.now();
      const answers = await this.#writeBatch(batch);
      metrics.noteBatch(lane, batch.length, (performance.now() - since) / 1000);
      for (const { item } of batch) this.#underWay.delete(keyOf(item));
      await inTurns(answers, answeredAtOnce, (answer) => answer());
    }
    this.#flushing -= 1;
  }

  /** Comes to an answer for everybody in the batch. */
  async #writeBatch(batch: readonly Waiting<Item>[]): Promise<(() => void)[]> {
    const { lane, keyOf, metrics, write } = this.#options;
    const answers: (() => void)[] = [];
    await writeBatch(
      batch,
      async (part) => {
        const written = await write(part.map(({ item }) => item));
        metrics.count(lane, 'done', written.size);
        metrics.count(lane, 'refused', part.length - written.size);
        for (const { item, resolve } of part) {
          const isWritten = written.has(keyOf(item));
          answers.push(() => resolve(isWritten));
        }
      },
      (part, error) => {
        metrics.count(lane, 'failed', part.length);
        for (const { reject } of part) answers.push(() => reject(error));
      },
    );
    return answers;
  }
}
