import { membersOf } from '@stoa/lib/json-members.ts';
import type { ServerCapabilities } from '@modelcontextprotocol/server';
import type { Exchange } from '../exchange.ts';
import { visibleServers } from './visible.ts';
import type { VisibleServer } from './visible.ts';

export type Introduction = { readonly capabilities: ServerCapabilities; readonly instructions?: string };

/** What this door is to a caller: what it can itself, and what the MCP servers can that he may see. What nobody has is left out. */
export function introduce(exchange: Exchange): Introduction {
  const tools = { tools: { listChanged: true } };
  if (exchange.snapshot.mcpServers.size === 0) return { capabilities: tools };
  const servers = visibleServers(exchange);
  const anyHas = (name: string): boolean => servers.some(({ mcp }) => mcp.catalog?.capabilities.has(name) === true);
  const instructions = instructionsOf(servers);
  return {
    capabilities: {
      ...tools,
      ...(anyHas('resources') && { resources: { listChanged: true, ...(servers.some(canSubscribe) && { subscribe: true }) } }),
      ...(anyHas('prompts') && { prompts: { listChanged: true } }),
      ...(anyHas('completions') && { completions: {} }),
      ...(anyHas('logging') && { logging: {} }),
    },
    ...(instructions !== undefined && { instructions }),
  };
}

const canSubscribe = ({ mcp }: VisibleServer): boolean =>
  (mcp.place.kind !== 'http' || mcp.place.besideCallers === undefined) &&
  membersOf(mcp.catalog?.capabilities.get('resources') ?? '')?.get('subscribe') === 'true';

/** Those of one server are its own words; of several it is said whose they are. They are no definition that could be approved: where those are, a server has none. */
function instructionsOf(servers: readonly VisibleServer[]): string | undefined {
  const all = servers.flatMap(({ mcp }) => {
    const text = mcp.item.pinning === 'auto' ? mcp.catalog?.instructions : undefined;
    return text === undefined ? [] : [{ text, title: mcp.item.title ?? mcp.item.name, prefix: mcp.item.prefix }];
  });
  if (all.length <= 1) return all[0]?.text;
  return all.map(({ title, prefix, text }) => `${title} (${prefix}…):\n${text}`).join('\n\n');
}
