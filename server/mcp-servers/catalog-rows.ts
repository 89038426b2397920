import type { mcp_definition, mcp_server } from '@stoa/generated/prisma/client.ts';
import type { McpDefinition, McpServerItem, TargetSelector } from '@stoa/generated/schemas.ts';
import type { PoolClient } from 'pg';
import type { KeyMaterial } from '../access/master-key.ts';
import { openedCredentials } from '../catalog/upstream-credentials.ts';
import type { CatalogRows } from '../deployments/catalog.ts';
import { renderMcpServer } from '../deployments/render.ts';
import { present } from '../operations/wire.ts';
import { parsed } from './definitions.ts';

export type McpServerRow = Omit<mcp_server, 'labels' | 'team' | 'created_at' | 'updated_at' | 'created_by' | 'updated_by'>;

export const mcpServerColumns =
  'SELECT id, tenant_id, name, prefix, title, url, command, credentials, pinning, subscription_required, call_timeout_s, targets FROM mcp_server WHERE tenant_id = $1';

/** An MCP server as runtimes are given it, with what was approved of it. */
export async function catalogMcpServer(client: PoolClient, keys: KeyMaterial, row: McpServerRow): Promise<CatalogRows['mcpServers'][number]> {
  const { id, name, prefix, url, command, subscription_required } = row;
  const credentials = await openedCredentials(keys, row, row.credentials);
  const pinning = row.pinning as McpServerItem['pinning'];
  const item = renderMcpServer({
    mcp_server_id: id,
    name,
    prefix,
    subscription_required,
    pinning,
    ...present({ title: row.title, call_timeout_s: row.call_timeout_s }),
    ...(url !== null && { http: { url, ...(credentials.length > 0 && { credentials }) } }),
    ...(command !== null && { stdio: { command } }),
    ...(pinning !== 'auto' && { approved: await approvedOf(client, id) }),
  });
  return { id, isOpen: !subscription_required, isOfLinks: command !== null, targets: row.targets as TargetSelector, item };
}

async function approvedOf(client: PoolClient, mcpServerId: string): Promise<McpDefinition[]> {
  const { rows } = await client.query<Pick<mcp_definition, 'kind' | 'name' | 'sha256' | 'definition'>>(
    `SELECT kind, name, sha256, definition FROM mcp_definition WHERE mcp_server_id = $1 AND state = 'approved' ORDER BY created_at, id`,
    [mcpServerId],
  );
  return rows.map((row) => ({ kind: row.kind as McpDefinition['kind'], name: row.name, sha256: row.sha256, definition: parsed(row) }));
}
