import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { recordCommand } from '../audit/by-command.ts';
import { inTransaction } from '../database/in-transaction.ts';
import type { Progress } from './exchange.ts';
import type { KeyMaterial } from './key-material.ts';
import { makeKey, readKeys } from './key-rows.ts';
import type { WrapperSource } from './key-wrappers.ts';
import type { KeyStore } from './key-store.ts';
import { keysChannel } from './keys-channel.ts';
import { sealedColumns } from './sealed-columns.ts';
import type { SealedColumn } from './sealed-columns.ts';

const atOnce = 100;
/** Rows that were sealed with an older key while all others were sealed anew are looked for again so many times. */
const maxPasses = 10;

type Rotation = { pool: Pool; source: WrapperSource; keys: KeyStore; progress: Progress };
/** A tenant, or what belongs to none. */
export type KeyOwner = { tenantId: string | undefined; name: string };

/**
 * Makes a new data key for each owner, and seals all of his secrets anew with it, some rows at a time. Servers go on reading and writing: they read both
 * keys, and seal with the new one as soon as they hear of it. What is done stays done when this is killed, and the next run goes on with the same keys.
 */
export async function rotateDataKeys(rotation: Rotation, owners: readonly KeyOwner[]): Promise<number> {
  const begunAt = await begin(rotation.pool);
  let sealed = 0;
  for (const owner of owners) {
    await ensureNewKey(rotation, owner, begunAt);
    sealed += await sealAnew(rotation, owner);
    rotation.progress(`${owner.name}: everything is sealed with the new key.`);
  }
  await rotation.pool.query(`DELETE FROM control_plane_state WHERE key = 'data_key_rotation'`);
  return sealed;
}

/** When the rotation began that is not complete, or now. */
async function begin(pool: Pool): Promise<Date> {
  await pool.query(`INSERT INTO control_plane_state (key, value) VALUES ('data_key_rotation', '{}') ON CONFLICT (key) DO NOTHING`);
  const { rows } = await pool.query<{ updated_at: Date }>(`SELECT updated_at FROM control_plane_state WHERE key = 'data_key_rotation'`);
  if (rows[0] === undefined) throw new Error('Somebody else ended this rotation.');
  return rows[0].updated_at;
}

async function ensureNewKey({ pool, source, keys }: Rotation, { tenantId }: KeyOwner, begunAt: Date): Promise<void> {
  const newest = (await readKeys(pool, tenantId)).filter(({ purpose }) => purpose === 'seal').at(-1);
  if (newest !== undefined && newest.createdAt >= begunAt) return;
  const version = (newest?.version ?? 0) + 1;
  await makeKey(pool, source, { ...(tenantId !== undefined && { tenantId }), purpose: 'seal', version, key: randomBytes(32) }, (client, id) =>
    recordCommand(client, tenantId, { action: 'rotateDataKeys', key: { id, name: 'data key' }, detail: { version } }),
  );
  await pool.query('SELECT pg_notify($1, $2)', [keysChannel, tenantId ?? '']);
  await keys.refresh(tenantId ?? '');
}

async function sealAnew(rotation: Rotation, owner: KeyOwner): Promise<number> {
  const columns = sealedColumns.filter(({ ofTenant }) => (ofTenant === undefined) === (owner.tenantId === undefined));
  const newest = (await readKeys(rotation.pool, owner.tenantId)).filter(({ purpose }) => purpose === 'seal').at(-1)?.id;
  if (newest === undefined) return 0;
  let all = 0;
  for (let pass = 0; pass < maxPasses; pass += 1) {
    let inPass = 0;
    for (const column of columns) inPass += await sealColumnAnew(rotation, owner, column, newest);
    all += inPass;
    if (inPass === 0) break;
  }
  return all;
}

async function sealColumnAnew(rotation: Rotation, owner: KeyOwner, column: SealedColumn, newest: string): Promise<number> {
  for (let sealed = 0; ; ) {
    const done = await sealSome(rotation, owner, column, newest);
    if (done === 0) return sealed;
    sealed += done;
    rotation.progress(`${owner.name}: ${sealed} values of ${column.table} are sealed with the new key.`);
  }
}

/** The rows are locked from being read until they are written: whoever changes one meanwhile waits, and changes what was sealed anew. */
function sealSome(
  { pool, keys }: Rotation,
  { tenantId }: KeyOwner,
  { table, column, place, ofTenant }: SealedColumn,
  newest: string,
): Promise<number> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ at: string; sealed: Buffer; place: string }>(
      `SELECT t.ctid::text AS at, t.${column} AS sealed, ${place} AS place FROM ${table} t
       WHERE t.${column} IS NOT NULL AND t.sealed_by IS DISTINCT FROM $1::uuid ${ofTenant === undefined ? '' : `AND ${ofTenant} = $2::uuid`}
       LIMIT ${atOnce} FOR UPDATE OF t`,
      ofTenant === undefined ? [newest] : [newest, tenantId],
    );
    if (rows.length === 0) return 0;
    const anew = await Promise.all(rows.map((row) => sealedAnew(keys, row, tenantId)));
    await client.query(
      `UPDATE ${table} t SET ${column} = n.sealed${table === 'control_plane_state' ? `, value = t.value - 'sealed'` : ''}
       FROM unnest($1::tid[], $2::bytea[]) n (at, sealed) WHERE t.ctid = n.at`,
      [rows.map(({ at }) => at), anew],
    );
    return rows.length;
  });
}

const sealedAnew = async (keys: KeyMaterial, { sealed, place }: { sealed: Buffer; place: string }, tenantId: string | undefined): Promise<Buffer> =>
  keys.seal(await keys.open(sealed, place, tenantId), place, tenantId);
