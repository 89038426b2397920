import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApiOperation, ConfigItem, ToolSetItem, ToolSetSubscriptionItem } from '@stoa/generated/schemas.ts';
import { listen } from '@stoa/lib/listen.ts';
import { mcpServerItem, serves, startGateway } from '../../../federation/testing/gateway.ts';
import type { TestGateway } from '../../../federation/testing/gateway.ts';
import { startModernServer } from '../../../federation/testing/modern-server.ts';
import { rawClient } from '../../../federation/testing/raw-client.ts';
import { apiItem, consumerItem, getOrder, policyItem } from '../../../testing/fixtures.ts';
import { TestIssuer } from '../../../testing/issuer.ts';

const agent = consumerItem('agent');
const other = consumerItem('other');
const publicUrl = 'https://gateway.example';
let upstream: Server;
let upstreamUrl: string;
const asked: string[] = [];
let tickets: Awaited<ReturnType<typeof startModernServer>>;
let gateway: TestGateway;
let issuer: TestIssuer;

beforeAll(async () => {
  upstream = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
  });
  upstreamUrl = await listen(upstream, { host: '127.0.0.1', port: 0 });
  tickets = await startModernServer();
  issuer = new TestIssuer();
  await issuer.listen();
  await issuer.addKey();
  gateway = await startGateway();
  if (gateway.runtime.engine !== undefined) gateway.runtime.engine.publicUrl = publicUrl;
});
afterAll(async () => {
  await gateway.stop();
  await tickets.stop();
  await issuer.close();
  upstream.close();
  await once(upstream, 'close');
});
beforeEach(() => void asked.splice(0));

/** Lists orders by their status, which the document lets be chosen, and says how many. */
const listOrders: ApiOperation = {
  operation_id: 'listOrders',
  method: 'GET',
  path: '/orders',
  tool: {
    name: 'orders_list-orders',
    description: 'Lists orders.',
    input_schema: {
      type: 'object',
      properties: { status: { type: 'string', enum: ['open', 'secret-shop-floor'] }, limit: { type: 'integer' }, note: { type: 'string' } },
      required: ['status'],
      additionalProperties: false,
    },
    annotations: { readOnlyHint: true },
  },
  bindings: ['status', 'limit', 'note'].map((name) => ({
    argument: name,
    in: 'query' as const,
    name,
    required: name === 'status',
    style: 'form' as const,
    explode: true,
  })),
};

function setItem(tools: ToolSetItem['tools'], given: Partial<ToolSetItem> = {}): ToolSetItem {
  const id = randomUUID();
  return { id: `tool_set:${id}`, kind: 'tool_set', tool_set_id: id, name: 'helpdesk', revision: 1, tools, ...given };
}

function subscribed(set: ToolSetItem): ToolSetSubscriptionItem {
  const id = randomUUID();
  const ends = { tool_set_id: set.tool_set_id, consumer_id: agent.item.consumer_id };
  return { id: `subscription:${id}`, kind: 'tool_set_subscription', subscription_id: id, ...ends };
}

const api = () => apiItem({ url: upstreamUrl, operations: [listOrders, getOrder()], subscription_required: true });
const clientAt = (path: string, era: 'legacy' | 'modern' = 'modern', key = agent.key) => rawClient(`${gateway.runtime.url}${path}`, era, { key });
const serve = (...items: ConfigItem[]) => gateway.apply(agent.item, other.item, ...items);
type Client = Awaited<ReturnType<typeof clientAt>>;
type Listed = { name: string; title?: string; description?: string; inputSchema: { properties?: object; required?: string[]; examples?: object[] } };
const resultOf = async (asking: ReturnType<Client['ask']>): Promise<Record<string, unknown>> =>
  JSON.parse((await asking).answer.get('result') ?? '{}') as Record<string, unknown>;
const toolsOf = async (client: Client): Promise<Listed[]> => (await resultOf(client.ask('tools/list')))['tools'] as Listed[];
const call = (client: Client, name: string, args: object = {}) => client.ask('tools/call', { name, arguments: args });

