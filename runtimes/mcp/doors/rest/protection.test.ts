import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { PolicySpec } from '@stoa/generated/schemas.ts';
import { describe, expect, it, vi } from 'vitest';
import { configOf, createOrder, getOrder, policyItem } from '../../testing/fixtures.ts';
import { agent, bearer, credential, openingRest, upgrade } from './testing/fixture.ts';

const { upstream, open, orders, withPolicies } = openingRest();
const path = '/apis/orders/orders/7';

/** Answers with these statuses, one after the other, and with the last from then on. */
const answerWith = (...statuses: number[]): void => {
  let at = 0;
  upstream.respond = (request, response) => {
    request.resume();
    response.writeHead(statuses[Math.min(at++, statuses.length - 1)] ?? 200).end('told');
  };
};

describe('a circuit breaker', () => {
  const breaker: PolicySpec = { kind: 'circuit_breaker', config: { minimum_calls: 2, open_s: 60 } };

  it('answers 503 and when to come back, and meters what was not made', async () => {
    const { ask, metered } = await open(withPolicies(breaker));
    answerWith(500);
    for (let calls = 0; calls < 2; calls += 1) expect(await ask(path)).toMatchObject({ status: 500, body: 'told' });
    const held = await ask(path);
    expect(held).toMatchObject({ status: 503, headers: { 'retry-after': '60' } });
    expect(JSON.parse(held.body)).toMatchObject({ code: 'circuit_open' });
    expect(upstream.seen).toHaveLength(2);
    expect(await metered()).toMatchObject([{ calls: 3, errors: 3 }]);
  });

  it('does not open for a caller who holds his body back, or reads no answer', async () => {
    const { ask, port, engine } = await open(withPolicies(breaker), { upstream: { timeoutMs: 30 } });
    // Answers once it has all, and with a failure to who keeps it waiting.
    upstream.respond = (request, response) => void request.resume().once('end', () => response.end('told'));
    for (let times = 0; times < 3; times += 1) {
      const sent = httpRequest({ port, path: '/apis/orders/orders', method: 'POST', headers: { ...bearer, 'content-length': '7' } });
      sent.on('error', () => undefined).write('{');
      const [answer] = await once(sent, 'response');
      expect(answer).toMatchObject({ statusCode: 504 });
      sent.destroy();
    }
    upstream.respond = (_request, response) => void response.writeHead(500).end();
    for (let times = 0; times < 3; times += 1) {
      const sent = httpRequest({ port, path: '/apis/orders/orders', method: 'POST', headers: { ...bearer, 'content-length': '7' } });
      sent.on('error', () => undefined).write('{');
      await once(sent, 'response');
      sent.destroy();
    }
    answerWith(200);
    expect(await ask(path)).toMatchObject({ status: 200 });
    expect(await engine.meter.registry.metrics()).toMatch(/stoa_circuit_breaker_opened_total\{.*\} 0/);
  });

  it('opens for an upstream that nobody listens at', async () => {
    const away = orders({ upstream: { url: 'http://127.0.0.1:9/v1' } });
    const { ask } = await open(configOf(away, agent, policyItem(breaker, [away])));
    // With a body too: nothing of it was waited for.
    expect(await ask('/apis/orders/orders', bearer, 'POST', '{}')).toMatchObject({ status: 502 });
    expect(await ask(path)).toMatchObject({ status: 502 });
    expect(await ask(path)).toMatchObject({ status: 503 });
  });
});

