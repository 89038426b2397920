import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { callTool, listTools } from './call-tool.ts';
import {
  apiItem,
  compile,
  configOf,
  consumerItem,
  getOrder,
  planItem,
  planSubscriptionItem,
  policyItem,
  subscriptionItem,
} from '../testing/fixtures.ts';
import { pipelineBench } from '../testing/pipeline-bench.ts';

const bench = pipelineBench();
const { answerBy, ask, call, caller, seen, serve, twoTools } = bench;

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
      url: bench.url,
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
    const open = apiItem({
      name: 'open',
      url: bench.url,
      operations: [getOrder({ path: '/y/{order_id}', tool: { ...getOrder().tool, name: 'open_get' } })],
    });
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

  it('of bytes count what calls have moved, of all doors that make them, and refuse the next when they are used up', async () => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const budget = policyItem({ kind: 'quota', config: { limit: 30, period: 'day', unit: 'bytes' } }, [api], 'budget');
    const { engine } = serve(configOf(api, item, budget));
    answerBy((_request, response) => response.setHeader('content-type', 'text/plain').end('0123456789'));
    expect(await call(engine, key, 'orders_getOrder', { order_id: '..' })).toMatchObject({ kind: 'invalid_arguments' });
    for (let calls = 0; calls < 2; calls += 1) expect(await call(engine, key)).toMatchObject({ kind: 'result' });
    // Ten of the answer, and nine of the request.
    expect(await call(engine, key, 'orders_createOrder', { body: { a: 100 } })).toMatchObject({ kind: 'result' });
    const refused = { kind: 'rate_limited', policy: 'budget' };
    expect(await call(engine, key)).toMatchObject(refused);
    expect(ask(engine, key)).toMatchObject(refused);
    expect(seen).toHaveLength(3);
  });

  it('of a tool, or of all callers together, are counted so', async () => {
    const [one, other] = [consumerItem('one'), consumerItem('other')];
    const api = twoTools();
    const byTool = policyItem({ kind: 'rate_limit', config: { limit: 1, window_s: 3600, limit_by: 'consumer_and_tool' } }, [api], 'by-tool');
    const byAll = policyItem(
      { kind: 'rate_limit', config: { limit: 3, window_s: 3600, algorithm: 'token_bucket', limit_by: 'tenant' } },
      [api],
      'by-all',
    );
    const { engine } = serve(configOf(api, one.item, other.item, byTool, byAll));
    expect(await call(engine, one.key)).toMatchObject({ kind: 'result' });
    expect(await call(engine, one.key)).toMatchObject({ kind: 'rate_limited', policy: 'by-tool' });
    expect(await call(engine, one.key, 'orders_createOrder', { body: {} })).toMatchObject({ kind: 'result' });
    expect(ask(engine, other.key)).toMatchObject({ kind: 'allowed' });
    expect(await call(engine, other.key, 'orders_createOrder', { body: {} })).toMatchObject({
      kind: 'rate_limited',
      policy: 'by-all',
      retryAfterS: 1200,
    });
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

it('lesson 30: denied and failed calls are metered by door as well', async () => {
  const { item, key } = consumerItem();
  const api = twoTools();
  const { engine, usage } = serve(configOf(api, item, policyItem({ kind: 'rate_limit', config: { limit: 3, window_s: 60 } }, [api])));
  await call(engine, key);
  answerBy((_request, response) => response.writeHead(503).end('away'));
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
