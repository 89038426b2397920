import type { Applied, Change, FailedChange } from '../model.ts';
import type { KongAdmin } from './admin.ts';
import type { KongKind } from './entities.ts';
import { KongError } from './kong-error.ts';
import { ttlOf } from './render-consumer.ts';

/** After these nothing else would come through: each further change would only wait for its own timeout. */
const endsTheRun: ReadonlySet<string> = new Set(['unreachable', 'timeout', 'unauthorized']);

const leaseLost = 'STOA Connect no longer holds the lease of this gateway, or is stopping.';

/**
 * Makes the changes one by one. A failed change ends those of its item that follow, and nothing else (lesson 16). `shouldStop` is asked
 * before each write: a process that lost its lease writes nothing more (lesson 19).
 */
export async function applyChanges(
  admin: KongAdmin,
  changes: readonly Change[],
  shouldStop: () => boolean,
  nowMs: () => number,
): Promise<Applied> {
  const done: Change[] = [];
  const failed: FailedChange[] = [];
  const skipped: Change[] = [];
  const blocked = new Set<string>();
  let stopped: Applied['stopped'];

  async function attempt(change: Change): Promise<void> {
    if (stopped === undefined && shouldStop()) stopped = { cause: 'no_lease', reason: leaseLost };
    if (stopped !== undefined || (blocked.has(change.object.owner) && !alwaysTried(change))) {
      skipped.push(change);
      return;
    }
    try {
      await write(admin, change, nowMs());
      done.push(change);
    } catch (error) {
      if (!(error instanceof KongError)) throw error;
      failed.push({ change, reason: `${change.object.label}: ${error.message}`, refused: error.isRefusal });
      if (endsTheRun.has(error.code)) stopped = { cause: 'gateway_away', reason: error.message };
      if (error.isRefusal) for (const consequence of change.onRefusal ?? []) await attempt(consequence);
      blocked.add(change.object.owner);
    }
  }
  for (const change of changes) await attempt(change);
  return { done, failed, skipped, ...(stopped !== undefined && { stopped }) };
}

/** These take access away, and one that fails is no reason to leave the others. */
function alwaysTried({ action, object }: Change): boolean {
  return action === 'delete' && (object.kind === 'route' || object.kind === 'consumer' || object.kind === 'credential');
}

async function write(admin: KongAdmin, { action, object }: Change, nowMs: number): Promise<void> {
  const kind = object.kind as KongKind;
  if (action === 'delete') return admin.remove(kind, object.id);
  const ttl = kind === 'credential' ? ttlOf(object.fields['tags'], nowMs) : undefined;
  await admin.put(kind, object.id, ttl === undefined ? object.fields : { ...object.fields, ttl });
}
