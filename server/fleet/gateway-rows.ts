import type { Gateway, GatewayMode, ItemAck, Labels, Liveness, ObservedState, TargetHealthReport } from '@stoa/generated/schemas.ts';
import { gatewayDesired } from '../deployments/generation-sql.ts';
import { aliveJoin, leaseUntilSql } from './grace.ts';
import { livenessBy } from './presence.ts';
import type { RankPosition } from './rank-cursor.ts';
import { targetHealth } from './target-health.ts';
import { labelsOf } from '../operations/page.ts';
import { optionalTimestamp, present, toTimestamp } from '../operations/wire.ts';
import type { Sql } from '../database/sql.ts';

type GatewayRow = {
  id: string;
  environment: string;
  instance_name: string;
  team: string | null;
  gateway_mode: GatewayMode;
  version: string;
  features: string[];
  labels: Labels;
  endpoints: Record<string, string>;
  target_gateway: Gateway['target_gateway'] | null;
  lease_epoch: number;
  unknown_fields: string[];
  registered_at: Date;
  heartbeat_interval_s: number;
  lease_until: Date;
  last_heartbeat_at: Date | null;
  status: Gateway['status'] | null;
  uptime_s: number | null;
  metrics: Record<string, number> | null;
  liveness: Liveness;
  /** Of the worst first; 0 in a reading of another order. */
  rank: number;
  generation: bigint | null;
  acked_generation: bigint | null;
  acked_state: string | null;
  acked_at: Date | null;
  rejected_items: number;
  /** Of the last report of what was found. */
  target_version: string | null;
  read_at: Date;
  health: TargetHealthReport | null;
  acked_items?: ItemAck[] | null;
  observed?: ObservedState | null;
};

/** For a statement that joins `gateway g`, `gateway_lease l` and `aliveJoin`. */
export const livenessSql = livenessBy(leaseUntilSql);

/** How many items were rejected of what was applied in part. What was applied without a remark lists none. */
const rejectedSql = `CASE WHEN c.acked_state = 'applied_with_warnings'
  THEN jsonb_array_length(jsonb_path_query_array(c.acked_items, '$[*] ? (@.state == "rejected")')) ELSE 0 END`;
const columns = `g.id, g.environment, g.instance_name, g.team, g.gateway_mode, g.version, g.features, g.labels, g.endpoints, g.target_gateway, g.lease_epoch,
  g.unknown_fields, g.registered_at, l.heartbeat_interval_s, (${leaseUntilSql}) AS lease_until, l.last_heartbeat_at, l.status, l.uptime_s, l.metrics, ${livenessSql} AS liveness,
  c.generation, c.acked_generation, c.acked_state, c.acked_at, ${rejectedSql} AS rejected_items, o.target_version, o.health, now() AS read_at`;
const joins = `JOIN gateway_lease l ON l.gateway_id = g.id ${aliveJoin} LEFT JOIN ${gatewayDesired} c ON c.gateway_id = g.id
  LEFT JOIN gateway_observed o ON o.gateway_id = g.id`;
const tables = `gateway g ${joins}`;

export type GatewayFilter = {
  gateway_mode?: string;
  environment?: string;
  team?: string;
  liveness?: string;
  instance_name?: string;
  search?: string;
  label?: string[];
  include_left?: boolean;
};
/** As the trigger of `gateway_presence` ranks them. */
const worstFirst = ['conflict', 'offline', 'late', 'online', 'revoked', 'left'];

/** Where a page starts, in the order of registration or, with `worstAfter`, in that of what is wrong first. */
export type GatewayPage = { take: number; after?: { created_at: Date; id: string } | undefined } | { take: number; worstAfter: RankPosition | null };