describe.each(['legacy', 'modern'] as const)('a tool set for a %s client', (era) => {
  it('lists its tools by their names and words there, without what is fixed or hidden', async () => {
    const orders = api();
    const set = setItem([
      {
        api_id: orders.api_id,
        operation: 'listOrders',
        name: 'open_orders',
        title: 'Open orders',
        description: 'What is still to be done.',
        arguments: { status: { value: 'secret-shop-floor' }, note: { hidden: true }, limit: { description: 'At most so many.' } },
        examples: [{ limit: 3 }],
      },
    ]);
    await serve(orders, set, subscribed(set));
    const [tool, more] = await toolsOf(await clientAt('/mcp/helpdesk', era));
    expect(more).toBeUndefined();
    expect(tool).toMatchObject({ name: 'open_orders', title: 'Open orders', description: 'What is still to be done.' });
    expect(tool?.inputSchema).toEqual({
      type: 'object',
      properties: { limit: { type: 'integer', description: 'At most so many.' } },
      additionalProperties: false,
      examples: [{ limit: 3 }],
    });
    expect(JSON.stringify(tool)).not.toContain('secret-shop-floor');
  });

  it('sends what is fixed, and takes neither that nor what is hidden from a caller', async () => {
    const orders = api();
    const set = setItem([
      { api_id: orders.api_id, operation: 'listOrders', name: 'open_orders', arguments: { status: { value: 'open' }, note: { hidden: true } } },
    ]);
    await serve(orders, set, subscribed(set));
    const client = await clientAt('/mcp/helpdesk', era);
    expect(await resultOf(call(client, 'open_orders', { limit: 2 }))).toMatchObject({ content: [{ type: 'text' }] });
    expect(asked).toEqual([expect.stringContaining('/orders?status=open&limit=2')]);
    for (const taken of [{ status: 'secret-shop-floor' }, { note: 'x' }])
      expect(await resultOf(call(client, 'open_orders', taken))).toMatchObject({ isError: true });
    expect(asked).toHaveLength(1);
  });

  it('calls nothing by a name that is not in it, be it one of the gateway', async () => {
    const orders = api();
    const set = setItem([{ api_id: orders.api_id, operation: 'listOrders', name: 'open_orders', arguments: { status: { value: 'open' } } }]);
    await serve(orders, set, subscribed(set));
    const client = await clientAt('/mcp/helpdesk', era);
    for (const name of ['orders_list-orders', 'listOrders', getOrder().tool.name])
      expect(JSON.stringify(Object.fromEntries((await call(client, name, { status: 'open' })).answer))).toMatch(/nknown tool/);
    expect(asked).toEqual([]);
  });

  it('serves a tool of an MCP server under its name there, with what is fixed', async () => {
    const server = mcpServerItem(tickets.url, { subscription_required: true });
    const set = setItem([{ mcp_server_id: server.mcp_server_id, tool: 'echo', name: 'say', arguments: {}, description: 'Says it.' }], {
      instructions: 'Say little.',
    });
    await serve(server, set, subscribed(set));
    await gateway.until(() => serves(gateway, 'tickets_echo'));
    const client = await clientAt('/mcp/helpdesk', era);
    expect(await toolsOf(client)).toMatchObject([{ name: 'say', description: 'Says it.' }]);
    expect((await call(client, 'say', { a: 1 })).answer.get('result')).toContain('content');
    // What else the server offers is served at /mcp.
    expect(JSON.parse((await client.ask('resources/list')).answer.get('result') ?? '{"resources":[]}')).toMatchObject({ resources: [] });
    const hello = era === 'modern' ? await resultOf(client.ask('server/discover')) : {};
    if (era === 'modern') expect(hello).toMatchObject({ instructions: 'Say little.' });
  });
});

