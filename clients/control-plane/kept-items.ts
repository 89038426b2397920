import { createHash } from 'node:crypto';
import { mkdir, open, readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeFile, syncDirectory } from '@stoa/lib/durable-file.ts';
import type { ConfigEntry } from '@stoa/generated/schemas.ts';
import type { Held } from './held-item.ts';

/** So many files are read or written at once: a disk is not waited for one by one, and no other work for all of them. */
const atOnce = 8;

/**
 * The items of desired states, each in a file that its hash names. A file is written before a manifest names it and removed after none does, so
 * that what a manifest names is there, however the process ended. They hold secrets of upstreams and, of a Connect, keys: mode 0600.
 */
export class KeptItems {
  readonly #directory: string;
  /** The folders that are there and synced; undefined before the first write. */
  #made: Set<string> | undefined;

  constructor(stateDir: string) {
    this.#directory = join(stateDir, 'items');
  }

  /** The bytes of an item, or undefined when they are not those that the hash names: cut short, changed, or not there. */
  async read({ hash, size }: ConfigEntry): Promise<Buffer | undefined> {
    const bytes = await readFile(this.#pathOf(hash)).catch(() => undefined);
    const isWhole = bytes?.length === size && createHash('sha256').update(bytes).digest('hex') === nameOf(hash);
    return isWhole ? bytes : undefined;
  }

  /** Writes what is not on disk yet, and makes it survive a power cut. */
  async write(held: readonly Held[]): Promise<void> {
    const unsaved = held.flatMap((item) => (item.unsaved === undefined ? [] : [{ item, bytes: item.unsaved }]));
    if (unsaved.length === 0) return;
    const directories = new Set(unsaved.map(({ item }) => dirname(this.#pathOf(item.hash))));
    const made = (this.#made ??= await this.#findMade());
    const added = [...directories].filter((directory) => !made.has(directory));
    for (const directory of added) await mkdir(directory, { recursive: true, mode: 0o700 });
    await eachOf(unsaved, ({ item, bytes }) => writeThrough(this.#pathOf(item.hash), bytes));
    const parents = added.length === 0 ? [] : [this.#directory, dirname(this.#directory)];
    for (const directory of [...directories, ...parents]) await syncDirectory(directory);
    for (const directory of added) made.add(directory);
    for (const { item } of unsaved) item.unsaved = undefined;
  }

  async remove(hashes: readonly string[]): Promise<void> {
    await eachOf(hashes, (hash) => removeFile(this.#pathOf(hash)));
  }

  /** Removes every file that none of these names: what a process left that ended before it could. */
  async removeAllBut(held: readonly Held[]): Promise<void> {
    const named = new Set(held.map(({ hash }) => nameOf(hash)));
    for (const folder of await readdir(this.#directory).catch(() => [])) {
      const files = await readdir(join(this.#directory, folder)).catch(() => []);
      const unnamed = files.filter((file) => !named.has(file.replace(/\.json$/, '')));
      await eachOf(unnamed, (file) => removeFile(join(this.#directory, folder, file)));
    }
  }

  /** Folders of a process before: once more they are synced all at once, since that one may have ended before it did. */
  async #findMade(): Promise<Set<string>> {
    const folders = await readdir(this.#directory).catch(() => []);
    if (folders.length > 0) await syncDirectory(this.#directory);
    return new Set(folders.map((folder) => join(this.#directory, folder)));
  }

  #pathOf(hash: string): string {
    const name = nameOf(hash);
    return join(this.#directory, name.slice(0, 2), `${name}.json`);
  }
}

const nameOf = (hash: string): string => hash.slice('sha256:'.length);

/** A file that no manifest names yet needs no other name while it is written. */
async function writeThrough(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Does the work for each, a few at a time. Rejects once all that was begun has ended. */
export async function eachOf<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const rest = all.values();
  const lane = async (): Promise<void> => {
    for (const one of rest) await work(one);
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(atOnce, all.length) }, lane));
  const failed = lanes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
