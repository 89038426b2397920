import type { ConfigItem } from '@stoa/generated/schemas.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  configOf,
  consumerItem,
  headersFor,
  keys,
  legacyRevisions,
  modern,
  operation,
  rpc,
  send,
  startDoor,
  startUpstream,
} from '../testing/fixture.ts';
import type { TestDoor, Upstream } from '../testing/fixture.ts';

/** Far too many to list one by one. */
const many = Array.from({ length: 2000 }, (_, index) => operation(`other${index}`, 'GET', `/other${index}`));
const refund = { ...operation('orders_refundOrder', 'POST', '/orders/{id}', { required: ['id'] }) };
refund.tool = { ...refund.tool, title: 'Refund an order', description: 'Gives the money for an order back to who paid it.' };
const list = [...many, refund, operation('orders_getOrder', 'GET', '/orders/{id}', { required: ['id'] })];

type Result = { content: { text: string }[]; structuredContent?: { tools?: { name: string }[] } & Record<string, unknown>; isError?: boolean };
type Message = { result?: Result & { tools?: { name: string; inputSchema: object }[] }; error?: { code: number; message: string } };

/** A policy by which the consumer `agent` may not refund. */
const noRefunds: ConfigItem = {
  id: 'policy:1b0c5d0e-1111-4222-8333-444455550001',
  kind: 'policy',
  policy_id: '1b0c5d0e-1111-4222-8333-444455550001',
  name: 'no-refunds',
  policy: {
    kind: 'tool_access',
    config: { policies: 'permit(principal, action, resource); forbid(principal, action, resource == Tool::"orders_refundOrder");' },
  } as never,
  api_ids: ['0b0c5d0e-1111-4222-8333-444455556666'],
};

function searching(upstream: Upstream, ...extra: ConfigItem[]) {
  const config = configOf(list, upstream.url, extra);
  const items = config.items.map((item) => (item.id === consumerItem('agent').id ? { ...item, tool_exposure: 'search' as const } : item));
  return { ...config, items };
}

describe.each([modern, ...legacyRevisions.slice(0, 1)])('a consumer who is to search, over MCP %s', (revision) => {
  let upstream: Upstream;
  let door: TestDoor;
  beforeEach(async () => {
    upstream = await startUpstream();
    door = await startDoor({ config: searching(upstream) });
  });
  afterEach(async () => {
    await door.close();
    upstream.server.closeAllConnections();
    upstream.server.close();
  });

  async function ask(method: string, params: Record<string, unknown>, key: string = keys.agent): Promise<Message> {
    const message = rpc(revision, method, params);
    return (await send(door.url, { headers: headersFor(revision, message, key), body: JSON.stringify(message) })).message as Message;
  }
  const callOf = (name: string, args: Record<string, unknown>) => ask('tools/call', { name, arguments: args });
  const namesFound = async (query: string) =>
    (await callOf('search_tools', { query })).result?.structuredContent?.tools?.map(({ name }) => name) ?? [];

  it('is listed three tools in less than 3 kB, whatever there is', async () => {
    const message = rpc(revision, 'tools/list');
    const { text, message: answered } = await send(door.url, { headers: headersFor(revision, message), body: JSON.stringify(message) });
    expect((answered as Message).result?.tools?.map(({ name }) => name)).toEqual(['call_tool', 'describe_tool', 'search_tools']);
    expect(text.length).toBeLessThan(3000);
  });

  it('finds a tool by other words than its own', async () => {
    expect((await namesFound('give a customer his money back'))[0]).toBe('orders_refundOrder');
  });

  it('is given what it found as text too, since that is what models are shown', async () => {
    const { result } = await callOf('search_tools', { query: 'refund' });
    expect(JSON.parse(result?.content[0]?.text ?? '')).toEqual(result?.structuredContent);
  });

  it('is told that nothing fits, and what to do', async () => {
    expect((await callOf('search_tools', { query: 'xylophone' })).result?.structuredContent).toEqual({
      tools: [],
      hint: 'Nothing fits these words. Try others, or fewer.',
    });
  });

  it('is described a tool as a list would show it', async () => {
    const { result } = await callOf('describe_tool', { name: 'orders_getOrder' });
    expect(result?.structuredContent).toMatchObject({
      name: 'orders_getOrder',
      inputSchema: { required: ['id'] },
      annotations: { readOnlyHint: true },
    });
  });

  it('calls a tool through call_tool, and is answered as by the tool', async () => {
    const { result } = await callOf('call_tool', { name: 'orders_getOrder', arguments: { id: '7' } });
    expect(result?.structuredContent ?? JSON.parse(result?.content[0]?.text ?? '')).toEqual({ id: '7', amount: 12.5 });
    expect(upstream.seen).toEqual(['/orders/7']);
  });

  it('may also call a tool by its own name', async () => {
    expect((await callOf('orders_getOrder', { id: '8' })).result?.isError).toBeUndefined();
  });

  it.each([
    ['search_tools', {}, 'query'],
    ['search_tools', { query: 'x', limit: 26 }, 'limit'],
    ['describe_tool', { name: 7 }, 'name'],
    ['call_tool', { name: 'orders_getOrder', arguments: 'none' }, 'arguments'],
    ['call_tool', { name: 'orders_getOrder', args: {} }, 'args'],
  ])('has arguments of %s refused that name %j', async (tool, args, named) => {
    const { result } = await callOf(tool, args);
    expect(result?.isError).toBe(true);
    expect(result?.content[0]?.text).toContain(named);
  });

  it('has the arguments of a tool that is called through call_tool checked as its own', async () => {
    const { result } = await callOf('call_tool', { name: 'orders_getOrder', arguments: { idd: '7' } });
    expect(result?.content[0]?.text).toContain('The arguments of orders_getOrder are invalid');
    expect(upstream.seen).toEqual([]);
  });

  it('does not reach call_tool through call_tool', async () => {
    expect((await callOf('call_tool', { name: 'call_tool', arguments: { name: 'orders_getOrder' } })).error?.message).toBe('Unknown tool: call_tool');
  });

  it('neither finds nor is described nor calls what policies keep from it', async () => {
    await door.apply(searching(upstream, noRefunds));
    expect(await namesFound('refund an order')).not.toContain('orders_refundOrder');
    expect((await callOf('describe_tool', { name: 'orders_refundOrder' })).result?.isError).toBe(true);
    expect((await callOf('call_tool', { name: 'orders_refundOrder', arguments: { id: '7' } })).error?.message).toBe(
      'Unknown tool: orders_refundOrder',
    );
  });

  it('finds what came after its first search', async () => {
    await namesFound('refund');
    const config = searching(upstream);
    const added = { ...operation('orders_shipParcel', 'POST', '/orders/{id}', { required: ['id'] }) };
    const items = config.items.map((item) => (item.kind === 'api' ? { ...item, operations: [...item.operations, added] } : item));
    await door.apply({ ...config, items, generation: 2 });
    expect((await namesFound('ship a parcel'))[0]).toBe('orders_shipParcel');
  });

  it('leaves the three names to others, who know no such tools', async () => {
    expect((await ask('tools/call', { name: 'search_tools', arguments: { query: 'x' } }, keys.other)).error?.message).toBe(
      'Unknown tool: search_tools',
    );
  });
});
