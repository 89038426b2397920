import type { PolicySpec } from '@stoa/generated/schemas.ts';
import { describe, expect, it, vi } from 'vitest';
import { configOf, consumerItem, policyItem } from '../testing/fixtures.ts';
import { pipelineBench } from '../testing/pipeline-bench.ts';
import { Cancellation } from '../upstream/cancellation.ts';
import { createUpstreamMemory, UpstreamTable } from '../upstream/protection/upstream-table.ts';

const bench = pipelineBench();
const { answerBy, ask, call, seen, serve, twoTools } = bench;

/** An engine whose upstream is protected by policies, and a clock for them. */
function protectedBy(specs: readonly PolicySpec[], { timeoutMs = 30_000, url = bench.url } = {}) {
  const { item, key } = consumerItem();
  const api = twoTools({ upstream: { url: `${url}/v1` } });
  const clock = { ms: 1_000_000 };
  const memory = createUpstreamMemory();
  const protection = { memory, now: () => clock.ms };
  const policies = specs.map((spec) => policyItem(spec, [api]));
  const { engine } = serve(configOf(api, item, ...policies), { protection, upstream: { timeoutMs } });
  return {
    engine,
    key,
    clock,
    memory,
    read: (cancellation?: Cancellation) => call(engine, key, 'orders_getOrder', { order_id: '7' }, cancellation),
    create: () => call(engine, key, 'orders_createOrder', { body: {} }),
    metrics: () => engine.meter.registry.metrics(),
  };
}

/** Answers with these statuses, one after the other, and with the last from then on. */
const answerWith = (...statuses: number[]): void => {
  let at = 0;
  answerBy((_request, response) => response.writeHead(statuses[Math.min(at++, statuses.length - 1)] ?? 200).end('{}'));
};

const breaker = { kind: 'circuit_breaker', config: { minimum_calls: 4, open_s: 10 } } as const satisfies PolicySpec;
const isOpen = { kind: 'circuit_open', policy: 'circuit-breaker' };

