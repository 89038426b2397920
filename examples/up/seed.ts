import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Management } from './management.ts';

export const environment = 'demo';

type Addresses = { controlPlaneUrl: string; ordersUrl: string; supportUrl: string };

/** Who may call what. */
export const consumers = { agent: 'demo-agent', operator: 'demo-operator' } as const;

/** What stands in the address of the example's tool set. */
export const toolSetName = 'desk';

/** Operations on these are no tools: whoever can list or mint credentials and consumers can let himself in anywhere, and people are none of a model's business. */
const withoutTools = ['gateway-keys', 'operator-tokens', 'sign-in', 'session', 'consumers', 'users', 'invitations', 'client-rule', 'audit'];

/**
 * Defines two APIs once and deploys them: `orders` everywhere, for the agent, and the Control Plane's own management API as read-only tools, for the
 * operator, who can have a model ask which gateways are offline. Registers the MCP server `support` for the agent, and makes a tool set of some of both. Run again, it changes nothing.
 */
export async function seed(
  management: Management,
  { controlPlaneUrl, ordersUrl, supportUrl }: Addresses,
  viewerToken: string,
): Promise<{ deploymentIds: string[]; mcpServerId: string }> {
  const orders = await management.api({
    name: 'orders',
    document: parse(await readFile(join(import.meta.dirname, '../orders/openapi.yaml'), 'utf8')) as Record<string, unknown>,
    upstream_url: ordersUrl,
  });
  const own = await management.api({
    name: 'stoa',
    document: (await (await fetch(`${controlPlaneUrl}/openapi/management.json`)).json()) as Record<string, unknown>,
    operations: { exclude: withoutTools.map((area) => ({ path: `/v1/${area}*` })) },
    upstream_url: controlPlaneUrl,
    upstream_auth: { header: 'Authorization', value: `Bearer ${viewerToken}` },
  });
  const toOrders = [{ api_id: orders.api_id }];
  await management.policy({ name: 'orders-rate-limit', policy: { kind: 'rate_limit', config: { limit: 600, window_s: 60 } }, attached_to: toOrders });
  await management.policy({
    name: 'orders-api-key',
    policy: { kind: 'api_key_auth', config: { header: 'X-API-Key', or_token: true } },
    attached_to: toOrders,
  });
  await management.policy({
    name: 'stoa-read-only',
    policy: { kind: 'tool_access', config: { cedar: 'permit(principal, action, resource) when { resource.read_only };' } },
    attached_to: [{ api_id: own.api_id }],
  });
  // Agents whose person signs in at the Control Plane call as the consumer whose key is printed.
  const issuer = `${controlPlaneUrl}/oidc`;
  const rules = { issuer, consumers: [{ claim: 'iss', value: issuer, consumer: consumers.agent }], scopes: ['mcp:tools'] };
  await management.trustedIssuer({ name: 'control-plane', rules });
  await management.subscription(orders.api_id, consumers.agent);
  await management.subscription(own.api_id, consumers.operator);
  // What the example offers at first is served at once; what it changes later waits for an operator.
  const withTools = { environments: [environment], modes: ['edge_mcp' as const, 'sidecar' as const] };
  const support = await management.mcpServer({
    name: 'support',
    title: 'Support',
    http: { url: supportUrl },
    pinning: 'additive',
    targets: withTools,
  });
  await management.mcpSubscription(support.mcp_server_id, consumers.agent);
  const desk = await management.toolSet({
    name: toolSetName,
    title: 'Support desk',
    instructions: 'For questions of customers about their orders. Look an order up before you say anything of it.',
    token_budget: 2000,
    tools: [
      { api: orders.name, operation: 'getOrder', name: 'look_up_order', description: 'Gives one order, with its items and its status, by its id.' },
      {
        api: orders.name,
        operation: 'listOrders',
        name: 'open_orders',
        description: 'Lists the orders that are paid and not sent yet.',
        arguments: { status: { value: 'paid' } },
      },
      {
        mcp_server: support.name,
        tool: 'list',
        name: 'open_tickets',
        description: 'Lists tickets that are open.',
        arguments: { state: { value: 'open' } },
      },
    ],
  });
  await management.toolSetSubscription(desk.tool_set_id, consumers.agent);
  const everywhere = await management.deployment({ api_id: orders.api_id, targets: { environments: [environment] } });
  const asTools = await management.deployment({ api_id: own.api_id, targets: withTools });
  return { deploymentIds: [everywhere.deployment_id, asTools.deployment_id], mcpServerId: support.mcp_server_id };
}
