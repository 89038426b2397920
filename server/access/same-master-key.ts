import { ExpectedError } from '@stoa/lib/settings.ts';
import type { Database } from '../database/connection.ts';
import type { KeyMaterial } from './master-key.ts';

/** Refuses to start on a database whose credentials were made under another master key: none of them would be recognised. */
export async function requireSameMasterKey(db: Database, keys: KeyMaterial): Promise<void> {
  const { rows } = await db.pool.query<{ fingerprint: string }>(
    `WITH made AS (INSERT INTO control_plane_state (key, value) VALUES ('master_key', $1) ON CONFLICT (key) DO NOTHING RETURNING value)
     SELECT value->>'fingerprint' AS fingerprint FROM made UNION ALL SELECT value->>'fingerprint' FROM control_plane_state WHERE key = 'master_key'`,
    [JSON.stringify({ fingerprint: keys.fingerprint })]);
  if (rows[0]?.fingerprint !== keys.fingerprint) {
    throw new ExpectedError('This database was made under another master key: start with the key that it was made with (STOA_MASTER_KEY, or master-key in the data directory).');
  }
}
