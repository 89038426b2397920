import { AdminError } from './admin-error.ts';
import type { Applied, Change, FailedChange, Write, WritePlan, Writer } from './model.ts';

const away: ReadonlySet<string> = new Set(['unreachable', 'timeout']);
/** One cut connection is bad luck; after a second in a row each further write would only wait for its own timeout. */
const maxAwayInARow = 2;

const leaseLost = 'STOA Connect no longer holds the lease of this gateway, or is stopping.';

export type ApplyOptions = {
  /** Asked before each write: a process that lost its lease writes nothing more (lesson 19). */
  readonly shouldStop: () => boolean;
  /** How many writes of a stage are under way at once. */
  readonly parallel?: number;
  /** Reads back what these changes were to make: for each that is not so, why. Throws an `AdminError` when that cannot be read. */
  readonly confirm: (changes: readonly Change[]) => Promise<ReadonlyMap<Change, string>>;
};

/**
 * Makes the writes stage by stage, and those of one stage side by side. A failed write ends those of its items in later stages, and nothing else (lesson 16).
 */
export async function applyWrites<P>(writer: Writer<P>, plan: Pick<WritePlan<P>, 'writes' | 'checkpoints'>, options: ApplyOptions): Promise<Applied> {
  const run = new Run(writer, options);
  for (const [number, stage] of inStages(plan.writes)) {
    if (plan.checkpoints?.includes(number) === true) await run.confirm();
    const waiting = stage.values();
    // The workers share one iterator, so that each write is taken once.
    const worker = async (): Promise<void> => {
      for (const write of waiting) await run.take(write);
    };
    await Promise.all(Array.from({ length: Math.min(options.parallel ?? 8, stage.length) }, worker));
  }
  return run.applied();
}

function inStages<P>(writes: readonly Write<P>[]): readonly (readonly [number, readonly Write<P>[]])[] {
  return [...Map.groupBy(writes, ({ stage }) => stage)].sort(([a], [b]) => a - b);
}

/** What became of the writes so far. */
class Run<P> {
  readonly #done: Change[] = [];
  readonly #failed: FailedChange[] = [];
  readonly #skipped: Change[] = [];
  readonly #blocked = new Set<string>();
  readonly #culprits = new Map<string, string>();
  readonly #writer: Writer<P>;
  readonly #shouldStop: () => boolean;
  readonly #confirm: ApplyOptions['confirm'];
  /** Made since the last checkpoint. */
  #unconfirmed: Write<P>[] = [];
  #awayInARow = 0;
  #stale = false;
  #stopped: Applied['stopped'];

  constructor(writer: Writer<P>, { shouldStop, confirm }: ApplyOptions) {
    this.#writer = writer;
    this.#shouldStop = shouldStop;
    this.#confirm = confirm;
  }

  async take(write: Write<P>): Promise<void> {
    if (this.#mayTry(write)) await this.#attempt(write);
    else this.#skipped.push(...write.changes);
  }

  /** Holds the answers of the gateway against what it has. */
  async confirm(): Promise<void> {
    const made = this.#unconfirmed;
    this.#unconfirmed = [];
    if (made.length === 0 || this.#stopped !== undefined) return;
    let missing: ReadonlyMap<Change, string>;
    try {
      missing = await this.#confirm(made.flatMap(({ changes }) => changes));
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      // What cannot be read back is as good as not written.
      missing = new Map(made.flatMap(({ changes }) => changes.map((change) => [change, error.message])));
    }
    for (const write of made) {
      const reason = write.changes.map((change) => missing.get(change)).find((text) => text !== undefined);
      if (reason === undefined) continue;
      for (const change of write.changes) this.#done.splice(this.#done.indexOf(change), 1);
      await this.#fail(write, new AdminError('unavailable', `it does not read back as written: ${reason}`));
    }
  }

  applied(): Applied {
    return {
      done: this.#done,
      failed: this.#failed,
      skipped: this.#skipped,
      ...(this.#stopped !== undefined && { stopped: this.#stopped }),
      culprits: this.#culprits,
      stale: this.#stale,
    };
  }

  #mayTry(write: Write<P>): boolean {
    if (this.#stopped?.cause !== 'no_lease' && this.#shouldStop()) this.#stopped = { cause: 'no_lease', reason: leaseLost };
    if (this.#stopped !== undefined) return false;
    return write.always === true || write.onFailure !== undefined || !write.changes.some(({ object }) => this.#blocked.has(object.owner));
  }

  readonly #permit = (): void => {
    if (this.#shouldStop()) throw new AdminError('no_lease', leaseLost);
  };

  async #attempt(write: Write<P>): Promise<void> {
    try {
      await this.#writer.write(write, this.#permit);
      this.#done.push(...write.changes);
      this.#unconfirmed.push(write);
      this.#awayInARow = 0;
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      await this.#fail(write, error);
    }
  }

  async #fail(write: Write<P>, error: AdminError): Promise<void> {
    this.#note(write, error);
    // Even when the gateway seems to be gone: one cut connection must not leave an API without its guard.
    if (write.onFailure !== undefined && !this.#shouldStop()) await this.#attempt(write.onFailure);
  }

  #note(write: Write<P>, error: AdminError): void {
    for (const change of write.changes) {
      this.#failed.push({ change, reason: `${change.object.label}: ${error.message}`, refused: error.isRefusal });
      this.#blocked.add(change.object.owner);
    }
    for (const [id, reason] of error.culprits) this.#culprits.set(id, reason);
    if (error.code === 'stale') this.#stale = true;
    this.#awayInARow = away.has(error.code) ? this.#awayInARow + 1 : 0;
    if (error.code === 'no_lease') this.#stopped = { cause: 'no_lease', reason: leaseLost };
    else if (this.#awayInARow >= maxAwayInARow || error.code === 'unauthorized') this.#stopped ??= { cause: 'gateway_away', reason: error.message };
  }
}
