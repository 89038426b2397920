import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { lockDirectory } from '@stoa/lib/directory-lock.ts';
import { ExpectedError } from '@stoa/lib/errors.ts';

const waitMs = { least: 5, most: 50 };
/** Longer than a token endpoint may take: who waits for a refresh shall get its token and not an error. */
const longestWaitMs = 30_000;

/**
 * Runs `work` while no other process, and no other call of this one, does so for the same file. The lock is a directory beside the file; a holder that
 * was killed has lost it. Throws an `ExpectedError` that names the holder after half a minute.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const directory = `${path}.lock`;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const unlock = await take(directory);
  try {
    return await work();
  } finally {
    await unlock();
  }
}

async function take(directory: string): Promise<() => Promise<void>> {
  const words = { kind: 'lock', holder: 'another process' };
  const deadline = performance.now() + longestWaitMs;
  for (;;) {
    try {
      return await lockDirectory(directory, words);
    } catch (error) {
      if (!(error instanceof ExpectedError) || performance.now() > deadline) throw error;
      await delay(waitMs.least + Math.random() * (waitMs.most - waitMs.least));
    }
  }
}
