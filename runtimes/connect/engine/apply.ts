import { AdminError } from './admin-error.ts';
import type { Applied, Change, FailedChange } from './model.ts';

/** How the changes reach one third-party gateway. */
export type Writer = {
  /** Makes one change. Throws an `AdminError` when the gateway did not. */
  write(change: Change): Promise<void>;
  /** The kinds of objects whose deletion takes access away from somebody. */
  readonly grantsAccess: ReadonlySet<string>;
};

const away: ReadonlySet<string> = new Set(['unreachable', 'timeout']);
/** One cut connection is bad luck; after a second in a row each further change would only wait for its own timeout. */
const maxAwayInARow = 2;

const leaseLost = 'STOA Connect no longer holds the lease of this gateway, or is stopping.';

/**
 * Makes the changes one by one. A failed change ends those of its item that follow, and nothing else (lesson 16). `shouldStop` is asked
 * before each write: a process that lost its lease writes nothing more (lesson 19).
 */
export async function applyChanges(writer: Writer, changes: readonly Change[], shouldStop: () => boolean): Promise<Applied> {
  const done: Change[] = [];
  const failed: FailedChange[] = [];
  const skipped: Change[] = [];
  const blocked = new Set<string>();
  let awayInARow = 0;
  let stopped: Applied['stopped'];

  function mayTry(change: Change): boolean {
    if (stopped?.cause !== 'no_lease' && shouldStop()) stopped = { cause: 'no_lease', reason: leaseLost };
    return stopped === undefined && (alwaysTried(change, writer) || !blocked.has(change.object.owner));
  }

  async function attempt(change: Change): Promise<void> {
    try {
      await writer.write(change);
      done.push(change);
      awayInARow = 0;
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      failed.push({ change, reason: `${change.object.label}: ${error.message}`, refused: error.isRefusal });
      awayInARow = away.has(error.code) ? awayInARow + 1 : 0;
      if (awayInARow >= maxAwayInARow || error.code === 'unauthorized') stopped = { cause: 'gateway_away', reason: error.message };
      blocked.add(change.object.owner);
      // Even when the gateway seems to be gone: one cut connection must not leave an API without its guard.
      if (change.onFailure !== undefined && !shouldStop()) await attempt(change.onFailure);
    }
  }
  for (const change of changes) {
    if (mayTry(change)) await attempt(change);
    else skipped.push(change);
  }
  return { done, failed, skipped, ...(stopped !== undefined && { stopped }) };
}

/** These take access away or guard what is live, and another that fails is no reason to leave them. */
function alwaysTried({ action, object, onFailure }: Change, { grantsAccess }: Writer): boolean {
  return onFailure !== undefined || (action === 'delete' && grantsAccess.has(object.kind));
}