describe('who may use a tool set', () => {
  it('gives its tools to who is subscribed to it alone, there and nowhere else, and to who is subscribed to what is behind', async () => {
    const orders = api();
    const set = setItem([{ api_id: orders.api_id, operation: 'getOrder' }]);
    await serve(orders, set, subscribed(set));
    const name = getOrder().tool.name;
    expect((await toolsOf(await clientAt('/mcp/helpdesk'))).map((tool) => tool.name)).toEqual([name]);
    expect(await toolsOf(await clientAt('/mcp'))).toEqual([]);
    const stranger = await clientAt('/mcp/helpdesk', 'modern', other.key);
    expect(await toolsOf(stranger)).toEqual([]);
    expect(JSON.stringify(Object.fromEntries((await call(stranger, name, { order_id: '7' })).answer))).toMatch(/nknown tool/);
    await serve({ ...orders, subscription_required: false }, set);
    expect(await toolsOf(stranger)).toHaveLength(1);
  });

  it('decides, limits and meters as at the tool itself', async () => {
    const orders = api();
    const set = setItem([{ api_id: orders.api_id, operation: 'listOrders', name: 'open_orders', arguments: { status: { value: 'open' } } }]);
    const limit = policyItem({ kind: 'rate_limit', config: { limit: 1, window_s: 3600 } }, [orders]);
    await serve(orders, set, subscribed(set), limit);
    const client = await clientAt('/mcp/helpdesk');
    expect(await resultOf(call(client, 'open_orders'))).not.toHaveProperty('isError', true);
    expect(await resultOf(call(client, 'open_orders'))).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('limit') as string }],
    });
    const cedar = 'permit (principal, action, resource); forbid (principal, action, resource) when { context.arguments.status == "open" };';
    await serve(orders, set, subscribed(set), policyItem({ kind: 'tool_access', config: { cedar } }, [orders]));
    expect(JSON.stringify(await resultOf(call(client, 'open_orders')))).toContain('do not let this call through');
    expect(asked).toHaveLength(1);
  });

  it('decides by the policies of an API also where another one holds the names of all of its tools', async () => {
    const [holder, shadowed] = ['1', '2'].map((digit) =>
      apiItem({ url: upstreamUrl, api_id: randomUUID().replace(/^./, digit), operations: [listOrders] }),
    );
    if (holder === undefined || shadowed === undefined) throw new Error('there are two');
    const set = setItem([{ api_id: shadowed.api_id, operation: 'listOrders', name: 'open_orders', arguments: { status: { value: 'open' } } }]);
    await serve(holder, shadowed, set, subscribed(set));
    const client = await clientAt('/mcp/helpdesk');
    expect(await resultOf(call(client, 'open_orders'))).not.toHaveProperty('isError', true);
    const cedar = 'forbid (principal, action, resource);';
    await serve(holder, shadowed, set, subscribed(set), policyItem({ kind: 'tool_access', config: { cedar } }, [shadowed]));
    expect((await client.ask('tools/call', { name: 'open_orders', arguments: {} })).answer.get('result') ?? '').not.toContain('"ok":true');
    expect(asked).toHaveLength(1);
  });

  it('tells callers nothing of a fixed value that is good no longer', async () => {
    const orders = api();
    const set = setItem([{ api_id: orders.api_id, operation: 'listOrders', name: 'open_orders', arguments: { status: { value: 'cancelled' } } }]);
    await serve(orders, set, subscribed(set));
    const answer = JSON.stringify(await resultOf(call(await clientAt('/mcp/helpdesk'), 'open_orders')));
    expect(answer).toContain('not valid any more');
    expect(answer).not.toMatch(/status|secret-shop-floor/);
  });

  it('is a protected resource of its own, whose tokens are no good elsewhere', async () => {
    const orders = { ...api(), subscription_required: false };
    const set = setItem([{ api_id: orders.api_id, operation: 'getOrder' }]);
    await serve(orders, set, issuer.item({ consumers: [{ claim: 'azp', value: 'helpdesk', consumer: 'agent' }] }));
    const path = '/.well-known/oauth-protected-resource/mcp/helpdesk';
    const metadata = (await (await fetch(`${gateway.runtime.url}${path}`)).json()) as object;
    expect(metadata).toMatchObject({ resource: `${publicUrl}/mcp/helpdesk`, authorization_servers: [issuer.issuer] });
    const refused = await fetch(`${gateway.runtime.url}/mcp/helpdesk`, { method: 'POST' });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain(`resource_metadata="${publicUrl}${path}"`);
    await refused.text();
    const status = async (at: string, audience: string): Promise<number> => {
      const token = await issuer.sign({ aud: `${publicUrl}${audience}` });
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
      const answer = await fetch(`${gateway.runtime.url}${at}`, { method: 'POST', headers, body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' });
      await answer.text();
      return answer.status;
    };
    expect([await status('/mcp/helpdesk', '/mcp/helpdesk'), await status('/mcp/helpdesk', '/mcp'), await status('/mcp', '/mcp/helpdesk')]).toEqual([
      200, 401, 401,
    ]);
  });

  it('says of a set that is not there that it is not to those alone who may come in', async () => {
    await serve(api());
    const ask = (headers: Record<string, string>) => fetch(`${gateway.runtime.url}/mcp/nothing`, { method: 'POST', headers, body: '{}' });
    expect([(await ask({})).status, (await ask({ authorization: `Bearer ${agent.key}` })).status]).toEqual([401, 404]);
  });
});

it('searches its own tools where it says so', async () => {
  const orders = api();
  const set = setItem([{ api_id: orders.api_id, operation: 'getOrder' }], { exposure: 'search' });
  await serve(orders, set, subscribed(set));
  const client = await clientAt('/mcp/helpdesk');
  expect((await toolsOf(client)).map(({ name }) => name)).toEqual(['call_tool', 'describe_tool', 'search_tools']);
  expect(JSON.stringify(await resultOf(call(client, 'search_tools', { query: 'order' })))).toContain(getOrder().tool.name);
});

it('warns of what of a set is not served, and serves the rest', async () => {
  const orders = api();
  const set = setItem([
    { api_id: orders.api_id, operation: 'getOrder' },
    { api_id: orders.api_id, operation: 'gone' },
    { api_id: orders.api_id, operation: 'listOrders', arguments: { status: { hidden: true } } },
  ]);
  const outcome = await serve(orders, set, subscribed(set));
  expect(JSON.stringify(outcome)).toMatch(/gone is not served: orders does not have it.*hides status, which is required/);
  expect(await toolsOf(await clientAt('/mcp/helpdesk'))).toHaveLength(1);
});