/** Gateways of a tenant. Liveness is derived here, at each reading. */
export async function findGateways(sql: Sql, tenantId: string, filter: GatewayFilter, page: GatewayPage): Promise<GatewayRow[]> {
  const values: unknown[] = [tenantId];
  const conditions = ['tenant_id = $1'];
  const add = (condition: (n: number) => string, value: unknown) => conditions.push(condition(values.push(value)));
  for (const name of ['gateway_mode', 'environment', 'team', 'liveness', 'instance_name'] as const) {
    if (filter[name] !== undefined) add((n) => `${name} = $${n}`, filter[name]);
  }
  if (filter.include_left === false) conditions.push(`liveness <> 'left'`);
  if (filter.search !== undefined) add((n) => `strpos(lower(instance_name), lower($${n})) > 0`, filter.search);
  if (filter.label !== undefined) add((n) => `labels @> $${n}::jsonb`, JSON.stringify(Object.fromEntries(labelsOf(filter.label))));
  const isWorstFirst = 'worstAfter' in page;
  // Found by the index of this order, as of the last sweep, and held against the clock.
  if (isWorstFirst && filter.liveness !== undefined) add((n) => `rank = $${n}::smallint`, worstFirst.indexOf(filter.liveness) + 1);
  if (isWorstFirst && page.worstAfter) {
    const { rank, instance_name, id } = page.worstAfter;
    const [r, n, i] = [values.push(rank), values.push(instance_name), values.push(id)];
    conditions.push(`(rank, instance_name, id) > ($${r}::smallint, $${n}::text, $${i}::uuid)`);
  } else if (!isWorstFirst && page.after) {
    const { created_at, id } = page.after;
    add((n) => `(registered_at, id) > ($${n}, $${values.push(id)}::uuid)`, created_at);
  }
  // The rank's own columns, so that its index gives the order.
  const [from, more, order] = isWorstFirst
    ? [`gateway_presence p JOIN gateway g ON g.id = p.gateway_id ${joins}`, ', p.rank, p.tenant_id', 'rank, instance_name, id']
    : [tables, ', 0 AS rank, g.tenant_id', 'registered_at, id'];
  const selected = isWorstFirst
    ? columns.replace('g.id, g.environment, g.instance_name', 'p.gateway_id AS id, g.environment, p.instance_name')
    : columns;
  const limit = values.push(page.take);
  const { rows } = await sql.query<GatewayRow>(
    `SELECT * FROM (SELECT ${selected}${more} FROM ${from}) rows WHERE ${conditions.join(' AND ')} ORDER BY ${order} LIMIT $${limit}`,
    values,
  );
  return rows;
}

/** One gateway with its last acknowledgement and what it observed. */
export async function findGateway(sql: Sql, tenantId: string, gatewayId: string): Promise<GatewayRow | undefined> {
  const { rows } = await sql.query<GatewayRow>(`SELECT ${columns}, c.acked_items, o.observed FROM ${tables} WHERE g.tenant_id = $1 AND g.id = $2`, [
    tenantId,
    gatewayId,
  ]);
  return rows[0];
}

export function toGateway(row: GatewayRow): Gateway {
  return {
    gateway_id: row.id,
    environment: row.environment,
    instance_name: row.instance_name,
    gateway_mode: row.gateway_mode,
    version: row.version,
    features: row.features,
    labels: row.labels,
    endpoints: row.endpoints,
    liveness: row.liveness,
    lease_epoch: row.lease_epoch,
    lease_until: toTimestamp(row.lease_until),
    heartbeat_interval_s: row.heartbeat_interval_s,
    registered_at: toTimestamp(row.registered_at),
    unknown_fields: row.unknown_fields,
    config: toConfigSync(row),
    ...present({
      team: row.team,
      target_gateway: row.target_gateway && { ...row.target_gateway, ...present({ version: row.target_gateway.version ?? row.target_version }) },
      target_health: row.gateway_mode === 'connect' ? targetHealth(row) : undefined,
      status: row.status,
      uptime_s: row.uptime_s === null ? null : Math.round(row.uptime_s),
      metrics: row.metrics,
      last_heartbeat_at: optionalTimestamp(row.last_heartbeat_at),
      observed: row.observed,
    }),
  };
}

function toConfigSync(row: GatewayRow): Gateway['config'] {
  const desired_generation = Number(row.generation ?? 0);
  const acked_generation = Number(row.acked_generation ?? 0);
  return {
    state: syncState(desired_generation, acked_generation, row),
    desired_generation,
    acked_generation,
    ...(row.rejected_items > 0 && { rejected_items: row.rejected_items }),
    ...present({ acked_at: optionalTimestamp(row.acked_at), items: row.acked_state === null ? null : row.acked_items }),
  };
}

const ackedStates: Record<string, Gateway['config']['state']> = {
  applied: 'in_sync',
  applied_with_warnings: 'in_sync_with_warnings',
  rejected: 'rejected',
};

/** What is rejected never looks in sync, whatever was applied before it or beside it. */
function syncState(desired: number, acked: number, row: Pick<GatewayRow, 'acked_state' | 'rejected_items'>): Gateway['config']['state'] {
  if (acked === desired && row.acked_state !== null) return row.rejected_items > 0 ? 'partly_rejected' : (ackedStates[row.acked_state] ?? 'pending');
  return desired === 0 ? 'none' : 'pending';
}
