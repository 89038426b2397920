import type { Pool } from 'pg';

/**
 * Deletes expired rows: sign-in links and sessions a day after their end, and the idempotency keys of usage after 30 days, which is longer than
 * any runtime spools. At most 10,000 rows of each at a time, so that no statement holds up others for long.
 */
export async function deleteExpiredRows(pool: Pool): Promise<{ sessions: number; batches: number }> {
  const sessions = await pool.query(
    `DELETE FROM operator_token WHERE id IN (
       SELECT id FROM operator_token WHERE kind IN ('link', 'session') AND expires_at < now() - interval '1 day' LIMIT 10000)`,
  );
  const batches = await pool.query(
    `DELETE FROM usage_batch WHERE ctid = ANY (ARRAY(SELECT ctid FROM usage_batch WHERE received_at < now() - interval '30 days' LIMIT 10000))`,
  );
  return { sessions: sessions.rowCount ?? 0, batches: batches.rowCount ?? 0 };
}
