import { expect, it } from 'vitest';
import { subscribedTo } from './subscribed-to.ts';

const subscription = { subscription_id: 's', consumer_id: 'c', consumer_name: 'agent', created_at: '2026-12-01T00:00:00.000Z' };

it.each([
  ['api_name', 'API'],
  ['plan_name', 'Plan'],
  ['mcp_server_name', 'MCP server'],
  ['tool_set_name', 'Tool set'],
])('a subscription with %s is shown as one to a thing of the kind %s, by its name', (member, kind) => {
  expect(subscribedTo({ ...subscription, [member]: 'desk' })).toEqual({ kind, name: 'desk' });
});
