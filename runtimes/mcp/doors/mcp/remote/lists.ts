import { objectText } from '@stoa/lib/json-members.ts';
import type { McpListed } from '../../../model.ts';
import type { Exchange } from '../exchange.ts';
import { listTtlMs } from '../exchange.ts';
import type { Era } from '../recognise.ts';
import { visibleServers } from './visible.ts';
import type { VisibleServer } from './visible.ts';

const perPage = 500;

type List = { readonly member: string; readonly request: 'resources/read' | 'prompts/get'; of(server: VisibleServer): readonly McpListed[] };

/** What is listed of MCP servers besides tools. */
const lists: Readonly<Record<string, List>> = {
  'resources/list': { member: 'resources', request: 'resources/read', of: ({ mcp }) => mcp.resources },
  'resources/templates/list': { member: 'resourceTemplates', request: 'resources/read', of: ({ mcp }) => mcp.templates },
  'prompts/list': { member: 'prompts', request: 'prompts/get', of: ({ mcp }) => mcp.prompts },
};

export const isListMethod = (method: string): boolean => Object.hasOwn(lists, method);

/** One page of a list as the text of a result; undefined for a cursor that is none of ours. What several servers call the same is listed once, as who is asked for it. */
export function listPage(exchange: Exchange, method: string, cursor: unknown, era: Era): string | undefined {
  const list = lists[method];
  const start = cursor === undefined ? 0 : placeIn(cursor);
  if (list === undefined || start === undefined) return undefined;
  const all = new Map<string, string>();
  for (const server of visibleServers(exchange, list.request)) for (const { name, text } of list.of(server)) if (!all.has(name)) all.set(name, text);
  const texts = [...all.values()].slice(start, start + perPage);
  const end = start + texts.length;
  const members: [string, string][] = [[list.member, `[${texts.join(',')}]`]];
  if (end < all.size) members.push(['nextCursor', JSON.stringify(Buffer.from(String(end)).toString('base64url'))]);
  if (era === 'modern') members.push(['ttlMs', String(listTtlMs)], ['cacheScope', '"private"'], ['resultType', '"complete"']);
  return objectText(members);
}

function placeIn(cursor: unknown): number | undefined {
  const text = typeof cursor === 'string' ? Buffer.from(cursor, 'base64url').toString('utf8') : '';
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
