import type { tool_set } from '@stoa/generated/prisma/client.ts';
import type { ToolSetItem } from '@stoa/generated/schemas.ts';
import type { CatalogRows } from '../deployments/catalog.ts';
import { present } from '../operations/wire.ts';
import { toItemTool, toolsOf } from './tool-set-rows.ts';

export type ToolSetRow = Pick<tool_set, 'id' | 'name' | 'title' | 'instructions' | 'exposure' | 'revision' | 'tools'>;

export const toolSetColumns = 'SELECT id, name, title, instructions, exposure, revision, tools FROM tool_set WHERE tenant_id = $1';

/** A tool set as runtimes are given it, with tools that some of them may not be given. */
export function catalogToolSet(row: ToolSetRow): CatalogRows['toolSets'][number] {
  const { id, name, revision, title, instructions } = row;
  const exposure = row.exposure as ToolSetItem['exposure'] | null;
  return { tool_set_id: id, name, revision, ...present({ title, instructions, exposure }), tools: toolsOf(row).map(toItemTool) };
}
