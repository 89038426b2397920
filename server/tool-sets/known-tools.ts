import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { Tool, ToolSetTool } from '@stoa/generated/schemas.ts';

/** A tool as it is at its API or MCP server, and what it is called at `/mcp`. */
export type KnownTool = Pick<Tool, 'name' | 'title' | 'description' | 'input_schema' | 'output_schema' | 'annotations'>;

/** Finds what stands behind a tool of a set; undefined where the Control Plane knows of none. */
export type KnownTools = (tool: ToolSetTool) => KnownTool | undefined;

type ApiToolRow = { api_id: string; operation_id: string; tool: Tool };
type DefinitionRow = { mcp_server_id: string; prefix: string; name: string; definition: string };

/** Reads of the newest revisions of APIs, and of what was found at MCP servers, the tools that a set names and no others. */
export async function knownTools(tx: Prisma.TransactionClient, tenantId: string, tools: readonly ToolSetTool[]): Promise<KnownTools> {
  const apiIds = tools.flatMap(({ api_id: id }) => id ?? []);
  const operations = tools.flatMap(({ operation }) => operation ?? []);
  const serverIds = tools.flatMap(({ mcp_server_id: id }) => id ?? []);
  const names = tools.flatMap(({ tool }) => tool ?? []);
  const ofApis = await tx.$queryRaw<ApiToolRow[]>`
    SELECT a.id AS api_id, o->>'operation_id' AS operation_id, o->'tool' AS tool FROM api a, jsonb_array_elements(a.operations) o
    WHERE a.tenant_id = ${tenantId}::uuid AND a.id = ANY(${apiIds}::uuid[]) AND (o->>'operation_id' = ANY(${operations}) OR o->'tool'->>'name' = ANY(${operations}))`;
  // What was approved is what is served; else what was seen last.
  const ofServers = await tx.$queryRaw<DefinitionRow[]>`
    SELECT DISTINCT ON (d.mcp_server_id, d.name) d.mcp_server_id, s.prefix, d.name, d.definition
    FROM mcp_definition d JOIN mcp_server s ON s.id = d.mcp_server_id
    WHERE d.tenant_id = ${tenantId}::uuid AND d.kind = 'tool' AND d.mcp_server_id = ANY(${serverIds}::uuid[]) AND d.name = ANY(${names})
    ORDER BY d.mcp_server_id, d.name, (d.state = 'approved') DESC, d.created_at DESC`;
  const byOperation = new Map<string, KnownTool>();
  // An operationId counts more than the name of a tool.
  for (const { api_id: id, tool } of ofApis) byOperation.set(`${id} ${tool.name}`, tool);
  for (const { api_id: id, operation_id: operation, tool } of ofApis) byOperation.set(`${id} ${operation}`, tool);
  const byDefinition = new Map(ofServers.map((row) => [`${row.mcp_server_id} ${row.name}`, toKnown(row)]));
  return ({ api_id: apiId, operation, mcp_server_id: serverId, tool }) =>
    apiId === undefined ? byDefinition.get(`${serverId} ${tool}`) : byOperation.get(`${apiId} ${operation}`);
}

function toKnown({ prefix, name, definition }: DefinitionRow): KnownTool {
  const { title, description, inputSchema, outputSchema, annotations } = JSON.parse(definition) as Readonly<Record<string, unknown>>;
  return {
    name: `${prefix}${name}`,
    ...(typeof title === 'string' && { title }),
    ...(typeof description === 'string' && { description }),
    input_schema: (inputSchema ?? { type: 'object' }) as Tool['input_schema'],
    ...(outputSchema !== undefined && { output_schema: outputSchema as NonNullable<Tool['output_schema']> }),
    annotations: annotations ?? {},
  };
}
