import type { Pool } from 'pg';
import { keysChannel } from './keys-channel.ts';
import { sealedColumns } from './sealed-columns.ts';

const tables = [...new Set(sealedColumns.map(({ table }) => table))];
const isUsed = tables.map((table) => `EXISTS (SELECT FROM ${table} t WHERE t.sealed_by = k.id)`).join(' OR ');
const hasOldForm = sealedColumns
  .map(({ table, column }) => `EXISTS (SELECT FROM ${table} t WHERE t.sealed_by IS NULL AND t.${column} IS NOT NULL)`)
  .join(' OR ');

/**
 * A signing key is given up a week after the next was made, once every gateway that was heard of within the last 90 days has been told a newer one. For as
 * long it is told at registration, and what is given to those who know no newer one is signed with it.
 */
const retireSigningKeys = `
  DELETE FROM data_key k WHERE k.purpose = 'signing'
    AND EXISTS (SELECT FROM data_key n WHERE n.purpose = 'signing' AND n.version > k.version AND n.created_at < now() - interval '7 days')
    AND NOT EXISTS (
      SELECT FROM gateway g JOIN gateway_lease l ON l.gateway_id = g.id
      WHERE g.revoked_at IS NULL AND l.lease_until > now() - interval '90 days'
        AND (g.signing_key = k.name OR (g.signing_key IS NULL AND NOT EXISTS (SELECT FROM data_key o WHERE o.purpose = 'signing' AND o.version < k.version))))`;

/**
 * Deletes data keys that nothing needs: those that another took the place of an hour ago, so that who has just read a row finds its key; and what earlier
 * releases sealed with, a day after it was taken over, for by then no server of theirs is left; and signing keys that nobody needs. The database refuses to delete one that is needed.
 */
export async function deleteUnusedDataKeys(pool: Pool): Promise<void> {
  await pool.query(
    `DELETE FROM data_key k WHERE k.purpose = 'seal' AND NOT (${isUsed})
       AND EXISTS (SELECT FROM data_key n WHERE n.tenant_id IS NOT DISTINCT FROM k.tenant_id AND n.purpose = 'seal' AND n.version > k.version
         AND n.created_at < now() - interval '1 hour')`,
  );
  const { rowCount } = await pool.query(retireSigningKeys);
  if ((rowCount ?? 0) > 0) await pool.query('SELECT pg_notify($1, $2)', [keysChannel, '']);
  await pool.query(`DELETE FROM data_key k WHERE k.purpose = 'legacy' AND k.created_at < now() - interval '1 day' AND NOT (${hasOldForm})`);
}
