import type { Applied, Change, FailedChange } from '../model.ts';
import type { KongAdmin } from './admin.ts';
import type { KongKind } from './entities.ts';
import { KongError } from './kong-error.ts';
import { ttlOf } from './render-consumer.ts';

const away: ReadonlySet<string> = new Set(['unreachable', 'timeout']);
/** One cut connection is bad luck; after a second in a row each further change would only wait for its own timeout. */
const maxAwayInARow = 2;

const leaseLost = 'STOA Connect no longer holds the lease of this gateway, or is stopping.';

/**
 * Makes the changes one by one. A failed change ends those of its item that follow, and nothing else (lesson 16). `shouldStop` is asked
 * before each write: a process that lost its lease writes nothing more (lesson 19).
 */
export async function applyChanges(admin: KongAdmin, changes: readonly Change[], shouldStop: () => boolean, nowMs: () => number): Promise<Applied> {
  const done: Change[] = [];
  const failed: FailedChange[] = [];
  const skipped: Change[] = [];
  const blocked = new Set<string>();
  let awayInARow = 0;
  let stopped: Applied['stopped'];

  function mayTry(change: Change): boolean {
    if (stopped?.cause !== 'no_lease' && shouldStop()) stopped = { cause: 'no_lease', reason: leaseLost };
    return stopped === undefined && (alwaysTried(change) || !blocked.has(change.object.owner));
  }

  async function attempt(change: Change): Promise<void> {
    try {
      await write(admin, change, nowMs());
      done.push(change);
      awayInARow = 0;
    } catch (error) {
      if (!(error instanceof KongError)) throw error;
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

const grantsAccess: ReadonlySet<string> = new Set(['route', 'consumer', 'credential', 'membership'] satisfies KongKind[]);

/** These take access away or guard what is live, and another that fails is no reason to leave them. */
function alwaysTried({ action, object, onFailure }: Change): boolean {
  return onFailure !== undefined || (action === 'delete' && grantsAccess.has(object.kind));
}

async function write(admin: KongAdmin, { action, object }: Change, nowMs: number): Promise<void> {
  const kind = object.kind as KongKind;
  if (action === 'delete') return admin.remove(kind, object.id);
  if (action === 'patch') return admin.patch(kind, object.id, object.fields);
  const ttl = kind === 'credential' ? ttlOf(object.fields['tags'], nowMs) : undefined;
  await admin.put(kind, object.id, ttl === undefined ? object.fields : { ...object.fields, ttl });
}
