import { access, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, writeDurably } from '@stoa/lib/durable-file.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { UsageBatch, UsageRecord } from '@stoa/generated/schemas.ts';
import { validateUsageBatch } from '@stoa/generated/validators.js';
import { UsageJournal } from './usage-journal.ts';
import type { UsagePart, UsageSpool, UsageStats } from './types.ts';

export type SpooledBatch = { name: string; batch: UsageBatch };
type Entry = { name: string; bytes: number; calls: number | undefined };

/** A server takes five times as many. */
export const maxRecordsOfPart = 1000;
const maxQuarantined = 100;
const batchName = /^\d{15}-[0-9a-f-]{36}-\d{10}\.json$/;
const journalName = /^(\d{15}-([0-9a-f-]{36})-(\d{10}))\.jsonl$/;

/**
 * Usage on disk until the Control Plane has counted it (lesson 30): one file a batch, named so that the order of names is the order of
 * making, across restarts. A batch keeps the `boot_id` and `seq` that it was made with, since they are what it is counted once by. While it
 * is in the making it is a journal in `open/` under the same name; the next process makes the batch of what one that was killed has noted.
 */
export class DiskUsageSpool implements UsageSpool {
  readonly #dir: string;
  readonly #bootId: string;
  readonly #log: Logger;
  readonly #maxBytes: number;
  readonly #startedAt = String(Date.now()).padStart(15, '0');
  readonly #onAppend: () => void;
  #entries: Entry[] = [];
  #bytes = 0;
  #seq = 0;
  #closing: Promise<void> = Promise.resolve();
  #inFlight: string | undefined;
  #sent = 0;
  #quarantined = 0;
  #dropped = 0;
  #droppedCalls = 0;

  private constructor(options: { dir: string; bootId: string; log: Logger; maxBytes: number; onAppend: () => void }) {
    this.#dir = options.dir;
    this.#bootId = options.bootId;
    this.#log = options.log;
    this.#maxBytes = options.maxBytes;
    this.#onAppend = options.onAppend;
  }

  /** Finds what an earlier process left. `maxBytes` is 64 MiB, which is some 200,000 records. */
  static async open(options: { stateDir: string; bootId: string; log: Logger; maxBytes?: number; onAppend?: () => void }): Promise<DiskUsageSpool> {
    const { bootId, log, maxBytes = 64 * 1024 * 1024, onAppend = () => {} } = options;
    const dir = join(options.stateDir, 'usage');
    // A directory that cannot be written keeps nobody from starting: the first batch that cannot be kept says so.
    for (const part of ['quarantine', 'open'])
      await mkdir(join(dir, part), { recursive: true, mode: 0o700 }).catch((error: unknown) =>
        log.error({ err: error }, `Usage cannot be kept in ${dir}.`),
      );
    const spool = new DiskUsageSpool({ dir, bootId, log, maxBytes, onAppend });
    await spool.#recover();
    await spool.#index();
    return spool;
  }

  /** The sequence number is its own from here on: a close that failed half way, and is tried again, replaces what it left. */
  open(): UsagePart {
    const seq = this.#seq;
    this.#seq += 1;
    const journal = new UsageJournal(join(this.#dir, 'open', `${this.#nameOf(seq)}l`));
    return {
      note: (records) => journal.note(records),
      close: (records) => this.#inTurn(() => this.#close(seq, journal, records)),
    };
  }

  #inTurn(close: () => Promise<void>): Promise<void> {
    const closed = this.#closing.then(close);
    this.#closing = closed.catch(() => undefined);
    return closed;
  }

  /** Nothing is sent before the journal is gone, of which the next process would make the batch again. */
  async #close(seq: number, journal: UsageJournal, given: readonly UsageRecord[] | undefined): Promise<void> {
    const records = given ?? (await journal.read());
    if (records.length > maxRecordsOfPart)
      throw new RangeError(`A part of usage has at most ${maxRecordsOfPart} records, and not ${records.length}.`);
    const entry = records.length === 0 ? undefined : await this.#write({ boot_id: this.#bootId, seq, records: [...records] }, this.#nameOf(seq));
    await journal.remove();
    if (entry === undefined) return;
    this.#add(entry);
    await this.#makeRoom();
    this.#onAppend();
  }

