import type { Pool } from 'pg';
import type { AuditRecordLine } from '@stoa/lib/audit-record.ts';
import { checkpointsBetween, inOrder, recordsAfter } from './read.ts';
import type { Sink } from './sinks.ts';

const maxLines = 500;
const maxBytes = 4 * 1024 * 1024;
const maxBatches = 200;
/** Longer than a batch takes, so that another replica goes on only where this one is gone. */
const heldForS = 60;

type Behind = { tenant_id: string; seq: string; head: string };

/**
 * Brings a sink what it does not have yet, batch by batch: how far it came is noted after each. A kill in between lets the last batch come twice, and none get
 * lost. Of several replicas one at a time does it.
 */
export async function deliver(pool: Pool, sink: Sink, me: string, signal: AbortSignal): Promise<void> {
  for (let batch = 0; batch < maxBatches && !signal.aborted; batch += 1) {
    if (!(await holds(pool, sink, me))) return;
    const { rows } = await pool.query<Behind>(
      `SELECT h.tenant_id, COALESCE(s.seq, 0) AS seq, h.seq AS head FROM audit_head h LEFT JOIN audit_sink s ON s.sink = $1 AND s.tenant_id = h.tenant_id
       WHERE h.seq > COALESCE(s.seq, 0) ORDER BY h.tenant_id LIMIT 100`,
      [sink.id],
    );
    if (rows.length === 0) return;
    for (const behind of rows) await bring(pool, sink, behind, signal);
  }
}

async function holds(pool: Pool, { id }: Sink, me: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `INSERT INTO audit_sink_holder AS h (sink, holder, until) VALUES ($1, $2, now() + make_interval(secs => ${heldForS}))
     ON CONFLICT (sink) DO UPDATE SET holder = excluded.holder, until = excluded.until WHERE h.holder = excluded.holder OR h.until < now()`,
    [id, me],
  );
  return rowCount === 1;
}

async function bring(pool: Pool, sink: Sink, { tenant_id: tenantId, seq, head }: Behind, signal: AbortSignal): Promise<void> {
  const after = Number(seq);
  const records = await recordsAfter(pool, tenantId, after, maxLines);
  const taken = withinBytes(records);
  // Where the records themselves are gone, there is nothing to bring.
  const last = taken.at(-1)?.seq ?? Number(head);
  // The checkpoint of the last record that the sink has may have been made since.
  const checkpoints = await checkpointsBetween(pool, tenantId, Math.max(0, after - 1), last);
  const lines = inOrder(taken, checkpoints).map((line) => `${JSON.stringify(line)}\n`);
  if (taken.length > 0) await sink.write(lines.join(''), signal);
  await pool.query(
    `INSERT INTO audit_sink AS s (sink, tenant_id, seq) VALUES ($1, $2, $3) ON CONFLICT (sink, tenant_id) DO UPDATE SET seq = GREATEST(s.seq, excluded.seq)`,
    [sink.id, tenantId, last],
  );
}

/** As many of them as fit into one batch, one at least. */
function withinBytes(records: readonly AuditRecordLine[]): readonly AuditRecordLine[] {
  let bytes = 0;
  const end = records.findIndex((record, index) => (bytes += JSON.stringify(record).length) > maxBytes && index > 0);
  return end === -1 ? records : records.slice(0, end);
}
