import { presentedBy, judgeChain } from '../../../decide/chain.ts';
import type { ApiEntry, McpRequestName, McpListed, McpSide } from '../../../model.ts';
import type { Exchange } from '../exchange.ts';

/** An MCP server that a caller may see something of. */
export type VisibleServer = { readonly api: ApiEntry; readonly mcp: McpSide };
type Looking = Pick<Exchange, 'snapshot' | 'caller' | 'keyIn'>;

/** The MCP servers of which a caller may use what is asked for, or anything at all, by their names: what he may not use is not there for him. */
export function visibleServers(looking: Looking, request?: McpRequestName): VisibleServer[] {
  return serversOf(looking).filter(({ api, mcp }) => {
    const operations = request === undefined ? api.operations : [mcp.requests[request]];
    return operations.some((operation) => looking.snapshot.permits(looking.caller.consumerId, operation));
  });
}

/** Those that take what the caller presents. */
function serversOf({ snapshot, caller, keyIn }: Looking): VisibleServer[] {
  return [...snapshot.mcpServers.values()]
    .flatMap((api) => (api.mcp === undefined ? [] : [{ api, mcp: api.mcp }]))
    .filter(({ api: { policies } }) => judgeChain(policies, presentedBy(caller, policies, keyIn)).kind !== 'refused')
    .toSorted((a, b) => (a.api.name < b.api.name ? -1 : 1));
}

/** Whose resource a URI is: of who lists it, else of who has a template for it, else of the only server that has resources, where nobody has to approve them. */
export function ownerOfUri(servers: readonly VisibleServer[], uri: string): VisibleServer | undefined {
  const having = servers.filter(({ mcp }) => mcp.catalog?.capabilities.has('resources') === true);
  const listing = having.find(({ mcp }) => mcp.resources.some(({ name }) => name === uri));
  // Where an operator approves what is offered, nothing else is reached.
  const only = having.length === 1 && having[0]?.mcp.item.pinning === 'auto' ? having[0] : undefined;
  return listing ?? having.find(({ mcp }) => mcp.templates.some(({ name }) => name === uri || fits(name, uri))) ?? only;
}

export function ownerOfPrompt(
  servers: readonly VisibleServer[],
  name: string,
): { readonly server: VisibleServer; readonly prompt: McpListed } | undefined {
  for (const server of servers) {
    const prompt = server.mcp.prompts.find((each) => each.name === name);
    if (prompt !== undefined) return { server, prompt };
  }
  return undefined;
}

/** Whether a URI may come of a template (RFC 6570): what stands between its expressions has to be found in it in that order. Each text is looked for once, whatever the template is. */
function fits(template: string, uri: string): boolean {
  const [first = '', ...others] = template.split(/\{[^{}]*\}/);
  const last = others.pop();
  if (last === undefined || !uri.startsWith(first) || !uri.endsWith(last)) return false;
  let at = first.length;
  for (const part of others) {
    const found = uri.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at + last.length <= uri.length;
}
