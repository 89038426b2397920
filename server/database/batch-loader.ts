import { inTurns } from '../turns.ts';

const maxKeys = 500;
const maxAtOnce = 2;
/** Whoever is answered goes on at once, with what may take a tenth of a millisecond. */
const answeredAtOnce = 50;

type Asked<Row> = readonly [key: string, waiters: readonly Waiter<Row>[]];
type Waiter<Row> = { resolve: (row: Row | undefined) => void; reject: (error: unknown) => void };

/**
 * Reads rows by their keys, those that are asked for in the same turn with one question; a question begins after it was asked for, so nobody is
 * answered with what was read before. However many ask, two questions are open at most.
 */
export class BatchLoader<Row> {
  readonly #read: (keys: string[]) => Promise<ReadonlyMap<string, Row>>;
  #asked = new Map<string, Waiter<Row>[]>();
  #open = 0;
  #isDue = false;

  constructor(read: (keys: string[]) => Promise<ReadonlyMap<string, Row>>) {
    this.#read = read;
  }

  load(key: string): Promise<Row | undefined> {
    return new Promise((resolve, reject) => {
      const waiters = this.#asked.get(key) ?? [];
      this.#asked.set(key, waiters);
      waiters.push({ resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isDue || this.#open >= maxAtOnce || this.#asked.size === 0) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      void this.#ask();
    });
  }

  async #ask(): Promise<void> {
    const batch = new Map([...this.#asked].slice(0, maxKeys));
    for (const key of batch.keys()) this.#asked.delete(key);
    this.#open += 1;
    this.#schedule();
    const answer = await this.#read([...batch.keys()]).then(
      (rows) =>
        ([key, waiters]: Asked<Row>) =>
          waiters.forEach(({ resolve }) => resolve(rows.get(key))),
      (error: unknown) =>
        ([, waiters]: Asked<Row>) =>
          waiters.forEach(({ reject }) => reject(error)),
    );
    this.#open -= 1;
    this.#schedule();
    await inTurns(batch, answeredAtOnce, answer);
  }
}
