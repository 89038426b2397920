import { mkdir } from 'node:fs/promises';
import { lockDirectory } from '@stoa/lib/directory-lock.ts';
import { ExpectedError } from '@stoa/lib/errors.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { LastKnownGood } from './last-known-good.ts';
import { SigningKeys } from './signing-keys.ts';
import type { ControlPlaneConnectionOptions } from './types.ts';
import { DiskUsageSpool } from './usage-spool.ts';

export type State = {
  readonly keys: SigningKeys;
  readonly store: LastKnownGood;
  readonly spool: DiskUsageSpool;
  /** Gives the directory back. Never rejects. */
  unlock(): Promise<void>;
};

const words = { kind: 'state directory (STOA_STATE_DIR)', holder: 'another process' };

/** A disk in this state still holds what is to be served: the instance starts from it, and says what it cannot do. */
const unwritable: ReadonlySet<string | undefined> = new Set(['EROFS', 'ENOSPC', 'EDQUOT', 'EIO']);

/**
 * Opens what an instance keeps on disk, for this process alone: two of them would serve each other's configuration after a restart.
 * Throws an `ExpectedError` when the directory is another's or cannot be used.
 */
export async function openState({ stateDir, instance, log }: ControlPlaneConnectionOptions, bootId: string, onAppend: () => void): Promise<State> {
  let unlock = (): Promise<void> => Promise.resolve();
  try {
    await mkdir(stateDir, { recursive: true, mode: 0o700 });
    unlock = await lock(stateDir, log);
    const keys = await SigningKeys.open(stateDir, log);
    const spool = await DiskUsageSpool.open({ stateDir, bootId, log, onAppend });
    return { keys, spool, store: new LastKnownGood(stateDir, instance, log), unlock };
  } catch (error) {
    await unlock();
    if (error instanceof ExpectedError) throw error;
    throw new ExpectedError(
      `The state directory ${stateDir} cannot be used (${(error as Error).message}): correct STOA_STATE_DIR or its permissions.`,
      { cause: error },
    );
  }
}

async function lock(stateDir: string, log: Logger): Promise<() => Promise<void>> {
  try {
    const release = await lockDirectory(stateDir, words);
    // A lock whose holder has ended is free anyway.
    return () => release().catch((error: unknown) => log.debug({ err: error }, 'The state directory could not be given back.'));
  } catch (error) {
    if (!unwritable.has((error as NodeJS.ErrnoException).code)) throw error;
    log.error(
      { err: error },
      `Nothing can be written to the state directory ${stateDir}: neither usage nor new configurations outlive this process.`,
    );
    return () => Promise.resolve();
  }
}
