import type { Prisma, tool_set } from '@stoa/generated/prisma/client.ts';
import type { Labels, ToolSet, ToolSetItemTool, ToolSetRequest, ToolSetTool } from '@stoa/generated/schemas.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { makersOf } from '../audit/actor.ts';
import { conflict } from '../errors.ts';
import { present, toTimestamp } from '../operations/wire.ts';

/** Each is an address with streams of its own at every gateway. */
const maxToolSets = 100;

/** What an operator said of a tool set: this is what its entity tag names, and what the audit tells. */
export function toToolSet(row: tool_set): ToolSet {
  return {
    tool_set_id: row.id,
    name: row.name,
    ...present({ title: row.title, instructions: row.instructions, token_budget: row.token_budget }),
    // Stored only after the contract's enum and schemas were checked.
    ...present({ exposure: row.exposure as ToolSet['exposure'] | null }),
    revision: row.revision,
    tools: toolsOf(row),
    labels: row.labels as Labels,
    created_at: toTimestamp(row.created_at),
    updated_at: toTimestamp(row.updated_at),
    ...makersOf(row),
  };
}

export const toolsOf = ({ tools }: Pick<tool_set, 'tools'>): ToolSetTool[] => tools as ToolSetTool[];

/** The columns that a request fills. Without labels in it, those that are kept stay. */
export function toColumns(body: ToolSetRequest, tools: readonly ToolSetTool[]) {
  return {
    name: body.name,
    title: body.title ?? null,
    instructions: body.instructions ?? null,
    exposure: body.exposure ?? null,
    token_budget: body.token_budget ?? null,
    tools: tools as Prisma.InputJsonArray,
    ...present({ labels: body.labels }),
  };
}

type Columns = ReturnType<typeof toColumns>;

const offered: readonly (keyof Columns)[] = ['name', 'title', 'instructions', 'exposure', 'tools'];

/** Whether an update would change nothing, or at least nothing of what is offered. */
export function sameness(row: tool_set, columns: Columns): { readonly isSame: boolean; readonly offersTheSame: boolean } {
  const isKept = (name: keyof Columns): boolean => canonicalJson(row[name]) === canonicalJson(columns[name]);
  return { isSame: (Object.keys(columns) as (keyof Columns)[]).every(isKept), offersTheSame: offered.every(isKept) };
}

/** A tool as runtimes are given it: by ids, which no other thing can take on. */
export const toItemTool = ({ api: _api, mcp_server: _server, ...tool }: ToolSetTool): ToolSetItemTool => tool;

/**
 * @param id of the tool set that wants the name
 * @throws ApiError 409 when it is another's
 */
export async function requireFreeName(tx: Prisma.TransactionClient, tenantId: string, id: string, name: string): Promise<void> {
  const rival = await tx.tool_set.findFirst({ where: { tenant_id: tenantId, name, id: { not: id } }, select: { id: true } });
  if (rival) throw conflict(`There is a tool set named ${name} already. Update that one, or give this one another name.`, 'name_taken');
}

/** @throws ApiError 409 when there are as many as there can be */
export async function requireBelowMost(tx: Prisma.TransactionClient, tenantId: string): Promise<void> {
  if ((await tx.tool_set.count({ where: { tenant_id: tenantId } })) < maxToolSets) return;
  throw conflict(`There are ${maxToolSets} tool sets, which is the most there can be. Delete some.`, 'too_many_tool_sets');
}
