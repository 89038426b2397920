import { createHash } from 'node:crypto';
import type { mcp_definition, Prisma } from '@stoa/generated/prisma/client.ts';
import type { Maker, McpDefinitionCounts, McpDefinitionEntry, McpDefinitionState } from '@stoa/generated/schemas.ts';
import { optionalTimestamp, present, toTimestamp } from '../operations/wire.ts';
import { jsonDifferences } from './json-differences.ts';

type Tx = Prisma.TransactionClient;
export type DefinitionKey = Pick<mcp_definition, 'kind' | 'name' | 'sha256'>;

/** The contract's bound on what is approved of one MCP server. */
export const maxApproved = 5000;

export const nameHash = (name: string): string => createHash('sha256').update(name).digest('hex');
/** Which definitions stand for the same thing: of them one is served. */
export const sameThing = ({ kind, name }: Pick<DefinitionKey, 'kind' | 'name'>): string => `${kind} ${name}`;

/** Names a set of definitions: who decides on all of it has seen exactly these. */
export function digestOf(definitions: readonly DefinitionKey[]): string {
  const lines = definitions.map(({ kind, name, sha256 }) => `${kind} ${sha256} ${name}\n`).sort();
  return createHash('sha256').update(lines.join('')).digest('hex');
}

export const pendingOf = (tx: Tx, mcpServerId: string) =>
  tx.mcp_definition.findMany({
    where: { mcp_server_id: mcpServerId, state: 'pending' },
    select: { id: true, kind: true, name: true, sha256: true, name_hash: true, state: true },
  });

/** How many definitions of each of some MCP servers are in which state. */
export async function countDefinitions(tx: Tx, mcpServerIds: readonly string[]): Promise<(mcpServerId: string) => McpDefinitionCounts> {
  const rows = await tx.mcp_definition.groupBy({
    by: ['mcp_server_id', 'state'],
    where: { mcp_server_id: { in: [...mcpServerIds] } },
    _count: { id: true },
  });
  const count = (id: string, state: McpDefinitionState): number =>
    rows.find((row) => row.mcp_server_id === id && row.state === state)?._count.id ?? 0;
  return (id) => ({ approved: count(id, 'approved'), pending: count(id, 'pending'), rejected: count(id, 'rejected') });
}

/** The instances named of each definition are at most so many. */
const namedAtMost = 10;

/** A page's definitions, each with what is approved under its name and with who offers it. */
export async function withContext(tx: Tx, mcpServerId: string, rows: readonly mcp_definition[]): Promise<McpDefinitionEntry[]> {
  const names = [...new Set(rows.map(({ name_hash: hash }) => hash))];
  const approved = await tx.mcp_definition.findMany({ where: { mcp_server_id: mcpServerId, state: 'approved', name_hash: { in: names } } });
  const byThing = new Map(approved.map((row) => [sameThing(row), row]));
  const offering = await offeredBy(
    tx,
    mcpServerId,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => toEntry(row, byThing.get(sameThing(row)), offering.get(row.id)));
}

async function offeredBy(tx: Tx, mcpServerId: string, ids: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.$queryRaw<{ id: string; names: string[] }[]>`
    SELECT o.id, (array_agg(g.instance_name ORDER BY g.instance_name))[1:${namedAtMost}::int] AS names
    FROM mcp_report r JOIN gateway g ON g.id = r.gateway_id AND g.left_at IS NULL AND g.revoked_at IS NULL CROSS JOIN LATERAL unnest(r.offered) AS o (id)
    WHERE r.mcp_server_id = ${mcpServerId}::uuid AND o.id = ANY(${[...ids]}::uuid[]) GROUP BY o.id`;
  return new Map(rows.map(({ id, names }) => [id, names]));
}

function toEntry(row: mcp_definition, approved: mcp_definition | undefined, offeredByThem: string[] | undefined): McpDefinitionEntry {
  const definition = parsed(row);
  const isOther = approved !== undefined && approved.id !== row.id;
  return {
    // Stored only after the contract's enums were checked.
    kind: row.kind as McpDefinitionEntry['kind'],
    name: row.name,
    sha256: row.sha256,
    state: row.state as McpDefinitionState,
    change: approved === undefined ? 'added' : isOther ? 'changed' : 'none',
    definition,
    ...(isOther && {
      approved: { sha256: approved.sha256, definition: parsed(approved) },
      differences: jsonDifferences(parsed(approved), definition),
    }),
    warnings: row.warnings,
    ...present({ offered_by: offeredByThem }),
    first_seen_at: toTimestamp(row.created_at),
    ...present({ decided_at: optionalTimestamp(row.decided_at), decided_by: row.decided_by as Maker | null }),
  };
}

export const parsed = ({ definition }: Pick<mcp_definition, 'definition'>): Record<string, unknown> =>
  JSON.parse(definition) as Record<string, unknown>;

/** Forgets definitions that no gateway finds any more. */
export const forgetUnoffered = (tx: Tx, mcpServerId: string, ids: readonly string[]): Promise<number> =>
  ids.length === 0
    ? Promise.resolve(0)
    : tx.$executeRaw`
        DELETE FROM mcp_definition d WHERE d.mcp_server_id = ${mcpServerId}::uuid AND d.id = ANY(${[...ids]}::uuid[])
          AND NOT EXISTS (SELECT FROM mcp_report r WHERE r.mcp_server_id = ${mcpServerId}::uuid AND d.id = ANY(r.offered))`;
