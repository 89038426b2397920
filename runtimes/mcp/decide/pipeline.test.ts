import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { ApiItem, ContentGuard, GatewayConfig, GuardrailsConfig } from '@stoa/generated/schemas.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../engine.ts';
import { authorizeRequest } from './authorize-request.ts';
import { callTool, listTools } from './call-tool.ts';
import { bearing } from './proofs/possession.ts';
import { identify } from './identify.ts';
import { argumentsIn } from '../doors/told-arguments.ts';
import { matchTarget } from '../snapshot/routes.ts';
import { Cancellation } from '../upstream/cancellation.ts';
import type { CallOutcome } from './call-outcome.ts';
import {
  apiItem,
  compile,
  configOf,
  consumerItem,
  createOrder,
  engineOf,
  getOrder,
  planItem,
  planSubscriptionItem,
  policyItem,
  subscriptionItem,
} from '../testing/fixtures.ts';

type Seen = { method: string | undefined; url: string | undefined; headers: IncomingMessage['headers']; body: string };

let url: string;
let seen: Seen[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const server = createServer((request, response) => {
  void text(request).then((body) => {
    seen.push({ method: request.method, url: request.url, headers: request.headers, body });
    answer(request, response);
  });
});

beforeEach(async () => {
  seen = [];
  answer = (_request, response) => response.setHeader('content-type', 'application/json').end('{"id":"7"}');
  url = `${server.listening ? url : await listen(server, { host: '127.0.0.1', port: 0 })}`;
});

let opened: Engine[] = [];
afterEach(async () => {
  for (const engine of opened) await engine.close();
  opened = [];
  if (server.listening) await closeGracefully(server, 0);
});

function serve(config: GatewayConfig, options: Parameters<typeof engineOf>[1] = {}) {
  const made = engineOf(config, options);
  opened.push(made.engine);
  return made;
}

function caller(engine: Engine, key: string) {
  const found = identify(engine.snapshot, key, Date.now());
  if (found === null) throw new Error('The key is not known.');
  return found;
}

async function call(
  engine: Engine,
  key: string,
  toolName = 'orders_getOrder',
  args: Record<string, unknown> = { order_id: '7' },
  cancellation?: Cancellation,
): Promise<CallOutcome> {
  return callTool(engine, { snapshot: engine.snapshot, caller: caller(engine, key), toolName, args, cancellation, requestId: randomUUID() });
}

function ask(
  engine: Engine,
  key: string | undefined,
  pathAndQuery = '/v1/orders/7',
  method = 'GET',
  headers: Record<string, string> = {},
  addressOf?: () => string,
) {
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const { snapshot } = engine;
  const route = matchTarget(snapshot.matchRoute, method, pathAndQuery);
  return authorizeRequest(
    engine,
    { snapshot, route, argumentsOf: argumentsIn(pathAndQuery), headers: { ...authorization, ...headers }, proven: bearing, addressOf },
    'authz',
  );
}

const twoTools = (given: Partial<ApiItem> = {}) => apiItem({ url: `${url}/v1`, operations: [getOrder(), createOrder()], ...given });

describe('guardrails', () => {
  const card = '4111 1111 1111 1111';
  const guarding = (config: GuardrailsConfig) => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const { engine } = serve(configOf(api, item, policyItem({ kind: 'guardrails', config }, [api])));
    return {
      engine,
      create: (body: object) => call(engine, key, 'orders_createOrder', { body }),
      read: (id: string) => call(engine, key, 'orders_getOrder', { order_id: id }),
    };
  };
  const masking = { detectors: [{ detector: 'payment_card', action: 'mask' }] } as const satisfies ContentGuard;

  it('mask what goes to the upstream, and what comes from it', async () => {
    answer = (_request, response) => response.setHeader('content-type', 'application/json').end(`{"big":1.10,"card":"${card}"}`);
    const { create, engine } = guarding({ request: masking, response: masking });
    expect(await create({ a: card })).toMatchObject({ isError: false, text: '{"big":1.10,"card":"[payment_card]"}' });
    expect(seen[0]).toMatchObject({ body: '{"a":"[payment_card]"}', headers: { 'content-length': '22' } });
    const metrics = await engine.meter.registry.metrics();
    expect(metrics).toContain('stoa_guardrail_findings_total{direction="request",finding="payment_card",action="mask"} 1');
    expect(metrics).toContain('stoa_guardrail_findings_total{direction="response",finding="payment_card",action="mask"} 1');
  });

  it('refuse what they cannot mask, before the upstream hears of it', async () => {
    const { read, engine } = guarding({ request: masking });
    expect(await read(card)).toEqual({ kind: 'content_refused', reason: 'the policy guardrails finds payment_card in it' });
    expect(seen).toEqual([]);
    expect(await engine.meter.registry.metrics()).toContain('stoa_calls_total{door="mcp",outcome="content_refused"} 1');
  });

  it('withhold an answer, and say that the call was made', async () => {
    answer = (_request, response) => response.end(card);
    const { read } = guarding({ response: { detectors: [{ detector: 'payment_card', action: 'refuse' }] } });
    expect(await read('7')).toEqual({ kind: 'answer_withheld', reason: 'the policy guardrails finds payment_card in it' });
    expect(seen).toHaveLength(1);
  });

  it('report and change nothing', async () => {
    const { create, engine } = guarding({ request: { patterns: [{ name: 'code', pattern: 'Falcon', action: 'report' }] } });
    expect(await create({ a: 'Falcon' })).toMatchObject({ isError: false });
    expect(seen[0]?.body).toBe('{"a":"Falcon"}');
    expect(await engine.meter.registry.metrics()).toContain('stoa_guardrail_findings_total{direction="request",finding="pattern",action="report"} 1');
  });
});