describe('a circuit breaker', () => {
  it('opens when half of the calls fail, and says when to come back, without asking the upstream or counting the call against a limit', async () => {
    answerWith(200, 500, 200, 502);
    const limit = { kind: 'rate_limit', config: { limit: 5, window_s: 3600 } } as const;
    const { read, metrics, clock } = protectedBy([breaker, limit]);
    for (let calls = 0; calls < 4; calls += 1) expect(await read()).toMatchObject({ kind: 'result' });
    for (let calls = 0; calls < 3; calls += 1) expect(await read()).toEqual({ ...isOpen, retryAfterS: 10 });
    expect(seen).toHaveLength(4);
    clock.ms += 10_000;
    expect(await read()).toMatchObject({ kind: 'result' });
    expect(await read()).toMatchObject({ kind: 'circuit_open' });
    expect(await metrics()).toContain(`stoa_circuit_breaker_opened_total{api="orders",upstream="${bench.url}"} 2`);
  });

  it('tells in the metrics its state, and how many calls it held back', async () => {
    answerWith(500);
    const { read, metrics } = protectedBy([breaker]);
    expect(await metrics()).not.toContain('stoa_circuit_breaker_state{');
    for (let calls = 0; calls < 6; calls += 1) await read();
    const told = await metrics();
    expect(told).toContain(`stoa_circuit_breaker_state{api="orders",upstream="${bench.url}",state="open"} 1`);
    expect(told).toContain(`stoa_circuit_breaker_state{api="orders",upstream="${bench.url}",state="closed"} 0`);
    expect(told).toContain(`stoa_upstream_held_calls_total{api="orders",upstream="${bench.url}",reason="circuit_open"} 2`);
  });

  it('lesson 33: never opens for what callers get wrong, or break off', async () => {
    answerWith(400, 404, 422, 401, 403, 429, 409, 451);
    const { read } = protectedBy([breaker]);
    for (let calls = 0; calls < 8; calls += 1) expect(await read()).toMatchObject({ kind: 'result', isError: true });
    answerBy(() => undefined);
    for (let calls = 0; calls < 8; calls += 1) {
      const cancellation = new Cancellation();
      const cancelled = read(cancellation);
      cancellation.cancel();
      expect(await cancelled).toEqual({ kind: 'cancelled' });
    }
    answerWith(200);
    expect(await read()).toMatchObject({ kind: 'result', isError: false });
  });

  it('opens for an upstream that cannot be reached, or does not answer in time', async () => {
    const away = protectedBy([breaker], { url: 'http://127.0.0.1:9' });
    for (let calls = 0; calls < 4; calls += 1) expect(await away.read()).toMatchObject({ kind: 'upstream_failed', timeout: false });
    expect(await away.read()).toMatchObject(isOpen);
    answerBy(() => undefined);
    const slow = protectedBy([{ ...breaker, config: { minimum_calls: 1 } }], { timeoutMs: 20 });
    expect(await slow.read()).toMatchObject({ kind: 'upstream_failed', timeout: true });
    expect(await slow.read()).toMatchObject(isOpen);
  });

  it('has one call alone find out, and closes when it succeeds', async () => {
    answerWith(500);
    const { read, clock } = protectedBy([breaker]);
    for (let calls = 0; calls < 4; calls += 1) await read();
    clock.ms += 10_000;
    const probing = Promise.withResolvers<() => void>();
    answerBy((_request, response) => probing.resolve(() => response.end('{}')));
    const probe = read();
    const answer = await probing.promise;
    expect(await read()).toEqual({ ...isOpen, retryAfterS: 1 });
    answer();
    expect(await probe).toMatchObject({ kind: 'result', isError: false });
    answerWith(500, 200);
    for (let calls = 0; calls < 4; calls += 1) expect(await read()).toMatchObject({ kind: 'result' });
    expect(seen).toHaveLength(9);
  });

  it('has another call find out where the one before was broken off, or is never heard of again', async () => {
    answerWith(500);
    const { read, clock } = protectedBy([breaker]);
    for (let calls = 0; calls < 4; calls += 1) await read();
    clock.ms += 10_000;
    answerBy(() => undefined);
    const brokenOff = new Cancellation();
    const first = read(brokenOff);
    expect(await read()).toMatchObject(isOpen);
    brokenOff.cancel();
    await first;
    const never = new Cancellation();
    const second = read(never);
    expect(await read()).toMatchObject(isOpen);
    clock.ms += 30_000;
    answerWith(200);
    expect(await read()).toMatchObject({ kind: 'result' });
    // What the lost one comes to says nothing any more.
    never.cancel();
    await second;
    expect(await read()).toMatchObject({ kind: 'result' });
  });

  it('forgets failures of long ago, and takes the statuses that it is told', async () => {
    answerWith(503, 503, 503, 200);
    const { read, clock } = protectedBy([{ kind: 'circuit_breaker', config: { minimum_calls: 4, failure_statuses: [503] } }]);
    for (let calls = 0; calls < 3; calls += 1) await read();
    clock.ms += 60_000;
    for (let calls = 0; calls < 9; calls += 1) expect(await read()).toMatchObject({ kind: 'result' });
    answerWith(500);
    for (let calls = 0; calls < 20; calls += 1) expect(await read()).toMatchObject({ kind: 'result' });
  });

  it('says nothing where another gateway makes the calls', async () => {
    answerWith(500);
    const { read, engine, key } = protectedBy([breaker]);
    for (let calls = 0; calls < 4; calls += 1) await read();
    expect(ask(engine, key)).toMatchObject({ kind: 'allowed' });
  });
});

describe('a concurrency limit', () => {
  const two = { kind: 'concurrency_limit', config: { max_concurrent_calls: 2 } } as const satisfies PolicySpec;

  it('refuses a call beyond it at once, and gives a place back however a call ends', async () => {
    const { read, metrics } = protectedBy([two]);
    const arrived: (() => void)[] = [];
    const arrivals = vi.fn();
    answerBy((_request, response) => {
      arrivals();
      arrived.push(() => response.end('{}'));
    });
    const cancellation = new Cancellation();
    const under = [read(), read(cancellation)];
    await vi.waitUntil(() => arrivals.mock.calls.length === 2);
    expect(await read()).toEqual({ kind: 'upstream_busy', policy: 'concurrency-limit', retryAfterS: 1 });
    expect(await metrics()).toContain(`stoa_upstream_calls_in_flight{api="orders",upstream="${bench.url}"} 2`);
    arrived[0]?.();
    cancellation.cancel();
    await Promise.all(under);
    answerWith(200);
    expect(await Promise.all([read(), read()])).toMatchObject([{ kind: 'result' }, { kind: 'result' }]);
    expect(await metrics()).toContain(`stoa_upstream_calls_in_flight{api="orders",upstream="${bench.url}"} 0`);
  });

  it('gives a place back when a call takes too long, or the upstream cannot be reached', async () => {
    answerBy(() => undefined);
    const slow = protectedBy([two], { timeoutMs: 20 });
    for (let times = 0; times < 2; times += 1)
      expect(await Promise.all([slow.read(), slow.read()])).toMatchObject([{ timeout: true }, { timeout: true }]);
    const away = protectedBy([two], { url: 'http://127.0.0.1:9' });
    for (let calls = 0; calls < 3; calls += 1) expect(await away.read()).toMatchObject({ kind: 'upstream_failed' });
  });

  it('counts the calls of other threads, until these have ended', async () => {
    const { read, memory, clock } = protectedBy([two]);
    const other = protectedBy([two]);
    expect(await read()).toMatchObject({ kind: 'result' });
    const table = new UpstreamTable(memory, 2, () => clock.ms);
    const [{ slot } = { slot: -1 }] = [...table.used()];
    table.locked(() => {
      table.addInFlight(slot, 1);
      table.addInFlight(slot, 1);
    });
    expect(await read()).toMatchObject({ kind: 'upstream_busy' });
    expect(await other.read()).toMatchObject({ kind: 'result' });
    table.release(2);
    expect(await read()).toMatchObject({ kind: 'result' });
  });
});

