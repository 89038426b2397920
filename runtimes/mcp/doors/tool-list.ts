import type { ToolEntry } from '../pipeline.ts';

/** A tool as MCP lists it, alike in every revision we serve. */
export type ListedTool = {
  name: string;
  title?: string;
  description?: string;
  inputSchema: { type: 'object'; [keyword: string]: unknown };
  outputSchema?: { type: 'object'; [keyword: string]: unknown };
  annotations: Record<string, boolean>;
};

export type ToolPage = {
  readonly tools: readonly ListedTool[];
  readonly nextCursor: string | undefined;
  /** The members `tools` and `nextCursor` as JSON without the braces around them, for a lane that writes text. */
  readonly json: string;
};

/** Most hosts show a model everything listed; the few that do not page still get this many. */
export const toolsPerPage = 500;

type Rendered = { readonly tools: readonly ListedTool[]; readonly texts: readonly string[]; readonly pages: Map<number, ToolPage> };

// The pipeline hands out the same array for the same snapshot and caller, so that what is rendered goes when the snapshot goes.
const renderedLists = new WeakMap<readonly ToolEntry[], Rendered>();
const renderedTools = new WeakMap<ToolEntry, { tool: ListedTool; text: string }>();

/**
 * One page of a list, ordered by name so that two generations differ only where their tools do. The cursor names the last tool
 * of the page before, hence a page stays right when tools come or go in between. Undefined for a cursor that is none of ours.
 */
export function pageOf(entries: readonly ToolEntry[], cursor: string | undefined): ToolPage | undefined {
  const rendered = render(entries);
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  if (cursor !== undefined && after === undefined) return undefined;
  const found = after === undefined ? 0 : rendered.tools.findIndex((tool) => tool.name > after);
  const start = found < 0 ? rendered.tools.length : found;
  const known = rendered.pages.get(start);
  if (known !== undefined) return known;
  const page = makePage(rendered, start);
  // Only starts that our own cursors lead to are kept: a cursor can be made to point anywhere.
  if (start % toolsPerPage === 0) rendered.pages.set(start, page);
  return page;
}

function makePage({ tools, texts }: Rendered, start: number): ToolPage {
  const end = Math.min(start + toolsPerPage, tools.length);
  const last = tools[end - 1];
  const nextCursor = end < tools.length && last !== undefined ? encodeCursor(last.name) : undefined;
  const list = `"tools":[${texts.slice(start, end).join(',')}]`;
  return {
    tools: tools.slice(start, end),
    nextCursor,
    json: nextCursor === undefined ? list : `${list},"nextCursor":${JSON.stringify(nextCursor)}`,
  };
}

function render(entries: readonly ToolEntry[]): Rendered {
  const known = renderedLists.get(entries);
  if (known !== undefined) return known;
  const all = entries.map(renderTool).sort((a, b) => (a.tool.name < b.tool.name ? -1 : 1));
  const rendered = { tools: all.map(({ tool }) => tool), texts: all.map(({ text }) => text), pages: new Map() };
  renderedLists.set(entries, rendered);
  return rendered;
}

function renderTool(entry: ToolEntry): { tool: ListedTool; text: string } {
  const known = renderedTools.get(entry);
  if (known !== undefined) return known;
  const { name, title, description, input_schema, output_schema, annotations } = entry.definition;
  const tool: ListedTool = {
    name,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    // Every revision wants `type: object` at the root; the contract says that both schemas describe objects.
    inputSchema: { ...input_schema, type: 'object' },
    ...(output_schema !== undefined && { outputSchema: { ...output_schema, type: 'object' } }),
    annotations: { ...annotations },
  };
  const rendered = { tool, text: JSON.stringify(tool) };
  renderedTools.set(entry, rendered);
  return rendered;
}

function encodeCursor(name: string): string {
  return Buffer.from(name).toString('base64url');
}

function decodeCursor(cursor: string): string | undefined {
  const name = Buffer.from(cursor, 'base64url').toString('utf8');
  return /^[A-Za-z0-9_-]{1,64}$/.test(name) && encodeCursor(name) === cursor ? name : undefined;
}
