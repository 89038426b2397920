import type { Pool, PoolClient } from 'pg';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { recordCommand } from '../audit/by-command.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { columns, namesOf, readInForce, toKept, unwrapKey, unwrapWith, wrapFor } from './key-rows.ts';
import type { InForce, KeptKey, KeptKeyRow } from './key-rows.ts';
import type { KeyWrapper, WrapperSource } from './key-wrappers.ts';

/** Told of each step. */
export type Progress = (sentence: string) => void;

/** A KMS takes its time for each. */
const atOnce = 20;

/**
 * First half of an exchange: each data key is wrapped by `next` as well, some at a time, so that both open everything. What was wrapped stays wrapped when
 * this is killed: the next run goes on from there. Keys that servers make meanwhile are wrapped by both from the start.
 * @returns how many keys there are
 * @throws ExpectedError while an exchange for something else is under way
 */
export async function wrapByNext(pool: Pool, source: WrapperSource, next: KeyWrapper, progress: Progress): Promise<number> {
  await inTransaction(pool, (client) => announce(client, next.name));
  const total = await count(pool);
  for (let wrapped = total - (await countUnwrapped(pool, next.name)); ; ) {
    const keys = await notWrappedBy(pool, next.name);
    if (keys.length === 0) return total;
    await wrapAll(pool, source, next, keys);
    wrapped += keys.length;
    progress(`${wrapped} of ${total} data keys are wrapped by the new key.`);
  }
}

/** From here on servers wrap what they make by both. */
async function announce(client: PoolClient, next: string): Promise<void> {
  const inForce = await readInForce(client, 'FOR UPDATE');
  if (inForce === undefined) throw new ExpectedError('This database was never used: start the Control Plane with the new key instead.');
  if (inForce.fingerprint === next) throw new ExpectedError('This key is in force already: there is nothing to exchange.');
  if (inForce.next === next) return;
  if (inForce.next !== undefined)
    throw new ExpectedError(
      'The exchange for another key is under way: go on with that key, or give it up with stoa-control-plane rotate-master-key --abandon.',
    );
  await setInForce(client, { ...inForce, next });
  await recordStep(client, next, 'begun');
}

/** It opens what belongs to every tenant. */
const recordStep = (client: PoolClient, name: string, step: 'begun' | 'finished' | 'given up') =>
  recordCommand(client, undefined, { action: 'rotateMasterKey', key: { id: name, name: 'master key' }, detail: { step } });

const setInForce = (client: PoolClient, value: InForce) =>
  client.query(`UPDATE control_plane_state SET value = $1, updated_at = now() WHERE key = 'master_key'`, [JSON.stringify(value)]);

async function wrapAll(pool: Pool, source: WrapperSource, next: KeyWrapper, keys: readonly KeptKey[]): Promise<void> {
  const wraps: Buffer[] = [];
  for (const kept of keys) {
    const key = await unwrapKey(source, kept);
    wraps.push(await wrapFor(next, kept, key));
  }
  // A key that was deleted meanwhile needs none.
  await pool.query(
    `INSERT INTO data_key_wrap (data_key_id, wrapper, wrapped)
     SELECT w.id, $1, w.wrapped FROM unnest($2::uuid[], $3::bytea[]) w (id, wrapped) WHERE EXISTS (SELECT FROM data_key k WHERE k.id = w.id)
     ON CONFLICT DO NOTHING`,
    [next.name, keys.map(({ id }) => id), wraps],
  );
}

/**
 * Second half: what was in force opens nothing any more. Refuses while a data key is not wrapped by the new one, and reads each by that alone before it
 * takes the other away.
 * @returns how many keys there are, or undefined where no exchange is under way
 */
