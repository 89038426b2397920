import type { DriftEvent, DriftRecord } from '@stoa/generated/schemas.ts';
import type { Pool } from 'pg';
import type { Sql } from '../database/sql.ts';
import { optionalTimestamp, present, toTimestamp } from '../operations/wire.ts';

/** How many are kept of a gateway, and told. */
const kept = 100;

/** Keeps each event once, with what came of it; nothing of a gateway that was deleted meanwhile. The times are those of the database: when the Control Plane was told. */
export async function keepDrift({ pool }: { pool: Pool }, gateway: { id: string; tenant_id: string }, events: readonly DriftEvent[]): Promise<void> {
  if (events.length === 0) return;
  await pool.query(
    `INSERT INTO gateway_drift (gateway_id, tenant_id, event_id, item_id, object, kind, detail, wins, state, ended_at)
     SELECT g.id, g.tenant_id, e.event_id, e.item_id, e.object, e.kind, e.detail, e.wins, e.state, ${endedBy('e')}
     FROM gateway g CROSS JOIN (SELECT DISTINCT ON (event_id) * FROM jsonb_to_recordset($3)
       AS e (event_id uuid, item_id text, object text, kind text, detail text, wins text, state text) ORDER BY event_id) e
     WHERE g.id = $1 AND g.tenant_id = $2
     ON CONFLICT (gateway_id, event_id) DO UPDATE
       SET wins = EXCLUDED.wins, state = EXCLUDED.state, ended_at = COALESCE(gateway_drift.ended_at, EXCLUDED.ended_at)
       WHERE (gateway_drift.wins, gateway_drift.state) <> (EXCLUDED.wins, EXCLUDED.state)`,
    [gateway.id, gateway.tenant_id, JSON.stringify(events)],
  );
  await pool.query(
    `DELETE FROM gateway_drift WHERE gateway_id = $1 AND tenant_id = $2 AND event_id IN (
       SELECT event_id FROM gateway_drift WHERE gateway_id = $1 ORDER BY found_at DESC, event_id DESC OFFSET ${kept})`,
    [gateway.id, gateway.tenant_id],
  );
}

const endedBy = (event: string) => `CASE WHEN ${event}.state IN ('repaired', 'gone') THEN now() END`;

type DriftRow = Pick<DriftRecord, 'event_id' | 'object' | 'kind' | 'wins' | 'state'> & {
  item_id: string | null;
  detail: string | null;
  found_at: Date;
  ended_at: Date | null;
};

/** The newest first. */
export async function findDrift(sql: Sql, tenantId: string, gatewayId: string): Promise<DriftRecord[]> {
  const { rows } = await sql.query<DriftRow>(
    `SELECT event_id, item_id, object, kind, detail, wins, state, found_at, ended_at FROM gateway_drift
     WHERE tenant_id = $1 AND gateway_id = $2 ORDER BY found_at DESC, event_id DESC LIMIT ${kept}`,
    [tenantId, gatewayId],
  );
  return rows.map(toDriftRecord);
}

function toDriftRecord({ item_id, detail, found_at, ended_at, ...event }: DriftRow): DriftRecord {
  const ended = optionalTimestamp(ended_at);
  return {
    ...event,
    ...present({ item_id, detail }),
    found_at: toTimestamp(found_at),
    ...present({ repaired_at: event.state === 'repaired' ? ended : undefined, gone_at: event.state === 'gone' ? ended : undefined }),
  };
}
