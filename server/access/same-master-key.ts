import { ExpectedError } from '@stoa/lib/settings.ts';
import type { ClientBase, Pool } from 'pg';
import type { Database } from '../database/connection.ts';
import type { KeyMaterial } from './master-key.ts';

/** Refuses to start on a database whose credentials were made under another master key: none of them would be recognised. */
export async function requireSameMasterKey(db: Database, keys: KeyMaterial): Promise<void> {
  // Two statements: of two replicas that start at once, the second sees in the second statement what the first has written.
  await db.pool.query(`INSERT INTO control_plane_state (key, value) VALUES ('master_key', $1) ON CONFLICT (key) DO NOTHING`, [
    JSON.stringify({ fingerprint: keys.fingerprint }),
  ]);
  await requireKnownMasterKey(db.pool, keys);
}

/** Only looks: a database that was never used knows no key, and takes any. */
export async function requireKnownMasterKey(database: Pick<ClientBase | Pool, 'query'>, keys: KeyMaterial): Promise<void> {
  const { rows } = await database.query<{ fingerprint: string }>(
    `SELECT value->>'fingerprint' AS fingerprint FROM control_plane_state WHERE key = 'master_key'`,
  );
  if (rows[0] !== undefined && rows[0].fingerprint !== keys.fingerprint) {
    throw new ExpectedError(
      'This database was made under another master key: start with the key that it was made with (STOA_MASTER_KEY, or master-key in the data directory).',
    );
  }
}
