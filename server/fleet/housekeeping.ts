import type { Pool } from 'pg';
import { countsForDays } from '../identity/invitations.ts';
import { deleteRetiredIssuerKeys } from '../identity/signing-keys.ts';
import { deleteUnusedDataKeys } from '../secrets/unused-data-keys.ts';

/** A server that knows an older revision than the log of changes reaches back to reads the whole catalog. */
const keptChanges = 100_000;

/**
 * Deletes expired rows: sign-in links, invitations and sessions a day after their end, links to a new password that were used a day after they count for nothing, what the issuer kept as soon as it is over, the idempotency keys of usage after 30 days, which is longer than
 * any runtime spools, and after an hour what is only for those who are a little behind: changes of catalogs, states that no gateway has, and data keys that others took the place of. Secrets of changes that nobody decided on are forgotten when it is too late to. At most 10,000 rows of each at a time, so that no statement holds up others for long.
 */
export async function deleteExpiredRows(pool: Pool): Promise<{ sessions: number; batches: number }> {
  const sessions = await pool.query(
    `DELETE FROM operator_token WHERE id IN (
       SELECT id FROM operator_token WHERE kind IN ('link', 'session') AND expires_at < now() - interval '1 day' LIMIT 10000)`,
  );
  await pool.query(`DELETE FROM oidc_payload WHERE ctid = ANY (ARRAY(SELECT ctid FROM oidc_payload WHERE expires_at < now() LIMIT 10000))`);
  await pool.query(
    `DELETE FROM invitation WHERE id IN (
       SELECT id FROM invitation WHERE expires_at < now() - CASE WHEN user_id IS NULL OR used_at IS NULL THEN interval '1 day' ELSE interval '${countsForDays + 1} days' END LIMIT 10000)`,
  );
  const batches = await pool.query(
    `DELETE FROM usage_batch WHERE ctid = ANY (ARRAY(SELECT ctid FROM usage_batch WHERE received_at < now() - interval '30 days' LIMIT 10000))`,
  );
  await pool.query(
    `DELETE FROM catalog_change c USING tenant t WHERE t.id = c.tenant_id AND (c.changed_at < now() - interval '1 hour' OR c.revision <= t.revision - ${keptChanges})`,
  );
  await pool.query(
    `DELETE FROM config_state s WHERE s.updated_at < now() - interval '1 hour' AND NOT EXISTS (SELECT FROM gateway_config c WHERE c.state_id = s.id)`,
  );
  await pool.query(`UPDATE approval SET secret = NULL WHERE secret IS NOT NULL AND expires_at < now()`);
  await deleteUnusedDataKeys(pool);
  await deleteRetiredIssuerKeys(pool);
  return { sessions: sessions.rowCount ?? 0, batches: batches.rowCount ?? 0 };
}

const usageAtOnce = 10_000;
const maxUsageSteps = 100;

/** Deletes sums of calls that are older than so many days, 10,000 in a statement and a million in a round at most. */
export async function deleteOldUsage(pool: Pick<Pool, 'query'>, days: number): Promise<void> {
  for (let step = 0; step < maxUsageSteps; step += 1) {
    const { rowCount } = await pool.query(
      `DELETE FROM usage_sum WHERE ctid = ANY (ARRAY(SELECT ctid FROM usage_sum WHERE window_start < now() - make_interval(days => $1) LIMIT ${usageAtOnce}))`,
      [days],
    );
    if ((rowCount ?? 0) < usageAtOnce) return;
  }
}
