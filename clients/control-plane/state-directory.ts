import { mkdir } from 'node:fs/promises';
import { lockDirectory } from '@stoa/lib/directory-lock.ts';
import { ExpectedError, StuckError } from '@stoa/lib/errors.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { orStuck } from '@stoa/lib/or-stuck.ts';
import { LastKnownGood } from './last-known-good.ts';
import { SigningKeys } from './signing-keys.ts';
import type { ControlPlaneConnectionOptions } from './types.ts';
import { DiskUsageSpool } from './usage-spool.ts';
import type { VerifiedState } from './verified-state.ts';

export type State = {
  readonly keys: SigningKeys;
  readonly store: LastKnownGood;
  readonly spool: DiskUsageSpool;
  /** The last good configuration, if there is one that proves itself. */
  readonly kept: VerifiedState | undefined;
  /** Gives the directory back. Never rejects. */
  unlock(): Promise<void>;
};

const words = { kind: 'state directory (STOA_STATE_DIR)', holder: 'another process' };
const longestMs = 10_000;

/** A directory in this state still holds what is to be served: the instance starts from it, and says what it cannot do. */
const unwritable: ReadonlySet<string | undefined> = new Set(['EROFS', 'ENOSPC', 'EDQUOT', 'EIO', 'EACCES', 'EPERM', 'EFBIG']);

/**
 * Opens what an instance keeps on disk, for this process alone: two of them would serve each other's configuration after a restart.
 * Throws an `ExpectedError` when the directory is another's, cannot be read, or does not answer in time, as one of a network that is away.
 */
export async function openState(options: ControlPlaneConnectionOptions, bootId: string, onAppend: () => void): Promise<State> {
  const { stateDir, stateTimeoutMs = longestMs } = options;
  const opening = open(options, bootId, onAppend);
  try {
    return await orStuck(
      opening,
      stateTimeoutMs,
      `The state directory ${stateDir} does not answer within ${stateTimeoutMs / 1000} s: repair its disk or its network, or choose another STOA_STATE_DIR.`,
    );
  } catch (error) {
    // Should it answer after all, nobody is left to use it.
    if (error instanceof StuckError) opening.then(({ unlock }) => unlock()).catch(() => undefined);
    if (error instanceof ExpectedError) throw error;
    throw new ExpectedError(
      `The state directory ${stateDir} cannot be used (${(error as Error).message}): correct STOA_STATE_DIR or its permissions.`,
      { cause: error },
    );
  }
}

async function open(options: ControlPlaneConnectionOptions, bootId: string, onAppend: () => void): Promise<State> {
  const { stateDir, instance, gatewayKey, log } = options;
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const unlock = await lock(stateDir, log);
  try {
    const keys = await SigningKeys.open({ stateDir, gatewayKey, log });
    const spool = await DiskUsageSpool.open({ stateDir, bootId, log, onAppend });
    const store = new LastKnownGood({ stateDir, owner: instance, gatewayKey, log });
    return { keys, spool, store, kept: await store.load(keys), unlock };
  } catch (error) {
    await unlock();
    throw error;
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
