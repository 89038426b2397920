import type { Pool } from 'pg';
import type { UsageBatch } from '@stoa/generated/schemas.ts';

/** Where nobody was identified. A key cannot hold NULL. */
export const nobody = '00000000-0000-0000-0000-000000000000';

/**
 * Adds a batch to the sums, unless it was added before: `(gateway, boot, seq)` is written in the same statement, so a batch is counted
 * once, whatever is retried and whenever a process dies. Answers whether it was counted now.
 */
export async function addUsage({ db }: { db: { pool: Pool } }, gateway: { id: string; tenant_id: string }, batch: UsageBatch): Promise<boolean> {
  // One of no calls tells of refusals alone.
  const records = batch.records.filter(({ calls }) => calls > 0);
  const column = <T>(pick: (record: UsageBatch['records'][number]) => T) => records.map(pick);
  const { rows } = await db.pool.query<{ counted: boolean }>({
    name: 'add-usage',
    text: addUsageSql,
    values: [
      gateway.id,
      batch.boot_id,
      batch.seq,
      gateway.tenant_id,
      column((r) => r.window_start),
      column((r) => r.api_id),
      column((r) => r.operation_id),
      column((r) => r.consumer_id ?? nobody),
      column((r) => r.door),
      column((r) => r.calls),
      column((r) => r.errors),
      column((r) => r.denied),
      column((r) => r.duration_ms),
      column((r) => r.request_bytes ?? 0),
      column((r) => r.response_bytes ?? 0),
      // One array each: unnest would make one of them all.
      column((r) => (r.latency === undefined ? null : `{${r.latency.join(',')}}`)),
    ],
  });
  return rows[0]?.counted ?? false;
}

// Records with one key within a batch are summed first: ON CONFLICT cannot meet a row twice. In order, so that two batches cannot lock each other out.
const addUsageSql = `
  WITH fresh AS (
    INSERT INTO usage_batch (gateway_id, boot_id, seq, tenant_id) VALUES ($1::uuid, $2::uuid, $3::bigint, $4::uuid) ON CONFLICT DO NOTHING RETURNING seq),
  added AS (
    INSERT INTO usage_sum AS u (tenant_id, window_start, gateway_id, api_id, operation_id, consumer_id, door, calls, errors, denied, duration_ms, request_bytes, response_bytes, latency)
    SELECT $4::uuid, r.window_start, $1::uuid, r.api_id, r.operation_id, r.consumer_id, r.door, sum(r.calls), sum(r.errors), sum(r.denied), sum(r.duration_ms), sum(r.request_bytes), sum(r.response_bytes), sum_counts(r.latency::bigint[])
    FROM fresh, unnest($5::timestamptz[], $6::uuid[], $7::text[], $8::uuid[], $9::text[], $10::bigint[], $11::bigint[], $12::bigint[], $13::float8[], $14::bigint[], $15::bigint[], $16::text[])
      AS r (window_start, api_id, operation_id, consumer_id, door, calls, errors, denied, duration_ms, request_bytes, response_bytes, latency)
    GROUP BY r.window_start, r.api_id, r.operation_id, r.consumer_id, r.door
    ORDER BY r.window_start, r.api_id, r.operation_id, r.consumer_id, r.door
    ON CONFLICT (tenant_id, window_start, gateway_id, api_id, operation_id, consumer_id, door) DO UPDATE SET
      calls = u.calls + excluded.calls, errors = u.errors + excluded.errors, denied = u.denied + excluded.denied, duration_ms = u.duration_ms + excluded.duration_ms,
      request_bytes = u.request_bytes + excluded.request_bytes, response_bytes = u.response_bytes + excluded.response_bytes, latency = add_counts(u.latency, excluded.latency))
  SELECT EXISTS (SELECT FROM fresh) AS counted`;