describe('calling a tool', () => {
  it('answers with the text and, where the tool promises it, the structure of the upstream', async () => {
    const { item, key } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item));
    const text = '{"id":"7"}';
    expect(await call(engine, key)).toEqual({ kind: 'result', isError: false, status: 200, text });
    const { tool } = getOrder();
    engine.replace(compile(configOf(twoTools({ operations: [getOrder({ tool: { ...tool, output_schema: { type: 'object' } } })] }), item)).snapshot);
    expect(await call(engine, key)).toEqual({ kind: 'result', isError: false, status: 200, text, structured: text });
    expect(seen[0]).toMatchObject({ method: 'GET', url: '/v1/orders/7' });
  });

  it('sends a body with its type and length', async () => {
    const { item, key } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item));
    await call(engine, key, 'orders_createOrder', { body: { sku: 'é' } });
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/v1/orders',
      body: '{"sku":"é"}',
      headers: { 'content-type': 'application/json', 'content-length': '12' },
    });
  });

  it("lesson 27: the upstream gets the gateway's own credential, never the caller's, and redirects are not followed", async () => {
    const { item, key } = consumerItem();
    answer = (_request, response) => response.writeHead(302, { location: `${url}/internal` }).end();
    const { engine } = serve(configOf(twoTools({ upstream: { url: `${url}/v1`, auth: { header: 'Authorization', value: 'Bearer ours' } } }), item));
    expect(await call(engine, key)).toEqual({
      kind: 'result',
      isError: true,
      status: 302,
      text: `The API answered 302 Found. Its Location is ${url}/internal; the gateway does not follow it.`,
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]?.headers.authorization).toBe('Bearer ours');
    expect(JSON.stringify(seen)).not.toContain(key);
  });

  it('tells a model status and body of a failed call', async () => {
    const { item, key } = consumerItem();
    answer = (_request, response) => response.writeHead(404, { 'content-type': 'application/problem+json' }).end('{"title":"No such order"}');
    const { engine } = serve(configOf(twoTools(), item));
    expect(await call(engine, key)).toMatchObject({
      isError: true,
      status: 404,
      text: 'The API answered 404 Not Found.\n\n{"title":"No such order"}',
    });
  });

  it.each([
    ['text/plain; charset=iso-8859-1', Buffer.from('caf\xe9', 'latin1'), 'café'],
    ['text/plain; charset="windows-1252"', Buffer.from([0x80]), '€'],
    ['text/plain; charset=nonsense', Buffer.from('é'), 'é'],
    ['application/json', Buffer.from('\uFEFF{"id":"é"}'), '{"id":"é"}'],
    ['application/json; charset=iso-8859-1', Buffer.from('{"id":"é"}'), '{"id":"é"}'],
  ])('reads an answer of type %s in its charset', async (type, body, expected) => {
    const { item, key } = consumerItem();
    answer = (_request, response) => response.writeHead(200, { 'content-type': type }).end(body);
    const { engine } = serve(configOf(twoTools(), item));
    expect(await call(engine, key)).toMatchObject({ isError: false, text: expected });
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('reads an answer that comes as %s although it was asked not to', async (encoding, compress) => {
    const { item, key } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item), { upstream: { maxResponseBytes: 1000 } });
    const head = { 'content-type': 'application/json', 'content-encoding': encoding };
    answer = (_request, response) => response.writeHead(200, head).end(compress('{"id":"7"}'));
    expect(await call(engine, key)).toMatchObject({ isError: false, text: '{"id":"7"}' });
    answer = (_request, response) => response.writeHead(200, head).end(compress(Buffer.alloc(100_000)));
    expect(await call(engine, key)).toMatchObject({ kind: 'upstream_failed', reason: "The upstream's answer is larger than 1000 bytes." });
    answer = (_request, response) => response.writeHead(200, head).end('{"id":"7"}');
    expect(await call(engine, key)).toMatchObject({ kind: 'upstream_failed', reason: 'The upstream sent an answer that cannot be decompressed.' });
    expect(seen[0]?.headers['accept-encoding']).toBe('identity');
  });

  it('logs why an upstream failed, but nothing that it sent', async () => {
    const { item, key } = consumerItem();
    const lines: string[] = [];
    const log = createLogger({ program: 'test', level: 'trace', destination: { write: (line: string) => void lines.push(line) } });
    answer = (request) => request.socket.end('NONSENSE with a secret-of-the-upstream\r\n\r\n');
    const { engine } = serve(configOf(twoTools(), item), { log });
    expect(await call(engine, key)).toMatchObject({ kind: 'upstream_failed' });
    expect(lines.join('')).toContain('does not match the HTTP/1.1 protocol');
    expect(lines.join('')).not.toContain('secret-of-the-upstream');
  });

  it('names every fault of the arguments and sends nothing', async () => {
    const { item, key } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item));
    const outcome = await call(engine, key, 'orders_getOrder', { order_id: 7, colour: 'red' });
    expect(outcome).toEqual({
      kind: 'invalid_arguments',
      errors: [
        { pointer: '/colour', message: 'is not an argument of this tool' },
        { pointer: '/order_id', message: 'must be string' },
      ],
    });
    expect(seen).toEqual([]);
  });

  it('lesson 36: gives up after the stated time', async () => {
    const { item, key } = consumerItem();
    answer = () => undefined;
    const { engine } = serve(configOf(twoTools(), item), { upstream: { timeoutMs: 20 } });
    expect(await call(engine, key)).toEqual({ kind: 'upstream_failed', reason: 'The upstream did not answer within 0.02 s.', timeout: true });
  });

  it('lesson 36: ends the upstream request when the caller cancels', async () => {
    const { item, key } = consumerItem();
    const cancellation = new Cancellation();
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    answer = (request) => {
      request.socket.once('close', () => resolve());
      cancellation.cancel();
    };
    const { engine } = serve(configOf(twoTools(), item));
    expect(await call(engine, key, undefined, undefined, cancellation)).toEqual({ kind: 'cancelled' });
    await closed;
  });

  it('refuses an answer beyond its bound, announced or not', async () => {
    const { item, key } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item), { upstream: { maxResponseBytes: 100 } });
    answer = (_request, response) => response.writeHead(200, { 'content-length': 101 }).end('x'.repeat(101));
    expect(await call(engine, key)).toMatchObject({ kind: 'upstream_failed', reason: "The upstream's answer is larger than 100 bytes." });
    answer = (_request, response) => {
      response.write('x'.repeat(60));
      response.end('x'.repeat(60));
    };
    expect(await call(engine, key)).toMatchObject({ kind: 'upstream_failed', timeout: false });
  });

  it('lesson 33: bounds what waits for one upstream, and frees the place whatever becomes of a call', async () => {
    const { item, key } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item), { upstream: { maxCallsPerOrigin: 1 } });
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    answer = () => arrive();
    const cancellation = new Cancellation();
    const first = call(engine, key, undefined, undefined, cancellation);
    await arrived;
    expect(await call(engine, key)).toEqual({
      kind: 'upstream_failed',
      reason: 'Too many calls to this upstream are waiting; try again later.',
      timeout: false,
    });
    cancellation.cancel();
    expect(await first).toEqual({ kind: 'cancelled' });
    answer = (_request, response) => response.end('ok');
    expect(await call(engine, key)).toMatchObject({ kind: 'result', text: 'ok' });
  });

  it('says in one sentence, without an address, that the upstream cannot be reached', async () => {
    const { item, key } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item));
    await closeGracefully(server, 0);
    expect(await call(engine, key)).toEqual({
      kind: 'upstream_failed',
      reason: 'The upstream could not be reached or broke the connection.',
      timeout: false,
    });
  });

  it('owes an object where the tool declares one, and says that the call itself succeeded', async () => {
    const { item, key } = consumerItem();
    const operation = getOrder();
    const declared = { ...operation, tool: { ...operation.tool, output_schema: { type: 'object' } } };
    answer = (_request, response) => response.writeHead(204).end();
    const { engine } = serve(configOf(twoTools({ operations: [declared] }), item));
    expect(await call(engine, key)).toMatchObject({
      kind: 'result',
      isError: true,
      status: 204,
      text: 'The call succeeded, its answer does not fit at its root: must be JSON, the API answered 204 No Content with no body.',
    });
  });

  it('a call in flight keeps the snapshot it began with', async () => {
    const { item, key } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item));
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<ServerResponse>();
    answer = (_request, response) => arrive(response);
    const calling = call(engine, key);
    const response = await arrived;
    engine.replace(compile(configOf()).snapshot);
    response.setHeader('content-type', 'application/json').end('{"late":true}');
    expect(await calling).toMatchObject({ text: '{"late":true}' });
  });
});

