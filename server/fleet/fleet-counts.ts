import type { Brake, EnvironmentCounts, Liveness, LivenessCounts, PresenceCount } from '@stoa/generated/schemas.ts';
import type { Sql } from '../database/sql.ts';
import { releaseAfterS } from './brake.ts';

export type FleetCounts = { as_of: Date; event_id: string; counts: PresenceCount[]; brakes: Brake[] };

/** The brakes that are on, of the tenant `$1`, as JSON for an answer. */
export const brakesSql = `(SELECT coalesce(jsonb_agg(jsonb_build_object('environment', environment, 'engaged_at', ${jsonTime('engaged_at')},
  'releases_at', ${jsonTime(`engaged_at + interval '${releaseAfterS} seconds'`)}, 'held', held) ORDER BY environment), '[]')
  FROM presence_brake WHERE tenant_id = $1 AND released_at IS NULL)`;

/** An instant in SQL as the contract writes it. */
export function jsonTime(instant: string): string {
  return `to_char((${instant}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** What the counters say, and the position in the log that they are of: one snapshot, at a cost that does not grow with the fleet. */
export async function readFleetCounts(sql: Sql, tenantId: string): Promise<FleetCounts> {
  const { rows } = await sql.query<FleetCounts>(
    `SELECT now() AS as_of, coalesce((SELECT seq FROM presence_clock WHERE tenant_id = $1), 0)::text AS event_id, ${brakesSql} AS brakes,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('gateway_mode', gateway_mode, 'environment', environment, 'liveness', liveness, 'count', count) ORDER BY environment), '[]')
       FROM presence_count WHERE tenant_id = $1 AND count > 0) AS counts`,
    [tenantId],
  );
  return rows[0] as FleetCounts;
}

/** Adds counts up, all of them or by environment. */
export function sumCounts(counts: readonly { liveness: Liveness; count: number }[]): LivenessCounts {
  const sums: LivenessCounts = { online: 0, late: 0, offline: 0, left: 0, revoked: 0, conflict: 0 };
  for (const { liveness, count } of counts) sums[liveness] += count;
  return sums;
}

const maxEnvironments = 100;

export function byEnvironment(counts: readonly PresenceCount[]): EnvironmentCounts[] {
  return Object.entries(Object.groupBy(counts, ({ environment }) => environment))
    .slice(0, maxEnvironments)
    .map(([environment, these = []]) => ({ environment, counts: sumCounts(these) }));
}
