import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, writeDurably } from '@stoa/lib/durable-file.ts';
import { ExpectedError } from '@stoa/lib/errors.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { orStuck } from '@stoa/lib/or-stuck.ts';

type Options = {
  dataDir: string;
  log: Logger;
  /** Whether the database is kept in it: without, nothing but the first administrator's token is. */
  holdsDatabase: boolean;
  /** 10 s when absent. */
  timeoutMs?: number;
};

/**
 * Looks, before anything else is begun, whether the data directory answers, and whether it can be read and written. Throws an `ExpectedError` when
 * it cannot be used for what it is needed for.
 */
export async function checkDataDirectory({ dataDir, log, holdsDatabase, timeoutMs = 10_000 }: Options): Promise<void> {
  const looking = look(dataDir).catch((error: NodeJS.ErrnoException) => error);
  const fault = await orStuck(
    looking,
    timeoutMs,
    `The data directory ${dataDir} does not answer within ${timeoutMs / 1000} s: repair its disk or its network, or choose another STOA_DATA_DIR.`,
  );
  if (fault === undefined) return;
  const reason = fault.code ?? fault.message;
  if (holdsDatabase)
    throw new ExpectedError(
      `The data directory ${dataDir} cannot be used (${reason}): correct STOA_DATA_DIR or its permissions, or set DATABASE_URL.`,
    );
  log.warn({ reason }, `The data directory ${dataDir} cannot be written: should a new administrator's token be needed, it cannot be kept there.`);
}

async function look(dataDir: string): Promise<undefined> {
  // As root the embedded server is another user, who must pass through to its cluster.
  await mkdir(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  for (const name of ['master-key', 'password', 'admin-token']) await readIfPresent(join(dataDir, name));
  const probe = join(dataDir, `.probe-${process.pid}`);
  await writeDurably(probe, '');
  await rm(probe);
}