describe('access', () => {
  const readOnly = 'permit(principal, action, resource) when { resource.read_only };';

  it('lesson 25: a tool the caller may not use is neither listed nor distinguishable from one that does not exist', async () => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const { engine } = serve(configOf(api, item, policyItem({ kind: 'tool_access', config: { cedar: readOnly } }, [api])));
    expect(listTools(engine.snapshot, caller(engine, key)).map((tool) => tool.name)).toEqual(['orders_getOrder']);
    const hidden = await call(engine, key, 'orders_createOrder', { body: 'not even valid' });
    expect(hidden).toEqual(await call(engine, key, 'no_such_tool', {}));
  });

  it('without a tool_access policy every consumer may use every tool, as one list', () => {
    const [one, other] = [consumerItem('one'), consumerItem('other')];
    const { engine } = serve(configOf(twoTools(), one.item, other.item));
    expect(listTools(engine.snapshot, caller(engine, one.key))).toHaveLength(2);
    expect(listTools(engine.snapshot, caller(engine, one.key))).toBe(listTools(engine.snapshot, caller(engine, other.key)));
  });

  it('tells consumers apart by name and label', async () => {
    const api = twoTools();
    const cedar = `permit(principal == Consumer::"boss", action == Action::"call", resource);
      permit(principal, action, resource) when { principal.labels has team && principal.labels.team == "sales" && resource.method == "GET" };`;
    const [boss, sales, other] = [consumerItem('boss'), consumerItem('seller', { labels: { team: 'sales' } }), consumerItem('other')];
    const { engine } = serve(configOf(api, boss.item, sales.item, other.item, policyItem({ kind: 'tool_access', config: { cedar } }, [api])));
    const names = (key: string) => listTools(engine.snapshot, caller(engine, key)).map((tool) => tool.name);
    expect([names(boss.key), names(sales.key), names(other.key)]).toEqual([['orders_createOrder', 'orders_getOrder'], ['orders_getOrder'], []]);
  });

  it('a forbid that cannot be evaluated forbids', () => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const cedar = 'permit(principal, action, resource); forbid(principal, action, resource) when { principal.labels.team == "sales" };';
    const { engine } = serve(configOf(api, item, policyItem({ kind: 'tool_access', config: { cedar } }, [api])));
    expect(listTools(engine.snapshot, caller(engine, key))).toEqual([]);
  });

  it('lesson 26: changed, revoked and expired keys and withdrawn tools are gone with the next snapshot', async () => {
    const { item, key } = consumerItem('one', { expiresAt: '2030-01-01T00:00:00.000Z' });
    const { engine } = serve(configOf(twoTools(), item));
    expect(identify(engine.snapshot, key, Date.parse('2029-12-31T23:59:59.999Z'))).not.toBeNull();
    expect(identify(engine.snapshot, key, Date.parse('2030-01-01T00:00:00.000Z'))).toBeNull();
    const known = caller(engine, key);
    engine.replace(compile(configOf(item)).snapshot);
    expect(listTools(engine.snapshot, known)).toEqual([]);
    engine.replace(compile(configOf(twoTools())).snapshot);
    expect(identify(engine.snapshot, key, Date.now())).toBeNull();
    expect(listTools(engine.snapshot, known)).toEqual([]);
  });
});

