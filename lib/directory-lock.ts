import { randomUUID } from 'node:crypto';
import { link, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent } from './durable-file.ts';
import { ExpectedError } from './errors.ts';
import { processIdentity } from './process-identity.ts';

/** How a refusal is said: `kind` is what the directory is, such as "data directory", and `holder` who may hold it, such as "another control plane". */
export type LockWords = { readonly kind: string; readonly holder: string };

type Holder = { pid: number; identity: string; released: boolean };

const maxAttempts = 100;

/**
 * Takes a directory for this process, or throws an `ExpectedError` that names the directory and the pid of its holder.
 * A holder that was killed has lost it. Answers the function that gives it back.
 *
 * Node has no flock. A pid file that is deleted and made anew lets two starters delete each other's; so the lock is a
 * sequence of files `lock.1`, `lock.2`, …: the highest counts, one takes over by making the next (link(2) makes it whole
 * and only once), and the highest is never deleted.
 */
export async function lockDirectory(directory: string, words: LockWords): Promise<() => Promise<void>> {
  const own: Holder = { pid: process.pid, identity: (await processIdentity(process.pid)) ?? '', released: false };
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const last = (await lockNumbers(directory)).at(-1) ?? 0;
    if (last > 0) await refuseLiveHolder(directory, last, words);
    const number = last + 1;
    if (!(await claim(directory, number, own))) continue;
    const numbers = await lockNumbers(directory);
    if (numbers.at(-1) !== number) {
      // Another came and went between our look and our claim, and deleted what stood below its own.
      await rm(lockPath(directory, number));
      continue;
    }
    await Promise.all(numbers.slice(0, -1).map((older) => rm(lockPath(directory, older), { force: true })));
    return () => replace(lockPath(directory, number), { ...own, released: true });
  }
  throw new ExpectedError(`The ${words.kind} ${directory} could not be locked: too many processes ask for it at once.`);
}

async function refuseLiveHolder(directory: string, number: number, { kind, holder: name }: LockWords): Promise<void> {
  const content = await readIfPresent(lockPath(directory, number));
  const holder = content === undefined ? undefined : parseHolder(content);
  if (holder === undefined || holder.released) return;
  const identity = await processIdentity(holder.pid);
  const alive = identity !== undefined && (identity === '' || holder.identity === '' || identity === holder.identity);
  if (!alive) return;
  throw new ExpectedError(`The ${kind} ${directory} is in use by ${name} (pid ${holder.pid}): stop it, or choose another ${kind}.`);
}

/** A lock is made whole, so one that cannot be read was cut by a power failure, which no holder outlived. */
function parseHolder(content: string): Holder | undefined {
  try {
    return JSON.parse(content) as Holder;
  } catch {
    return undefined;
  }
}

async function claim(directory: string, number: number, holder: Holder): Promise<boolean> {
  const temporary = await writeTemporary(directory, holder);
  try {
    await link(temporary, lockPath(directory, number));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary);
  }
}

async function replace(path: string, holder: Holder): Promise<void> {
  await rename(await writeTemporary(join(path, '..'), holder), path);
}

async function writeTemporary(directory: string, holder: Holder): Promise<string> {
  const path = join(directory, `lock-${randomUUID()}.tmp`);
  try {
    await writeFile(path, JSON.stringify(holder), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    // A full disk takes the name and not the content.
    await rm(path, { force: true });
    throw error;
  }
  return path;
}

async function lockNumbers(directory: string): Promise<number[]> {
  const names = await readdir(directory);
  return names.flatMap((name) => (/^lock\.\d+$/.test(name) ? [Number(name.slice(5))] : [])).sort((a, b) => a - b);
}

function lockPath(directory: string, number: number): string {
  return join(directory, `lock.${number}`);
}
