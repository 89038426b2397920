import { appendFile } from 'node:fs/promises';
import { readIfPresent, removeFile } from '@stoa/lib/durable-file.ts';
import type { UsageRecord } from '@stoa/generated/schemas.ts';
import { validateUsageRecord } from '@stoa/generated/validators.js';

/**
 * What a batch in the making has come to, written down as it grows: one line a record, and the last of a record holds. It is not synced: it is there
 * for who finds it when the process was killed, and a power cut takes what the system had not written yet.
 */
export class UsageJournal {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  note(records: readonly UsageRecord[]): Promise<void> {
    const noted = this.#writing.then(() => this.#write(records));
    this.#writing = noted.catch(() => undefined);
    return noted;
  }

  /** The newest of each record, in the order in which they were first noted; of a line that was cut, what was noted before. */
  async read(): Promise<UsageRecord[]> {
    await this.#writing;
    const newest = new Map<string, UsageRecord>();
    for (const line of ((await readIfPresent(this.#path)) ?? '').split('\n')) {
      const record = line === '' ? undefined : parseRecord(line);
      if (record !== undefined) newest.set(keyOf(record), record);
    }
    return [...newest.values()];
  }

  async remove(): Promise<void> {
    await this.#writing;
    await removeFile(this.#path);
  }

  async #write(records: readonly UsageRecord[]): Promise<void> {
    // A line that a full disk has cut ends here, and takes none of these with it.
    await appendFile(this.#path, `\n${records.map((record) => JSON.stringify(record)).join('\n')}\n`, { mode: 0o600 });
  }
}

function keyOf({ window_start: start, door, api_id: apiId, consumer_id: consumerId, operation_id: operationId }: UsageRecord): string {
  return `${start} ${door} ${apiId} ${consumerId ?? ''} ${operationId}`;
}

function parseRecord(line: string): UsageRecord | undefined {
  try {
    const record: unknown = JSON.parse(line);
    return validateUsageRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}