describe('limits', () => {
  it('lesson 22: both doors share one limit, keyed on the consumer', async () => {
    const [one, other] = [consumerItem('one'), consumerItem('other')];
    const api = twoTools();
    const { engine } = serve(
      configOf(api, one.item, other.item, policyItem({ kind: 'rate_limit', config: { limit: 2, window_s: 60 } }, [api], 'two-a-minute')),
    );
    expect(await call(engine, one.key)).toMatchObject({ kind: 'result' });
    expect(ask(engine, one.key)).toMatchObject({ kind: 'allowed' });
    const refused = { kind: 'rate_limited', policy: 'two-a-minute', retryAfterS: 60 };
    expect(await call(engine, one.key)).toEqual(refused);
    expect(ask(engine, one.key)).toEqual(refused);
    expect(await call(engine, other.key)).toMatchObject({ kind: 'result' });
  });

  it('lesson 29: a new snapshot with the same policy resets nothing, and refused or invalid calls take nothing from other limits', async () => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const wide = policyItem({ kind: 'rate_limit', config: { limit: 2, window_s: 60 } }, [api], 'wide');
    const narrow = policyItem({ kind: 'rate_limit', config: { limit: 1, window_s: 60 } }, [api], 'narrow');
    const { engine } = serve(configOf(api, item, wide, narrow));
    await call(engine, key, 'orders_getOrder', { order_id: '..' });
    await call(engine, key);
    engine.replace(compile(configOf(api, item, wide, narrow)).snapshot);
    expect(await call(engine, key)).toMatchObject({ kind: 'rate_limited', policy: 'narrow' });
    expect(await call(engine, key)).toMatchObject({ kind: 'rate_limited', policy: 'narrow' });
    engine.replace(compile(configOf(api, item, wide)).snapshot);
    expect(await call(engine, key)).toMatchObject({ kind: 'result' });
    expect(await call(engine, key)).toMatchObject({ kind: 'rate_limited', policy: 'wide' });
  });

  it('of a plan are counted for each subscriber, over all its APIs and both doors, beside those of the API, and count for nobody else', async () => {
    const [one, other, direct] = [consumerItem('one'), consumerItem('other'), consumerItem('direct')];
    const api = { ...twoTools(), subscription_required: true };
    const second = apiItem({
      name: 'second',
      url,
      operations: [getOrder({ operation_id: 'x', path: '/x/{order_id}', tool: { ...getOrder().tool, name: 'second_get' } })],
    });
    const gold = planItem(
      'gold',
      [api, second],
      { kind: 'rate_limit', config: { limit: 3, window_s: 60 } },
      { kind: 'quota', config: { limit: 9, period: 'day' } },
    );
    const subscriptions = [planSubscriptionItem(gold, one.item), planSubscriptionItem(gold, other.item), subscriptionItem(api, direct.item)];
    const { engine } = serve(configOf(api, second, gold, one.item, other.item, direct.item, ...subscriptions));
    expect(await call(engine, one.key)).toMatchObject({ kind: 'result' });
    expect(await call(engine, one.key, 'second_get')).toMatchObject({ kind: 'result' });
    expect(ask(engine, one.key)).toMatchObject({ kind: 'allowed' });
    const refused = { kind: 'rate_limited', policy: 'gold-rate-limit', retryAfterS: 60 };
    expect([await call(engine, one.key, 'second_get'), ask(engine, one.key)]).toEqual([refused, refused]);
    expect(await call(engine, other.key)).toMatchObject({ kind: 'result' });
    for (let calls = 0; calls < 4; calls += 1) expect(await call(engine, direct.key)).toMatchObject({ kind: 'result' });
  });

  it('of a plan hold whatever else lets the subscriber call, and what cannot be held lets him call nothing of it', async () => {
    const { item, key } = consumerItem();
    const api = { ...twoTools(), subscription_required: true };
    const open = apiItem({ name: 'open', url, operations: [getOrder({ path: '/y/{order_id}', tool: { ...getOrder().tool, name: 'open_get' } })] });
    const gold = planItem('gold', [api, open], { kind: 'rate_limit', config: { limit: 1, window_s: 60 } });
    const iron = planItem('iron', [open], { kind: 'cors', config: { allow_origins: ['*'] } });
    const both = configOf(api, open, gold, item, planSubscriptionItem(gold, item), subscriptionItem(api, item));
    const { engine } = serve(both);
    expect(await call(engine, key)).toMatchObject({ kind: 'result' });
    for (const tool of ['orders_getOrder', 'open_get']) expect(await call(engine, key, tool)).toMatchObject({ kind: 'rate_limited' });
    const { snapshot, items } = compile({ ...both, items: [...both.items, iron, planSubscriptionItem(iron, item)] });
    expect(items).toEqual([{ id: iron.id, state: 'rejected', phase: 'render', reason: expect.stringMatching(/none of its APIs.*iron-cors.*cors/) }]);
    engine.replace(snapshot);
    expect(listTools(snapshot, caller(engine, key)).map(({ name }) => name)).not.toContain('open_get');
    expect(await call(engine, key, 'open_get')).toMatchObject({ kind: 'unknown_tool' });
  });

  it('refuses a request body beyond the limit of its API', async () => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const { engine } = serve(configOf(api, item, policyItem({ kind: 'request_size_limit', config: { max_bytes: 10 } }, [api])));
    expect(await call(engine, key, 'orders_createOrder', { body: { a: 1234567 } })).toEqual({ kind: 'too_large', maxBytes: 10 });
    expect(await call(engine, key, 'orders_createOrder', { body: { a: 1 } })).toMatchObject({ kind: 'result' });
  });

  it('refuses a call from an address that a policy does not admit, which uses nothing up of a limit', async () => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const from = policyItem({ kind: 'ip_restriction', config: { allow: ['10.0.0.0/8'] } }, [api]);
    const once = policyItem({ kind: 'rate_limit', config: { limit: 1, window_s: 3600 } }, [api]);
    const { engine } = serve(configOf(api, item, from, once));
    const callFrom = (address: string | undefined) =>
      callTool(engine, {
        snapshot: engine.snapshot,
        caller: caller(engine, key),
        toolName: 'orders_getOrder',
        args: { order_id: '7' },
        addressOf: () => address,
        requestId: randomUUID(),
      });
    expect(await callFrom('192.0.2.1')).toEqual({ kind: 'address_refused' });
    expect(await callFrom(undefined)).toEqual({ kind: 'address_refused' });
    expect(seen).toEqual([]);
    expect(await callFrom('10.0.0.1')).toMatchObject({ kind: 'result' });
  });

  it('refuses what every one of several address restrictions does not admit', async () => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const restrictions = [{ allow: ['10.0.0.0/8'] }, { deny: ['10.1.0.0/16'] }].map((config) =>
      policyItem({ kind: 'ip_restriction', config }, [api]),
    );
    const { engine } = serve(configOf(api, item, ...restrictions));
    const verdictFrom = async (address: string) => (await ask(engine, key, '/v1/orders/7', 'GET', {}, () => address)).kind;
    expect(await Promise.all(['10.2.0.1', '10.1.0.1', '192.0.2.1'].map(verdictFrom))).toEqual(['allowed', 'address_refused', 'address_refused']);
  });

  it('tells the upstream who calls, by which request and trace, which no argument can', async () => {
    const { item, key } = consumerItem();
    const names = ['X-Stoa-Consumer', 'x_stoa_consumer', 'X-Request-Id', 'X_Request.Id', 'Traceparent', 'TRACESTATE', 'x-stoa-assertion'];
    const properties = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
    const bindings = names.map((name) => ({ argument: name, in: 'header' as const, name, required: false }));
    const { tool } = getOrder();
    const operation = {
      operation_id: 'spoof',
      path: '/spoof',
      tool: { ...tool, name: 'spoof', input_schema: { type: 'object', properties } },
      bindings,
    };
    const { engine } = serve(configOf(twoTools({ operations: [getOrder(operation)] }), item));
    await call(engine, key, 'spoof', Object.fromEntries(names.map((name) => [name, 'root'])));
    const { 'x-request-id': requestId, ...headers } = seen[0]?.headers ?? {};
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    const traceId = String(requestId).replaceAll('-', '');
    expect(headers).toMatchObject({ 'x-stoa-consumer': 'support-agent', traceparent: `00-${traceId}-${traceId.slice(16)}-00` });
    expect(Object.values(headers)).not.toContain('root');
  });

  it('tells the upstream who calls, which no policy of before can', async () => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const set = { 'X-Stoa-Consumer': 'ceo', X_Stoa_Consumer: 'ceo', 'X-Request-Id': 'ceo', 'X-Stoa-Assertion': 'ceo' };
    const { engine } = serve(configOf(api, item, policyItem({ kind: 'headers', config: { request: { set } } }, [api])));
    await call(engine, key);
    expect(seen[0]?.headers['x-stoa-consumer']).toBe('support-agent');
    expect(Object.values(seen[0]?.headers ?? {})).not.toContain('ceo');
  });

  it('sets and removes request headers', async () => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const headers = policyItem({ kind: 'headers', config: { request: { set: { 'X-Channel': 'agents' }, remove: ['User-Agent'] } } }, [api]);
    const { engine } = serve(configOf(api, item, headers));
    await call(engine, key);
    expect(seen[0]?.headers).toMatchObject({ 'x-channel': 'agents' });
    expect(seen[0]?.headers).not.toHaveProperty('user-agent');
  });
});

