import type { McpServerRequest } from '@stoa/generated/schemas.ts';
import { answered, tagged } from '../answered.ts';
import { differences } from './differences.ts';
import { toManifest } from './export-manifest.ts';
import { idOf } from './manifest.ts';
import type { McpServerManifest, Sourced } from './manifest.ts';
import type { PlanContext } from './plan-kinds.ts';
import { credentialsOf } from './resolve.ts';
import { noted, unlessChanged } from './step.ts';
import type { Step } from './step.ts';

/** Asks the server by a dry run whether it takes the MCP server, and whether a secret is another than the one that it keeps. */
export async function planMcpServer(context: PlanContext, { manifest, folder }: Sourced & { manifest: McpServerManifest }): Promise<Step> {
  const { client, terminal, platform, teams } = context;
  const { name, labels = {} } = manifest.metadata;
  const id = idOf(manifest);
  const mcp_server_id = platform.idOf('McpServer', name);
  const path = { mcp_server_id: mcp_server_id ?? '' };
  const read = () => tagged(client.getMcpServer({ params: { path } }));
  const present = mcp_server_id === undefined ? undefined : await read();
  const { http, team, ...said } = manifest.spec;
  const { upstream_auth: credentials, missing } = await credentialsOf(terminal, folder, http?.credentials, present?.body.http?.credentials ?? []);
  const notes = missing.map((secret) => `${id}: the server has no secret ${secret}: it is applied without it; give it with valueFrom env or file.`);
  const unowned: McpServerRequest = {
    ...said,
    name,
    labels,
    ...(http !== undefined && { http: { url: http.url, ...(credentials !== undefined && { credentials }) } }),
  };
  // Who says nothing of a team says that there is none. One that is made just before is not there yet.
  const body = { ...unowned, ...(team !== undefined ? { team } : present !== undefined && { team: null }) };
  const rehearsed = team !== undefined && teams.has(team) ? unowned : body;
  const query = { dry_run: true };
  if (present === undefined) {
    await answered(client.createMcpServer({ params: { query }, body: rehearsed }));
    const perform = async () => {
      const made = await answered(client.createMcpServer({ body }));
      platform.made('McpServer', name, made.mcp_server_id);
      return noted(id, made);
    };
    return { action: 'create', id, changes: [], notes, perform };
  }
  const before = toManifest('McpServer', present.body, platform);
  const changes = differences(before, manifest);
  const next = await answered(client.updateMcpServer({ params: { path, query }, body: rehearsed }));
  if (changes.length === 0 && next.updated_at !== present.body.updated_at)
    changes.push({ field: 'spec.http.credentials', from: 'one', to: 'another' });
  if (changes.length === 0) return { action: 'unchanged', id, changes, notes };
  const header = present.etag === undefined ? {} : { 'If-Match': present.etag };
  const now = async () => toManifest('McpServer', (await read()).body, platform);
  const perform = async () => noted(id, await unlessChanged(before, now, () => answered(client.updateMcpServer({ params: { path, header }, body }))));
  return { action: 'update', id, changes, notes, perform };
}