describe('a retry', () => {
  const retry = (config: object = {}): PolicySpec => ({ kind: 'retry', config: { max_retries: 2, base_interval_ms: 1, ...config } });

  it('makes an idempotent call once more that the upstream failed, and meters one', async () => {
    answerWith(503, 502, 200);
    const { read, metrics } = protectedBy([retry()]);
    expect(await read()).toMatchObject({ kind: 'result', isError: false });
    expect(seen).toHaveLength(3);
    const told = await metrics();
    expect(told).toContain('stoa_calls_total{door="mcp",outcome="ok"} 1');
    expect(told).toContain(`stoa_upstream_retries_total{api="orders",upstream="${bench.url}",outcome="made"} 2`);
  });

  it('makes it once more where the connection broke', async () => {
    let calls = 0;
    answerBy((request, response) => (calls++ === 0 ? request.socket.destroy() : response.end('{}')));
    expect(await protectedBy([retry()]).read()).toMatchObject({ kind: 'result', isError: false });
    expect(seen).toHaveLength(2);
  });

  it('tells what the last attempt came to', async () => {
    answerWith(503);
    expect(await protectedBy([retry()]).read()).toMatchObject({ kind: 'result', isError: true, status: 503 });
    expect(seen).toHaveLength(3);
  });

  it('makes nothing once more that is not idempotent, took too long, or was answered otherwise', async () => {
    answerWith(503);
    expect(await protectedBy([retry()]).create()).toMatchObject({ status: 503 });
    answerWith(500);
    expect(await protectedBy([retry()]).read()).toMatchObject({ status: 500 });
    answerBy(() => undefined);
    expect(await protectedBy([retry()], { timeoutMs: 1000 }).read()).toMatchObject({ timeout: true });
    expect(seen).toHaveLength(3);
  });

  it('keeps within its budget: three, or a share of the calls', async () => {
    answerWith(503);
    const { read, clock, metrics } = protectedBy([retry({ max_retries: 1, budget_percent: 50 })]);
    for (let calls = 0; calls < 12; calls += 1) await read();
    expect(seen).toHaveLength(12 + 6);
    clock.ms += 10_000;
    for (let calls = 0; calls < 4; calls += 1) await read();
    expect(seen).toHaveLength(18 + 4 + 3);
    expect(await metrics()).toContain(`outcome="over_budget"} 7`);
  });

  it('ends with the call that it is of, while it waits', async () => {
    answerWith(503);
    const { read } = protectedBy([retry({ base_interval_ms: 10_000, max_interval_ms: 10_000 })]);
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const cancellation = new Cancellation();
    const cancelled = read(cancellation);
    await vi.waitUntil(() => seen.length === 1);
    cancellation.cancel();
    expect(await cancelled).toEqual({ kind: 'cancelled' });
    vi.restoreAllMocks();
  });

  it('goes no further than a circuit lets it', async () => {
    answerWith(503);
    const { read } = protectedBy([{ ...breaker, config: { minimum_calls: 2 } }, retry({ max_retries: 5 })]);
    expect(await read()).toMatchObject({ kind: 'result', status: 503 });
    expect(seen).toHaveLength(2);
    expect(await read()).toMatchObject(isOpen);
  });
});
