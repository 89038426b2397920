import type { ContentGuard, GatewayConfig, McpServerItem, PolicyItem, PolicySpec } from '@stoa/generated/schemas.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consumerItem, policyItem } from '../testing/fixtures.ts';
import { send } from '../doors/mcp/testing/fixture.ts';
import { mcpServerItem, serverSubscriptionItem, serves, startGateway } from './testing/gateway.ts';
import type { TestGateway } from './testing/gateway.ts';
import { startModernServer } from './testing/modern-server.ts';
import type { FixtureServer } from './testing/legacy-server.ts';
import { rawClient } from './testing/raw-client.ts';
import type { RawClient } from './testing/raw-client.ts';

const [agent, stranger] = [consumerItem('agent'), consumerItem('stranger')];

describe('nothing of an MCP server is reached without the decisions of the boundary:', () => {
  let server: FixtureServer;
  let gateway: TestGateway;
  let item: McpServerItem;
  let clients: { agent: RawClient; stranger: RawClient };

  beforeAll(async () => {
    server = await startModernServer();
    item = mcpServerItem(server.url, { subscription_required: true });
    gateway = await startGateway(item, agent.item, stranger.item, serverSubscriptionItem(item, agent.item));
    await gateway.until(() => serves(gateway, 'tickets_odd'));
    clients = {
      agent: await rawClient(gateway.url, 'modern', { key: agent.key }),
      stranger: await rawClient(gateway.url, 'modern', { key: stranger.key }),
    };
  });
  afterAll(async () => {
    await gateway.stop();
    await server.stop();
  });

  const on = (policy: PolicySpec): PolicyItem => ({ ...policyItem(policy, []), mcp_server_ids: [item.mcp_server_id] });
  const apply = async (...more: GatewayConfig['items']): Promise<void> =>
    void (await gateway.apply(item, agent.item, stranger.item, serverSubscriptionItem(item, agent.item), ...more));
  const everything: [string, Record<string, unknown>][] = [
    ['tools/call', { name: 'tickets_echo', arguments: { a: 1 } }],
    ['resources/read', { uri: 'file:///notes.txt' }],
    ['prompts/get', { name: 'tickets_greet', arguments: { who: 'you' } }],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'tickets_greet' }, argument: { name: 'who', value: 'y' } }],
  ];
  const answers = async (client: RawClient): Promise<string[]> => {
    const all = await Promise.all(everything.map(([method, params]) => client.ask(method, params)));
    return all.map(({ answer }) => answer.get('error') ?? answer.get('result') ?? '');
  };

  it('who is not subscribed sees nothing of it, and cannot tell it from what is not there', async () => {
    await apply();
    expect((await answers(clients.agent)).join()).not.toContain('"code"');
    for (const text of await answers(clients.stranger))
      expect(text).toMatch(/^\{"code":(-32602,"message":"Unknown tool: tickets_echo"|-32601,"message":"Method not found")\}$/);
    for (const method of ['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list'])
      expect((await clients.stranger.ask(method)).answer.get('result')).toMatch(/"(tools|resources|resourceTemplates|prompts)":\[\]/);
    const { answer } = await clients.stranger.ask('server/discover');
    expect(JSON.parse(answer.get('result') ?? '')).toMatchObject({ capabilities: { tools: {} } });
    expect(answer.get('result')).not.toMatch(/resources|prompts|instructions/);
  });

  it('nobody without a key gets anything', async () => {
    const reply = await send(gateway.url, {
      headers: { 'content-type': 'application/json' },
      body: '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///notes.txt"}}',
    });
    expect(reply.status).toBe(401);
  });

  it('a limit counts every kind of request', async () => {
    await apply(on({ kind: 'rate_limit', config: { limit: 2, window_s: 3600 } }));
    await clients.agent.ask('resources/read', { uri: 'file:///notes.txt' });
    await clients.agent.ask('prompts/get', { name: 'tickets_greet', arguments: { who: 'you' } });
    for (const text of await answers(clients.agent)) expect(text).toContain('The limit \\"rate-limit\\" is reached');
  });

  it('Cedar policies say which tools may be seen and called, and what is no tool is closed with them', async () => {
    await apply(
      on({
        kind: 'tool_access',
        config: { cedar: 'permit(principal, action, resource == Tool::"tickets_echo") when { context.arguments.a == 1 };' },
      }),
    );
    const { answer } = await clients.agent.ask('tools/list');
    expect(answer.get('result')?.match(/"name":"tickets_[a-z]+"/g)).toEqual(['"name":"tickets_echo"']);
    const [called, ...others] = await answers(clients.agent);
    expect(called).toContain('content');
    for (const text of others) expect(text).toContain('"code":-32602');
    const refused = await clients.agent.ask('tools/call', { name: 'tickets_echo', arguments: { a: 2 } });
    expect(refused.answer.get('result')).toContain('do not let this call through');
  });

  it('an address may be refused', async () => {
    await apply(on({ kind: 'ip_restriction', config: { allow: ['192.0.2.0/24'] } }));
    for (const text of await answers(clients.agent)) expect(text).toContain('not accepted from where this one comes');
  });

  it('what is in arguments and results is looked through', async () => {
    const card = '4111 1111 1111 1111';
    const guard = { detectors: [{ detector: 'payment_card', action: 'mask' }] } as const satisfies ContentGuard;
    await apply(on({ kind: 'guardrails', config: { request: guard, response: guard } }));
    const { answer } = await clients.agent.ask('tools/call', { name: 'tickets_echo', arguments: { card } });
    expect(answer.get('result')).toContain('card');
    expect(answer.get('result')).not.toContain('4111');
    const read = await clients.agent.ask('resources/read', { uri: `notes://${card.replaceAll(' ', '')}/1` });
    expect(read.answer.get('result')).toContain('text of notes://[payment_card]/1');
    expect(JSON.stringify(server.seen.headers)).not.toContain('4111');
    const refusing = { detectors: [{ detector: 'payment_card', action: 'refuse' }] } as const satisfies ContentGuard;
    await apply(on({ kind: 'guardrails', config: { request: refusing } }));
    for (const beside of [{ _meta: { note: card } }, { inputResponses: { q: { action: 'accept', content: { card } } } }, { other: card }]) {
      const { answer: refused } = await clients.agent.ask('tools/call', { name: 'tickets_echo', arguments: {}, ...beside });
      expect(refused.get('result'), JSON.stringify(beside)).toContain('The call is refused');
    }
    const told = await clients.agent.ask('resources/read', { uri: 'notes://a/1', _meta: { note: card } });
    expect(told.answer.get('result') ?? told.answer.get('error')).toContain('refused');
  });

  it('a policy that cannot be enforced takes the server with it', async () => {
    await apply(on({ kind: 'jwt_auth', config: { issuer: 'https://id.example', audience: ['a'], jwks_uri: 'https://id.example/jwks' } }));
    for (const text of await answers(clients.agent)) expect(text).toContain('"code":');
    await apply();
    await gateway.until(() => serves(gateway, 'tickets_odd'));
  });

  it('who is no longer subscribed is let in no more, and usage says of whom and of what', async () => {
    await gateway.apply(item, agent.item, stranger.item);
    for (const text of await answers(clients.agent)) expect(text).toMatch(/"code":-3260[12]/);
    await gateway.runtime.engine?.meter.close();
    const told = gateway.usage.filter(({ api_id: id }) => id === item.mcp_server_id);
    expect(new Set(told.map(({ operation_id: id }) => id))).toEqual(new Set(['echo', 'resources/read', 'prompts/get', 'completion/complete']));
    expect(told.some(({ denied, consumer_id: id }) => denied > 0 && id === agent.item.consumer_id)).toBe(true);
  });
});
