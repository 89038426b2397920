import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiOperation, GatewayConfig } from '@stoa/generated/schemas.ts';
import { enginesThatRead } from '@stoa/lib/testing/engines.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configOf, headersFor, keys, modern, operation, operations, rpc, send, startDoor, startUpstream } from './testing/fixture.ts';
import type { Reply, TestDoor, Upstream } from './testing/fixture.ts';

const older = '2025-11-25';
const maxDepth = 256;

/** A tool that takes any body: `schema` describes it, and may refer to `$defs`. */
function taking(schema: object, $defs: object = {}): ApiOperation {
  const bare = operation('send', 'POST', '/orders');
  const input_schema = { type: 'object', properties: { body: schema }, required: ['body'], $defs };
  return {
    ...bare,
    tool: { ...bare.tool, input_schema: input_schema },
    bindings: [{ argument: 'body', in: 'body', name: '', required: true, content_type: 'application/json' }],
  };
}

let upstream: Upstream;
let door: TestDoor;
beforeEach(async () => {
  upstream = await startUpstream();
  door = await startDoor();
});
afterEach(async () => {
  await door.close();
  upstream.server.closeAllConnections();
  upstream.server.close();
});

function post(revision: string, message: object, edit: (body: string) => string = (body) => body): Promise<Reply> {
  return send(door.url, { headers: headersFor(revision, message), body: edit(JSON.stringify(message)) });
}

describe.each([modern, older])('a message of %s that is made to hurt', (revision) => {
  const nested = (levels: number) => (body: string) => body.replace('"D"', () => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels));
  const recursive = taking({ $ref: '#/$defs/node' }, { node: { type: 'object', properties: { a: { $ref: '#/$defs/node' } } } });

  it.each([
    ['in arguments', { name: 'send', arguments: { body: 'D' } }],
    ['in _meta', { name: 'send', arguments: { body: {} }, _meta: { 'example.com/x': 'D' } }],
    ['in the envelope', { name: 'send', arguments: { body: {} }, _meta: { 'io.modelcontextprotocol/clientCapabilities': { experimental: 'D' } } }],
  ])('is refused when it nests without end %s', async (_where, params) => {
    await door.apply(configOf([recursive], upstream.url));
    const reply = await post(revision, rpc(revision, 'tools/call', params), nested(50_000));
    expect(reply).toMatchObject({
      status: 400,
      message: { error: { code: -32600, message: `Invalid Request: the message nests deeper than ${maxDepth} levels` } },
    });
    expect(upstream.seen).toEqual([]);
  });

  it('may nest as deeply as tools need, and hold brackets in strings', async () => {
    await door.apply(configOf([taking({})], upstream.url));
    const body = { deep: 'D', text: `\\"${'[{'.repeat(2 * maxDepth)}\\\\` };
    const reply = await post(revision, rpc(revision, 'tools/call', { name: 'send', arguments: { body } }), nested(maxDepth - 10));
    expect(reply).toMatchObject({ status: 200, message: { result: { content: [{ type: 'text' }] } } });
    expect(upstream.seen).toEqual(['/orders']);
  });

  it('is told one fault, not a million, when its arguments are large', async () => {
    await door.apply(configOf([taking({ type: 'array', items: { type: 'string' } })], upstream.url));
    const reply = await post(revision, rpc(revision, 'tools/call', { name: 'send', arguments: { body: Array.from({ length: 100_000 }, () => 1) } }));
    expect(reply.message).toMatchObject({
      result: { isError: true, content: [{ text: expect.stringMatching(/call again\.\n- \/body\/0: must be a string$/) as string }] },
    });
  });
});

it('lesson 34: an argument may have a name that every object inherits', async () => {
  const get = operation('getOrder', 'GET', '/orders/{id}', { required: ['id'] });
  const properties = { id: { type: 'string' }, constructor: { type: 'string' }, toString: { type: 'string' } };
  const input_schema = { type: 'object', properties, required: ['id'], additionalProperties: false };
  await door.apply(configOf([{ ...get, tool: { ...get.tool, input_schema: input_schema } }], upstream.url));
  const message = rpc(modern, 'tools/call', { name: 'getOrder', arguments: { id: 'o1' } });
  expect((await post(modern, message)).message).toMatchObject({ result: { content: [{ type: 'text' }] } });
  const smuggled = await post(modern, message, (body) => body.replace('"id":"o1"', '"__proto__":{"id":"o1"}'));
  expect(smuggled.message).toMatchObject({ result: { isError: true } });
});

/** Sends the head of a call and half of its body; `finish` sends the rest. */
async function halfSent(url: string): Promise<{ finish(): Promise<number | undefined> }> {
  const message = rpc(modern, 'tools/call', { name: 'getOrder', arguments: { id: 'o1' } });
  const body = JSON.stringify(message);
  const outgoing = httpRequest(url, { method: 'POST', headers: { ...headersFor(modern, message), 'content-length': body.length }, agent: false });
  outgoing.write(body.slice(0, 10));
  // The door has seen the head once the connection is open and a later request was answered.
  await once(outgoing, 'socket');
  await new Promise<void>((resolve) => (outgoing.socket?.connecting === true ? outgoing.socket.once('connect', () => resolve()) : resolve()));
  await send(url.replace('/mcp', '/healthz'), { method: 'GET' });
  return {
    async finish() {
      outgoing.end(body.slice(10));
      const [response] = (await once(outgoing, 'response')) as [{ statusCode?: number; resume(): void }];
      response.resume();
      return response.statusCode;
    },
  };
}