export async function finishExchange(pool: Pool, next: KeyWrapper, progress: Progress): Promise<number | undefined> {
  const inForce = await readInForce(pool);
  if (inForce?.next === undefined) {
    if (inForce?.fingerprint !== next.name) return undefined;
    // Killed after the new one came into force, before all of the old was gone.
    return (await dropOthers(pool, next.name, progress)) ? count(pool) : undefined;
  }
  const total = await proveAll(pool, next, progress);
  await inTransaction(pool, async (client) => {
    const now = await readInForce(client, 'FOR UPDATE');
    if (now?.next !== next.name || (await countUnwrapped(client, next.name)) > 0)
      throw new ExpectedError(
        'Not all data keys are wrapped by the new key: run stoa-control-plane rotate-master-key with it once more, then finish.',
      );
    await setInForce(client, { fingerprint: next.name });
    await recordStep(client, next.name, 'finished');
  });
  await dropOthers(pool, next.name, progress);
  return total;
}

async function proveAll(pool: Pool, next: KeyWrapper, progress: Progress): Promise<number> {
  const total = await count(pool);
  let [after, proved] = [nilId, 0];
  for (;;) {
    const { rows } = await pool.query<KeptKeyRow>(`SELECT ${columns} FROM data_key k WHERE k.id > $1 ORDER BY k.id LIMIT ${atOnce}`, [after]);
    for (const kept of rows.map(toKept)) {
      const own = kept.wraps.find(({ wrapper }) => wrapper === next.name);
      if (own !== undefined) await unwrapWith(next, kept, own.wrapped);
      after = kept.id;
    }
    if (rows.length === 0) return total;
    proved += rows.length;
    progress(`${proved} of ${total} data keys were read by the new key alone.`);
  }
}

/** Takes the new one back: what was in force stays so. */
export async function abandonExchange(pool: Pool, progress: Progress): Promise<boolean> {
  const fingerprint = await inTransaction(pool, async (client) => {
    const inForce = await readInForce(client, 'FOR UPDATE');
    if (inForce?.next !== undefined) {
      await setInForce(client, { fingerprint: inForce.fingerprint });
      await recordStep(client, inForce.next, 'given up');
    }
    return inForce?.fingerprint;
  });
  return fingerprint !== undefined && (await dropOthers(pool, fingerprint, progress));
}

/** Only what nothing in force wraps with is dropped, whatever began since. */
async function dropOthers(pool: Pool, name: string, progress: Progress): Promise<boolean> {
  for (let dropped = 0; ; ) {
    const { rowCount } = await pool.query(
      `DELETE FROM data_key_wrap w WHERE w.ctid = ANY (ARRAY(SELECT o.ctid FROM data_key_wrap o WHERE o.wrapper <> $1 LIMIT ${atOnce}))
         AND EXISTS (SELECT FROM control_plane_state s WHERE s.key = 'master_key' AND s.value->>'fingerprint' = $1 AND s.value->>'next' IS NULL)`,
      [name],
    );
    if ((rowCount ?? 0) === 0) return dropped > 0;
    dropped += rowCount ?? 0;
    progress(`${dropped} wraps that are not in force any more are deleted.`);
  }
}

const nilId = '00000000-0000-0000-0000-000000000000';

async function notWrappedBy(pool: Pool, name: string): Promise<KeptKey[]> {
  const { rows } = await pool.query<KeptKeyRow>(
    `SELECT ${columns} FROM data_key k WHERE NOT EXISTS (SELECT FROM data_key_wrap w WHERE w.data_key_id = k.id AND w.wrapper = $1) ORDER BY k.id LIMIT ${atOnce}`,
    [name],
  );
  return rows.map(toKept);
}

async function count(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>('SELECT count(*)::int AS count FROM data_key');
  return rows[0]?.count ?? 0;
}

async function countUnwrapped(db: Pool | PoolClient, name: string): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM data_key k WHERE NOT EXISTS (SELECT FROM data_key_wrap w WHERE w.data_key_id = k.id AND w.wrapper = $1)',
    [name],
  );
  return rows[0]?.count ?? 0;
}

export const isUnderWay = (inForce: InForce | undefined): boolean => inForce !== undefined && namesOf(inForce).length > 1;
