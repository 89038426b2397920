import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { ToolSet, ToolSetRequest, ToolSetTool, ToolSetToolRequest } from '@stoa/generated/schemas.ts';
import { adaptedSchema } from '@stoa/lib/adapted-tool.ts';
import type { SchemaChange } from '@stoa/lib/adapted-tool.ts';
import { listBytesOf, tokensOf } from '@stoa/lib/list-cost.ts';
import type { ProblemFault } from '@stoa/lib/problem.ts';
import { invalid, unprocessable } from '../errors.ts';
import { toolSetsFeature } from '../deployments/selectors.ts';
import { knownTools } from './known-tools.ts';
import type { KnownTool, KnownTools } from './known-tools.ts';

/**
 * The tools of a request with the ids of what they are of, by which they stay with it.
 * @throws ApiError 400 where a tool is named by none or both ways; 422 for what is not there, names that are given twice, and arguments that cannot be so
 */
export async function requireTools(tx: Prisma.TransactionClient, tenantId: string, body: ToolSetRequest): Promise<ToolSetTool[]> {
  const unclear = body.tools.flatMap((tool, index) => placeFaults(tool, `/body/tools/${index}`));
  if (unclear.length > 0) throw invalid(unclear);
  const names = (member: 'api' | 'mcp_server') => [...new Set(body.tools.flatMap((tool) => tool[member] ?? []))];
  const select = { id: true, name: true };
  const apis = new Map(
    (await tx.api.findMany({ where: { tenant_id: tenantId, name: { in: names('api') } }, select })).map((row) => [row.name, row.id]),
  );
  const servers = new Map(
    (await tx.mcp_server.findMany({ where: { tenant_id: tenantId, name: { in: names('mcp_server') } }, select })).map((row) => [row.name, row.id]),
  );
  const tools = body.tools.map((tool): ToolSetTool => {
    const apiId = apis.get(tool.api ?? '');
    const serverId = servers.get(tool.mcp_server ?? '');
    return { ...tool, ...(apiId !== undefined && { api_id: apiId }), ...(serverId !== undefined && { mcp_server_id: serverId }) };
  });
  const known = await knownTools(tx, tenantId, tools);
  const faults = [...tools.flatMap((tool, index) => faultsOf(tool, known(tool), `/body/tools/${index}`)), ...repeated(tools, known)];
  if (faults.length > 0) throw unprocessable(`The tool set has ${faults.length} fault${faults.length === 1 ? '' : 's'}.`, faults);
  return tools;
}

function placeFaults({ api, operation, mcp_server: server, tool }: ToolSetToolRequest, at: string): ProblemFault[] {
  const given = [api, operation, server, tool].map((member) => (member === undefined ? '-' : 'x')).join('');
  if (given === 'xx--' || given === '--xx') return [];
  return [{ pointer: at, message: 'must have api and operation, or else mcp_server and tool' }];
}

function faultsOf(tool: ToolSetTool, known: KnownTool | undefined, at: string): ProblemFault[] {
  if (tool.api !== undefined && tool.api_id === undefined) return [{ pointer: `${at}/api`, message: 'there is no such API' }];
  if (tool.mcp_server !== undefined && tool.mcp_server_id === undefined)
    return [{ pointer: `${at}/mcp_server`, message: 'there is no such MCP server' }];
  // What an MCP server offers may not be known yet.
  if (known === undefined)
    return tool.api === undefined ? [] : [{ pointer: `${at}/operation`, message: `the API ${tool.api} has no such operation` }];
  return adaptedSchema(known.input_schema, changeOf(tool)).faults.map((message) => ({ pointer: at, message }));
}

const changeOf = ({ arguments: args, examples }: ToolSetTool): SchemaChange => ({
  ...(args !== undefined && { arguments: args }),
  ...(examples !== undefined && { examples }),
});

function repeated(tools: readonly ToolSetTool[], known: KnownTools): ProblemFault[] {
  const seen = new Set<string>();
  return tools.flatMap((tool, index) => {
    const name = tool.name ?? known(tool)?.name;
    if (name === undefined) return [];
    if (seen.has(name))
      return [{ pointer: `/body/tools/${index}/name`, message: `another tool of the set is called ${name}: give this one another name` }];
    seen.add(name);
    return [];
  });
}

/** What the list of a set costs, and what of it is probably not meant. */
export async function toldOf(
  tx: Prisma.TransactionClient,
  tenantId: string,
  { tools, token_budget: budget }: Pick<ToolSet, 'tools' | 'token_budget'>,
): Promise<Required<Pick<ToolSet, 'list_bytes' | 'list_tokens' | 'warnings'>>> {
  const known = await knownTools(tx, tenantId, tools);
  const found = tools.flatMap((tool) => {
    const is = known(tool);
    return is === undefined ? [] : [{ tool, is }];
  });
  const bytes = listBytesOf(found.map(({ tool, is }) => asListed(tool, is)));
  const tokens = tokensOf(bytes);
  const overBudget = budget !== undefined && tokens > budget ? [`Its list takes about ${tokens} tokens, and its budget is ${budget}.`] : [];
  const warnings = [
    ...overBudget,
    ...tools.filter((tool) => known(tool) === undefined).map((tool) => `${nameOf(tool)} is not served: ${whyNot(tool)}.`),
    ...found.flatMap(({ tool, is }) => noticed(tool, is)),
    ...(await tooOld(tx, tenantId)),
  ];
  return { list_bytes: bytes, list_tokens: tokens, warnings };
}

const nameOf = ({ api, operation, mcp_server: server, tool }: ToolSetTool): string =>
  api === undefined ? `The tool ${tool} of the MCP server ${server}` : `The operation ${operation} of the API ${api}`;
const whyNot = ({ api }: ToolSetTool): string =>
  api === undefined ? 'no gateway has found it at the server' : 'the API, or its newest revision, does not have it';

function noticed(tool: ToolSetTool, is: KnownTool): string[] {
  const { faults, notes } = adaptedSchema(is.input_schema, changeOf(tool));
  const undescribed = tool.description === undefined && is.description === undefined ? ['it has no description'] : [];
  return [
    ...faults.map((fault) => `${nameOf(tool)} is not served: ${fault}.`),
    ...[...notes, ...undescribed].map((note) => `${nameOf(tool)}: ${note}.`),
  ];
}

/** A tool as the set lists it. */
export function asListed(tool: ToolSetTool, is: KnownTool): KnownTool {
  const { name = is.name, title = is.title, description = is.description } = tool;
  const { title: _title, description: _description, ...rest } = is;
  return {
    ...rest,
    name,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    input_schema: adaptedSchema(is.input_schema, changeOf(tool)).schema,
  };
}

const namedAtMost = 5;

/** A runtime that knows nothing of tool sets is not given any. */
async function tooOld(tx: Prisma.TransactionClient, tenantId: string): Promise<string[]> {
  const rows = await tx.gateway.findMany({
    where: { tenant_id: tenantId, left_at: null, revoked_at: null, gateway_mode: { not: 'connect' }, NOT: { features: { has: toolSetsFeature } } },
    select: { instance_name: true },
    orderBy: { instance_name: 'asc' },
    take: namedAtMost + 1,
  });
  if (rows.length === 0) return [];
  const names = rows.slice(0, namedAtMost).map(({ instance_name: name }) => name);
  const more = rows.length > namedAtMost ? ' and others' : '';
  return [`Not served by ${names.join(', ')}${more}: the runtime is too old. Update it.`];
}
