import type { mcp_server, Prisma } from '@stoa/generated/prisma/client.ts';
import type { ItemAck, McpServer, McpServerOnGateway } from '@stoa/generated/schemas.ts';
import { hiddenIn } from '../catalog/compile/hidden-words.ts';
import { sqlOf } from '../database/sql.ts';
import type { Sql } from '../database/sql.ts';
import { acksOf, ackedStateSql, isAcked, isChosenSql, isForMcpSql, isTooOldForMcp, recipients, worstOf } from '../deployments/outcome-sql.ts';
import type { AckedState } from '../deployments/outcome-sql.ts';
import { livenessSql } from '../fleet/gateway-rows.ts';
import { present, toTimestamp } from '../operations/wire.ts';

/** The contract's bound on the gateways in one answer. */
const maxGateways = 1000;
type Connection = NonNullable<McpServer['connection']>;
const worstConnection: readonly Connection[] = ['refused', 'unreachable', 'connected'];

const stateSql = `CASE WHEN ${isTooOldForMcp} THEN 'rejected' ELSE ${ackedStateSql} END`;
const ownAcks = `LATERAL (SELECT i AS ack FROM jsonb_array_elements(c.acked_items) i WHERE i->>'id' = 'mcp_server:' || d.id LIMIT 1) item ON true`;

type Row = Omit<McpServerOnGateway, 'phase' | 'reason' | 'reported_at' | 'server_info'> & {
  is_too_old: boolean;
  is_acked: boolean | null;
  ack: ItemAck | null;
  server_info: string | null;
  reported_at: Date | null;
  registered_at: Date;
};
type Outcome = Pick<McpServer, 'state' | 'connection' | 'gateways' | 'warnings'>;

/** What became of an MCP server on each gateway that it is for, and as a whole. */
export async function findMcpOutcome(tx: Prisma.TransactionClient, server: mcp_server): Promise<Outcome> {
  const { rows } = await sqlOf(tx).query<Row>(
    `SELECT s.* FROM mcp_server d CROSS JOIN LATERAL (
       SELECT g.id AS gateway_id, g.instance_name, g.gateway_mode, g.environment, g.registered_at, ${livenessSql} AS liveness, ${stateSql} AS state,
         ${isTooOldForMcp} AS is_too_old, ${isAcked} AS is_acked, item.ack, r.state AS connection, r.reason AS connection_reason, r.protocol_version,
         r.server_info, cardinality(r.offered) AS offered, r.reported_at
       FROM ${recipients(`${ownAcks} LEFT JOIN mcp_report r ON r.gateway_id = g.id AND r.mcp_server_id = d.id`)} AND ${isForMcpSql} AND ${isChosenSql}
       ORDER BY g.registered_at, g.id LIMIT ${maxGateways}) s
     WHERE d.id = $1 ORDER BY s.registered_at, s.gateway_id`,
    [server.id],
  );
  const gateways = rows.map(toOnGateway);
  const connections = gateways.map(({ connection }) => connection);
  return {
    state: worstOf(gateways.map(({ state }) => state)),
    ...present({ connection: worstConnection.find((each) => connections.includes(each)) }),
    gateways,
    warnings: [...(gateways.length === 0 ? [unmatched] : []), ...pinningWarnings(server), ...(await instructionWarnings(tx, server))],
  };
}

const unmatched =
  'No gateway fits the targets at present. Those that register later will be given the MCP server; if one should fit now, compare the targets with its page.';
const tooOld = 'The runtime does not say that it serves MCP servers. Update it.';

function toOnGateway({ is_too_old: isTooOld, is_acked: isAckedThere, ack, registered_at: _at, server_info: info, ...row }: Row): McpServerOnGateway {
  const said =
    isAckedThere === true
      ? (ack?.reason ?? (ack === null && row.state === 'rejected' ? 'The gateway rejected the whole generation.' : undefined))
      : undefined;
  const { gateway_id, instance_name, gateway_mode, environment, liveness, state } = row;
  return {
    ...{ gateway_id, instance_name, gateway_mode, environment, liveness, state },
    ...(isTooOld ? { phase: 'render', reason: tooOld } : present({ phase: isAckedThere === true ? ack?.phase : undefined, reason: said })),
    ...present({
      connection: row.connection,
      connection_reason: row.connection_reason,
      protocol_version: row.protocol_version,
      server_info: info === null ? undefined : (JSON.parse(info) as Record<string, unknown>),
      offered: row.offered,
      reported_at: row.reported_at === null ? undefined : toTimestamp(row.reported_at),
    }),
  };
}

const pinningWarnings = ({ pinning }: mcp_server): string[] =>
  pinning === 'auto' ? ['With the pinning auto whatever it offers is served before anybody has seen it, a changed description too.'] : [];

async function instructionWarnings(tx: Prisma.TransactionClient, { id }: mcp_server): Promise<string[]> {
  const rows = await tx.mcp_report.findMany({ where: { mcp_server_id: id }, select: { instructions: true }, distinct: ['instructions'], take: 10 });
  return [...new Set(rows.flatMap(({ instructions }) => hiddenIn('What it instructs clients to do', instructions ?? '')))];
}

type StatesRow = { id: string; states: AckedState[]; connections: (Connection | null)[] };

/** How some MCP servers fare, as their own pages say it. */
export async function findMcpStates(sql: Sql, ids: readonly string[]): Promise<ReadonlyMap<string, Pick<McpServer, 'state' | 'connection'>>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql.query<StatesRow>(
    `WITH wanted AS MATERIALIZED (SELECT * FROM mcp_server WHERE id = ANY($1::uuid[])),
       acks AS MATERIALIZED (${acksOf("'mcp_server:' || id")}),
       found AS (
         SELECT d.id, array_agg(DISTINCT ${stateSql}) AS states, array_agg(DISTINCT r.state) AS connections
         FROM wanted d CROSS JOIN ${recipients("acks item ON item.gateway_id = g.id AND item.item_id = 'mcp_server:' || d.id LEFT JOIN mcp_report r ON r.gateway_id = g.id AND r.mcp_server_id = d.id")}
           AND ${isForMcpSql} AND ${isChosenSql}
         GROUP BY d.id)
     SELECT w.id, COALESCE(f.states, '{}') AS states, COALESCE(f.connections, '{}') AS connections FROM wanted w LEFT JOIN found f ON f.id = w.id`,
    [ids],
  );
  return new Map(
    rows.map(({ id, states, connections }) => [
      id,
      { state: worstOf(states), ...present({ connection: worstConnection.find((each) => connections.includes(each)) }) },
    ]),
  );
}
