import type { Subscription } from '@stoa/generated/schemas.ts';

type Member = 'api_name' | 'plan_name' | 'mcp_server_name' | 'tool_set_name';

/** What a subscription may be to, by the member that names it. */
const kinds: Readonly<Record<Member, string>> = { api_name: 'API', plan_name: 'Plan', mcp_server_name: 'MCP server', tool_set_name: 'Tool set' };

/** What a subscription is to: the kind as a page calls it, and the name. */
export function subscribedTo(subscription: Subscription): { kind: string; name: string } {
  const member = (Object.keys(kinds) as Member[]).find((each) => subscription[each] !== undefined);
  return member === undefined ? { kind: '', name: '' } : { kind: kinds[member], name: subscription[member] ?? '' };
}
