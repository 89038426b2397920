import type { mcp_server, Prisma } from '@stoa/generated/prisma/client.ts';
import type { Labels, McpServer, McpServerRequest, TargetSelector, UpstreamAuthPlace } from '@stoa/generated/schemas.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { makersOf } from '../audit/actor.ts';
import { conflict, unprocessable } from '../errors.ts';
import { present, toTimestamp } from '../operations/wire.ts';

/** Lists of MCP servers in the contract hold no more. */
const maxMcpServers = 1000;

/** What an operator said of an MCP server: this is what its entity tag names, and what the audit tells. */
export function toMcpServer(row: mcp_server, places: readonly UpstreamAuthPlace[] = []): McpServer {
  return {
    mcp_server_id: row.id,
    name: row.name,
    prefix: row.prefix,
    ...present({ title: row.title, call_timeout_s: row.call_timeout_s, team: row.team }),
    ...(row.url !== null && { http: { url: row.url, ...(places.length > 0 && { credentials: [...places] }) } }),
    ...(row.command !== null && { stdio: { command: row.command } }),
    // Stored only after the contract's enum and schemas were checked.
    pinning: row.pinning as McpServer['pinning'],
    subscription_required: row.subscription_required,
    targets: row.targets as TargetSelector,
    labels: row.labels as Labels,
    created_at: toTimestamp(row.created_at),
    updated_at: toTimestamp(row.updated_at),
    ...makersOf(row),
  };
}

/** The columns that a request fills. Without labels in it, those that are kept stay. */
export function toColumns(body: McpServerRequest) {
  return {
    name: body.name,
    prefix: prefixOf(body),
    title: body.title ?? null,
    url: body.http?.url ?? null,
    command: body.stdio?.command ?? null,
    pinning: body.pinning ?? 'manual',
    subscription_required: body.subscription_required ?? true,
    call_timeout_s: body.call_timeout_s ?? null,
    targets: body.targets as Prisma.InputJsonObject,
    ...present({ labels: body.labels }),
  };
}

const prefixPattern = /^[A-Za-z][A-Za-z0-9-]{0,30}_$/;

/** @throws ApiError 422 where the name makes no prefix */
function prefixOf({ name, prefix = `${name}_` }: McpServerRequest): string {
  if (prefixPattern.test(prefix)) return prefix;
  throw unprocessable('The name makes no prefix for names of tools.', [
    { pointer: '/body/prefix', message: 'is required: the name begins with no letter, or is longer than 31 characters' },
  ]);
}

/** Whether an update would change nothing but perhaps the credentials. */
export function saysTheSame(row: mcp_server, columns: ReturnType<typeof toColumns> & { team?: string | null }): boolean {
  const kept = Object.fromEntries(Object.keys(columns).map((name) => [name, row[name as keyof typeof columns]]));
  return canonicalJson(kept) === canonicalJson(columns);
}

/**
 * @param id of the MCP server that wants the place
 * @throws ApiError 409 when its name or prefix is another's, or its prefix that of an API's tools
 */
export async function requireFreePlace(
  tx: Prisma.TransactionClient,
  tenantId: string,
  id: string,
  { name, prefix }: { name: string; prefix: string },
): Promise<void> {
  const samePrefix = { prefix: { equals: prefix, mode: 'insensitive' as const } };
  const rival = await tx.mcp_server.findFirst({
    where: { tenant_id: tenantId, id: { not: id }, OR: [{ name }, samePrefix] },
    select: { name: true, prefix: true },
  });
  if (rival?.name === name)
    throw conflict(`There is an MCP server named ${name} already. Update that one, or give this one another name.`, 'name_taken');
  if (rival) throw conflict(`The MCP server ${rival.name} has the prefix ${rival.prefix}. Give this one another \`prefix\`.`, 'prefix_taken');
  const api = await tx.api.findFirst({
    where: { tenant_id: tenantId, name: { equals: prefix.slice(0, -1), mode: 'insensitive' } },
    select: { name: true },
  });
  if (api) throw conflict(`The tools of the API ${api.name} begin with ${api.name}_. Give this MCP server another \`prefix\`.`, 'prefix_taken');
}

/** @throws ApiError 409 when there are as many as there can be */
export async function requireBelowMost(tx: Prisma.TransactionClient, tenantId: string): Promise<void> {
  if ((await tx.mcp_server.count({ where: { tenant_id: tenantId } })) < maxMcpServers) return;
  throw conflict(`There are ${maxMcpServers} MCP servers, which is the most there can be. Delete some.`, 'too_many_mcp_servers');
}
