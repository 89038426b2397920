import type { Pool } from 'pg';
import type { AuditKeys } from './audit-keys.ts';
import { signCheckpoint } from './checkpoint.ts';

/** How many records one statement deletes, so that none holds up others for long, and how many statements a round has for one tenant. */
const maxAtOnce = 5_000;
const maxSteps = 20;

/**
 * Deletes the records of every tenant that are older than so many days, and were brought to every sink. Before, a checkpoint is signed at the cut: what is
 * kept is verified from there on.
 */
export async function retain(pool: Pool, keys: AuditKeys, { days, sinks }: { days: number; sinks: readonly string[] }): Promise<void> {
  const { rows } = await pool.query<{ tenant_id: string; seq: string; hash: string }>(
    `SELECT h.tenant_id, c.seq, c.hash FROM audit_head h CROSS JOIN LATERAL (
       SELECT r.seq, r.hash FROM audit_record r WHERE r.tenant_id = h.tenant_id AND r.at < now() - make_interval(days => $1)
         AND r.seq <= COALESCE((SELECT min(COALESCE(s.seq, 0)) FROM unnest($2::text[]) AS wanted (sink)
           LEFT JOIN audit_sink s ON s.sink = wanted.sink AND s.tenant_id = h.tenant_id), r.seq)
       ORDER BY r.seq DESC LIMIT 1) c LIMIT 1000`,
    [days, sinks],
  );
  for (const { tenant_id, seq, hash } of rows) {
    await signCheckpoint(pool, keys, tenant_id, { seq: Number(seq), hash }, true);
    await forget(pool, tenant_id);
  }
}

/** Deletes what lies before the newest cut, step by step; what is left over is deleted by the next round. */
async function forget(pool: Pool, tenantId: string): Promise<void> {
  for (let step = 0; step < maxSteps; step += 1) {
    const { rows } = await pool.query<{ gone: string }>('SELECT audit_forget($1::uuid, $2) AS gone', [tenantId, maxAtOnce]);
    if (Number(rows[0]?.gone ?? 0) === 0) return;
  }
}