describe('a concurrency limit', () => {
  const one: PolicySpec = { kind: 'concurrency_limit', config: { max_concurrent_calls: 1 } };
  const isBusy = { status: 503, headers: { 'retry-after': '1' }, body: expect.stringContaining('upstream_busy') };

  it('counts a stream until it ends, or its caller has gone', async () => {
    const { ask, port } = await open(withPolicies(one));
    const ends: (() => void)[] = [];
    upstream.respond = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      ends.push(() => response.end());
    };
    const listen = async () => {
      const sent = httpRequest({ port, path, headers: bearer }).on('error', () => undefined);
      const [answer] = await once(sent.end(), 'response');
      answer.on('error', () => undefined).resume();
      return { sent, answer };
    };
    const first = await listen();
    expect(await ask(path)).toMatchObject(isBusy);
    const ended = once(first.answer, 'end');
    ends[0]?.();
    await ended;
    const second = await listen();
    expect(second.answer).toMatchObject({ statusCode: 200 });
    expect(await ask(path)).toMatchObject(isBusy);
    second.sent.destroy();
    await vi.waitUntil(async () => {
      const { sent, answer } = await listen();
      sent.destroy();
      return answer.statusCode === 200;
    });
  });

  it('counts a WebSocket until one side ends it', async () => {
    const { ask, port, nextGone } = await open(withPolicies(one));
    const gone = nextGone();
    const { socket, head } = await upgrade(port, credential);
    expect(head).toMatch(/^HTTP\/1.1 101/);
    expect(await ask(path)).toMatchObject(isBusy);
    socket.removeAllListeners('close').destroy();
    await gone;
    await vi.waitUntil(async () => (await ask(path)).status === 200);
  });
});

describe('a retry', () => {
  const retry: PolicySpec = { kind: 'retry', config: { max_retries: 2, base_interval_ms: 1 } };

  it('makes a request once more whose answer has not begun, and meters one', async () => {
    const { ask, metered } = await open(withPolicies(retry));
    answerWith(503, 502, 200);
    expect(await ask(path)).toMatchObject({ status: 200, body: 'told' });
    expect(upstream.seen).toHaveLength(3);
    expect(await metered()).toMatchObject([{ calls: 1, errors: 0, response_bytes: 4 }]);
  });

  it('makes it once more where the connection broke, and tells what the last attempt came to', async () => {
    const { ask } = await open(withPolicies(retry));
    upstream.respond = ({ socket }) => void socket.destroy();
    expect(await ask(path)).toMatchObject({ status: 502 });
    expect(upstream.seen).toHaveLength(3);
  });

  it('sends nothing twice whose body passed by, and once more what a policy has read whole', async () => {
    const replace = createOrder({ operation_id: 'replaceOrder', method: 'PUT', path: '/orders' });
    const api = orders({ operations: [getOrder(), { ...replace, tool: { ...replace.tool, name: 'orders_replace' } }] });
    const reading: PolicySpec = { kind: 'guardrails', config: { request: { max_depth: 9 } } };
    answerWith(503, 200);
    const passing = await open(configOf(api, agent, policyItem(retry, [api])));
    expect(await passing.ask('/apis/orders/orders', bearer, 'PUT', '{}')).toMatchObject({ status: 503 });
    answerWith(503, 200);
    const read = await open(configOf(api, agent, policyItem(retry, [api]), policyItem(reading, [api])));
    expect(await read.ask('/apis/orders/orders', bearer, 'PUT', '{}')).toMatchObject({ status: 200 });
  });

  it('makes nothing once more that is not idempotent, or asks for WebSocket', async () => {
    const { ask, port } = await open(withPolicies(retry));
    answerWith(503);
    expect(await ask('/apis/orders/orders', bearer, 'POST', '{}')).toMatchObject({ status: 503 });
    upstream.takesUpgrades(false);
    const { socket, head } = await upgrade(port, credential);
    expect(head).toMatch(/^HTTP\/1.1 503/);
    socket.removeAllListeners('close').destroy();
    expect(upstream.seen).toHaveLength(2);
  });

  it('ends with its caller, while it waits', async () => {
    const slow: PolicySpec = { kind: 'retry', config: { max_retries: 1, base_interval_ms: 10_000, max_interval_ms: 10_000 } };
    const { port, metered, nextGone } = await open(withPolicies(slow));
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const asked = Promise.withResolvers<void>();
    upstream.respond = (_request, response) => {
      response.writeHead(503).end();
      asked.resolve();
    };
    const gone = nextGone();
    const sent = httpRequest({ port, path, headers: bearer, agent: false }).on('error', () => undefined);
    sent.end();
    await asked.promise;
    sent.destroy();
    await gone;
    expect(await metered()).toMatchObject([{ calls: 1 }]);
    expect(upstream.seen).toHaveLength(1);
    vi.restoreAllMocks();
  });
});