describe('authorizing a request of another gateway', () => {
  it('allows and names consumer and operation', async () => {
    const { item, key } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item));
    expect(ask(engine, key, '/v1/orders/7?x=1')).toMatchObject({
      kind: 'allowed',
      caller: { consumerName: 'support-agent' },
      operation: { operationId: 'getOrder' },
    });
  });

  it('lesson 31: believes a key only, never an asserted identity', async () => {
    const { item } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item));
    const asserted = { 'x-consumer-username': 'support-agent', 'x-stoa-consumer': 'support-agent', 'x-forwarded-user': 'support-agent' };
    expect(ask(engine, undefined, undefined, undefined, asserted)).toMatchObject({ kind: 'unauthenticated' });
    expect(ask(engine, 'unknown', undefined, undefined, asserted)).toMatchObject({ kind: 'unauthenticated' });
  });

  it('reads the key from the header that the API names', async () => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const { engine } = serve(configOf(api, item, policyItem({ kind: 'api_key_auth', config: { header: 'X-API-Key' } }, [api])));
    expect(ask(engine, undefined, '/v1/orders/7', 'GET', { 'x-api-key': key })).toMatchObject({ kind: 'allowed' });
    expect(ask(engine, key, '/v1/orders/7', 'GET', { 'x-api-key': 'wrong' })).toMatchObject({ kind: 'unauthenticated' });
  });

  it('denies without blaming the caller when the counters are away', async () => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const consume = (): never => {
      throw new Error('away');
    };
    const limits = { consume, retain: () => undefined, standing: () => [] };
    const { engine, usage } = serve(configOf(api, item, policyItem({ kind: 'rate_limit', config: { limit: 1, window_s: 1 } }, [api])), { limits });
    expect(ask(engine, key)).toEqual({ kind: 'undecided' });
    expect(await call(engine, key)).toEqual({ kind: 'upstream_failed', reason: 'The gateway could not make the call.', timeout: false });
    await engine.close();
    const metered = { operation_id: 'getOrder', consumer_id: item.consumer_id, calls: 1 };
    expect(usage).toHaveLength(2);
    expect(usage).toEqual(expect.arrayContaining(['mcp', 'authz'].map((door) => expect.objectContaining({ ...metered, door }))));
    const counted = await engine.meter.registry.metrics();
    expect(counted).toContain('stoa_calls_total{door="authz",outcome="undecided"} 1');
    expect(counted).toContain('stoa_calls_total{door="mcp",outcome="upstream_error"} 1');
  });

  it('applies the same access as a tool call, and unknown routes look no different', async () => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const { engine } = serve(
      configOf(
        api,
        item,
        policyItem({ kind: 'tool_access', config: { cedar: 'permit(principal, action, resource) when { resource.read_only };' } }, [api]),
      ),
    );
    expect(ask(engine, key)).toMatchObject({ kind: 'allowed' });
    expect(ask(engine, key, '/v1/orders', 'POST')).toEqual({ kind: 'forbidden' });
    expect(ask(engine, key, '/nothing', 'POST')).toEqual({ kind: 'forbidden' });
  });
});

it('lesson 30: denied and failed calls are metered by door as well', async () => {
  const { item, key } = consumerItem();
  const api = twoTools();
  const { engine, usage } = serve(configOf(api, item, policyItem({ kind: 'rate_limit', config: { limit: 3, window_s: 60 } }, [api])));
  await call(engine, key);
  answer = (_request, response) => response.writeHead(503).end('away');
  await call(engine, key);
  await ask(engine, key);
  await call(engine, key);
  await ask(engine, undefined);
  await engine.close();
  const expected = { api_id: api.api_id, operation_id: 'getOrder' };
  expect(usage).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ ...expected, consumer_id: item.consumer_id, door: 'mcp', calls: 3, errors: 1, denied: 1, response_bytes: 14 }),
      expect.objectContaining({ ...expected, consumer_id: item.consumer_id, door: 'authz', calls: 1, errors: 0, denied: 0 }),
      expect.objectContaining({ ...expected, door: 'authz', calls: 1, denied: 1 }),
    ]),
  );
  expect(usage).toHaveLength(3);
  expect(await engine.meter.registry.metrics()).toContain('stoa_calls_total{door="mcp",outcome="rate_limited"} 1');
});