  async #write(batch: UsageBatch, name: string): Promise<Entry> {
    const text = JSON.stringify(batch);
    try {
      await writeDurably(join(this.#dir, name), text);
    } catch (error) {
      // It may be there and only not be safe yet: whoever finds it would count what its maker still has.
      await rm(join(this.#dir, name), { force: true }).catch(() => undefined);
      throw error;
    }
    return { name, bytes: Buffer.byteLength(text), calls: callsOf(batch) };
  }

  #nameOf(seq: number): string {
    return `${this.#startedAt}-${this.#bootId}-${String(seq).padStart(10, '0')}.json`;
  }

  stats(): UsageStats {
    const waiting = this.#entries.length;
    return {
      waiting,
      bytes: this.#bytes,
      sent: this.#sent,
      quarantined: this.#quarantined,
      dropped: this.#dropped,
      droppedCalls: this.#droppedCalls,
    };
  }

  /** The oldest batch, which is not dropped before `settle`, `putBack` or `quarantine` is called. A damaged file is put aside. */
  async takeOldest(): Promise<SpooledBatch | undefined> {
    for (let entry = this.#entries[0]; entry !== undefined; entry = this.#entries[0]) {
      this.#inFlight = entry.name;
      const read = await this.#read(entry.name);
      if (typeof read !== 'string') return { name: entry.name, batch: read };
      await this.quarantine(entry.name, read);
    }
    return undefined;
  }

  /** The batch, or why there is none. */
  async #read(name: string): Promise<UsageBatch | string> {
    try {
      const text = await readIfPresent(join(this.#dir, name));
      return text === undefined ? 'the file was removed' : (parse(text) ?? 'the file is damaged');
    } catch (error) {
      return `the file cannot be read (${(error as Error).message})`;
    }
  }

  async settle(name: string): Promise<void> {
    await rm(join(this.#dir, name), { force: true });
    this.#forget(name);
    this.#sent += 1;
  }

  putBack(): void {
    this.#inFlight = undefined;
  }

  /** Sets a batch aside that will never be taken, so that those behind it are. The newest hundred are kept for who wants to know. */
  async quarantine(name: string, reason: string): Promise<void> {
    const directory = join(this.#dir, 'quarantine');
    await rename(join(this.#dir, name), join(directory, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    this.#forget(name);
    this.#quarantined += 1;
    this.#log.error({ batch: name }, `A usage batch is not counted and was moved to ${directory}: ${reason}.`);
    const kept = (await readdir(directory)).sort();
    for (const old of kept.slice(0, Math.max(0, kept.length - maxQuarantined))) await rm(join(directory, old), { force: true });
  }

  /** Makes the batches that an earlier process had in the making when it was killed. What cannot be read or written now is left for the next. */
  async #recover(): Promise<void> {
    const directory = join(this.#dir, 'open');
    for (const file of (await readdir(directory).catch(() => [])).sort()) {
      const [, name = '', bootId = '', seq = ''] = journalName.exec(file) ?? [];
      if (name === '') continue;
      const journal = new UsageJournal(join(directory, file));
      try {
        // The batch was made; only its journal had not gone yet.
        const isMade = await access(join(this.#dir, `${name}.json`)).then(
          () => true,
          () => false,
        );
        const records = isMade ? [] : await journal.read();
        if (records.length > 0) await this.#write({ boot_id: bootId, seq: Number(seq), records }, `${name}.json`);
        await journal.remove();
      } catch (error) {
        this.#log.error({ err: error, journal: file }, 'Usage that an earlier process noted is not counted yet: its journal cannot be made a batch.');
      }
    }
  }

  async #index(): Promise<void> {
    for (const name of (await readdir(this.#dir).catch(() => [])).sort()) {
      // The unfinished write of a process that was killed: its `append` never resolved, so its caller still has the records.
      if (name.endsWith('.tmp')) await rm(join(this.#dir, name), { force: true }).catch(() => undefined);
      if (batchName.test(name)) this.#add({ name, bytes: (await stat(join(this.#dir, name))).size, calls: undefined });
    }
    if (this.#entries.length > 0)
      this.#log.info({ batches: this.#entries.length }, 'An earlier process left usage that is not counted yet; it is sent now.');
  }

  #add(entry: Entry): void {
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
  }

  #forget(name: string): void {
    const index = this.#entries.findIndex((entry) => entry.name === name);
    const [entry] = index < 0 ? [] : this.#entries.splice(index, 1);
    this.#bytes -= entry?.bytes ?? 0;
    if (this.#inFlight === name) this.#inFlight = undefined;
  }

  /** Drops the oldest batches until the spool is within its bound: recent usage is what operators look at. */
  async #makeRoom(): Promise<void> {
    let batches = 0;
    let calls = 0;
    while (this.#bytes > this.#maxBytes) {
      const entry = this.#entries.find(({ name }) => name !== this.#inFlight);
      if (entry === undefined) break;
      calls += entry.calls ?? callsOf(await this.#read(entry.name));
      this.#forget(entry.name);
      await rm(join(this.#dir, entry.name), { force: true });
      batches += 1;
    }
    if (batches === 0) return;
    this.#dropped += batches;
    this.#droppedCalls += calls;
    this.#log.error(
      { batches, calls, max_bytes: this.#maxBytes },
      'The usage spool is full: the oldest batches were dropped and these calls will not be counted.',
    );
  }
}

/** None where the batch could not be read. */
function callsOf(batch: UsageBatch | string): number {
  return typeof batch === 'string' ? 0 : batch.records.reduce((sum, { calls }) => sum + calls, 0);
}

function parse(text: string): UsageBatch | undefined {
  try {
    const batch: unknown = JSON.parse(text);
    return validateUsageBatch(batch) ? batch : undefined;
  } catch {
    return undefined;
  }
}
