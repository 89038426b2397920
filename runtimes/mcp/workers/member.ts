import { Worker } from 'node:worker_threads';
import type { DesiredItem } from '@stoa/generated/schemas.ts';
import type { Address } from '@stoa/lib/setting.ts';
import type { StateToServe } from '../snapshot/snapshot.ts';
import { ThreadChannel } from './thread-channel.ts';
import type { SwappedIn, MainAnswers, WorkerAnswers, WorkerData } from './questions.ts';

/** Items that are copied from thread to thread without a pause: a few milliseconds' worth, if they are large. */
const itemsAtOnce = 16;

/** One worker, from its start to its end. */
export class Member {
  readonly number: number;
  readonly startedAtMs = performance.now();
  /** Resolves with the exit code. */
  readonly ended: Promise<number>;
  hasEnded = false;
  readonly #worker: Worker;
  readonly #channel: ThreadChannel<WorkerAnswers>;
  #last: Promise<SwappedIn> | undefined;
  #held: StateToServe | undefined;

  constructor(entry: URL, data: WorkerData, answers: MainAnswers) {
    this.number = data.number;
    this.#worker = new Worker(entry, { workerData: data, argv: process.argv.slice(2), name: `worker ${data.number}` });
    this.#channel = new ThreadChannel<WorkerAnswers>(this.#worker, answers);
    // What ended it is in its own log; the exit follows.
    this.#worker.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        this.hasEnded = true;
        this.#channel.close(new Error(`Worker ${data.number} has ended.`));
        resolve(code);
      });
    });
  }

  /** Has it serve a state: what differs, where it holds the one before. One state after the other. Rejects when it ends. */
  apply(state: StateToServe, before: StateToServe | undefined): Promise<SwappedIn> {
    if (this.#held === state && this.#last !== undefined) return this.#last;
    const whole = this.#held === undefined || this.#held !== before;
    const earlier = this.#last?.catch(() => undefined);
    this.#held = state;
    this.#last = this.#hand(state, whole, earlier).catch((error: unknown) => {
      this.#held = undefined;
      throw error;
    });
    return this.#last;
  }

  listen(address: Address): Promise<string> {
    return this.#channel.ask('listen', address);
  }

  async stop(): Promise<void> {
    await this.#channel.ask('stop', undefined).catch(() => undefined);
    await this.#worker.terminate();
  }

  async #hand(state: StateToServe, whole: boolean, earlier: Promise<unknown> | undefined): Promise<SwappedIn> {
    await earlier;
    let part: DesiredItem[] = [];
    for (const item of whole ? state.items.values() : state.changed) {
      part.push(item);
      if (part.length < itemsAtOnce) continue;
      await this.#channel.ask('items', part);
      part = [];
    }
    if (part.length > 0) await this.#channel.ask('items', part);
    const { generation, hash, removed } = state;
    return this.#channel.ask('apply', { generation, hash, removed: whole ? [] : removed, whole });
  }
}