describe('a body that takes its time', () => {
  const without = (config: GatewayConfig): GatewayConfig => ({
    ...config,
    generation: 2,
    items: config.items.filter(({ kind }) => kind !== 'consumer'),
  });

  it('is refused when the key was revoked before its end', async () => {
    const config = configOf([operations.getOrder], upstream.url);
    await door.apply(config);
    const call = await halfSent(door.url);
    await door.apply(without(config));
    expect(await call.finish()).toBe(401);
    expect(upstream.seen).toEqual([]);
  });

  it('is answered from the configuration in force at its end', async () => {
    await door.apply(configOf([], upstream.url));
    const call = await halfSent(door.url);
    await door.apply(configOf([operations.getOrder], upstream.url, [], 2));
    expect(await call.finish()).toBe(200);
    expect(upstream.seen).toEqual(['/orders/o1']);
  });
});

it.each([0, 2, 8])('a subscriber that is gone %i microtasks after it has asked leaves no stream behind', async (microtasks) => {
  await door.apply(configOf([operations.getOrder], upstream.url));
  const answered: Promise<void>[] = [];
  const server = createServer((request, response) => {
    answered.push(door.door.handle(request, response));
    request.once('end', () => {
      let left = microtasks;
      const leave = (): void => {
        left -= 1;
        if (left < 0) response.destroy();
        else queueMicrotask(leave);
      };
      leave();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const message = rpc(modern, 'subscriptions/listen', { notifications: { toolsListChanged: true } });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  await expect(send(url, { headers: headersFor(modern, message), body: JSON.stringify(message) })).rejects.toThrow();
  await Promise.all(answered);
  expect(door.door.streamCount).toBe(0);
  server.close();
});

it('lesson 26: while configurations change, every call sees one of them whole and none is lost', async () => {
  // The tool of each generation has a path of its own.
  const toolOf = (generation: number): ApiOperation => ({
    ...operation('getOrder', 'GET', `/orders/g${generation}-{id}`, { required: ['id'] }),
    operation_id: `g${generation}`,
  });
  const config = (generation: number): GatewayConfig =>
    configOf(
      [{ ...toolOf(generation), tool: { ...toolOf(generation).tool, description: `Generation ${generation}.` } }],
      upstream.url,
      [],
      generation,
    );
  await door.apply(config(1));
  let generation = 1;
  let stop = false;
  const swaps = (async () => {
    while (!stop) {
      generation += 1;
      await door.apply(config(generation));
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const caller = async (key: string): Promise<void> => {
    for (let count = 0; count < 60; count += 1) {
      const revision = count % 2 === 0 ? modern : older;
      const from = generation;
      const message = rpc(revision, 'tools/call', { name: 'getOrder', arguments: { id: 'x' } });
      const reply = await send(door.url, { headers: headersFor(revision, message, key), body: JSON.stringify(message) });
      const { id } = JSON.parse((reply.message as { result: { content: [{ text: string }] } }).result.content[0].text) as { id: string };
      const seen = Number(/^g(\d+)-x$/.exec(id)?.[1]);
      expect(seen).toBeGreaterThanOrEqual(from);
      expect(seen).toBeLessThanOrEqual(generation);
    }
  };
  await Promise.all([caller(keys.agent), caller(keys.other), caller(keys.agent), caller(keys.other)]);
  stop = true;
  await swaps;
  expect(generation).toBeGreaterThan(10);
});

// How long probes wait meanwhile is measured by experiments/cases/bad-pattern.ts.
describe('a pattern that a back-tracking engine would not finish', () => {
  it.each([
    ['nested repetition', '^(a+)+$', 'a'.repeat(25)],
    ['alternatives for the same text', '^(a|aa)+$', 'a'.repeat(25)],
    ['a long text and many states', '(?:[ab]{500}|[bc]{400})$', 'ab'.repeat(400)],
  ])('is read once for each text, by the linear engine, and never in the way of a back-tracking one: %s', async (_what, pattern, text) => {
    await door.apply(configOf([taking({ type: 'array', items: { type: 'string', pattern } })], upstream.url));
    const texts = Array.from({ length: 500 }, (_, index) => `${text}${index}!`);
    const message = rpc(modern, 'tools/call', { name: 'send', arguments: { body: texts } });
    const { linear, native } = await enginesThatRead(text, async () => {
      expect(JSON.stringify(await post(modern, message))).toMatch(/must be of the form|more values with patterns than can be checked/);
    });
    // Twice at most: the first fault is looked for before all are.
    expect([linear > 0, linear <= 2 * texts.length, native.filter((source) => source === pattern)]).toEqual([true, true, []]);
    expect(upstream.seen).toEqual([]);
  });
});
