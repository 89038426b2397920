import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PolicySpec } from '@stoa/generated/schemas.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { configOf, consumerItem, headersFor, limitedApi, modern, operations, rpc, startUpstream } from '../doors/mcp/testing/fixture.ts';
import type { Upstream } from '../doors/mcp/testing/fixture.ts';
import { startRuntime } from '../start.ts';
import type { Runtime } from '../start.ts';
import { fakeConnection } from '../testing/fake-connection.ts';
import { workersOf } from './count.ts';
import { testOptions } from './testing/options.ts';

const log = createLogger({ program: 'test', level: 'silent' });

/** One connection, which one worker serves for as long as it lives. */
class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  get(path: string): Promise<string> {
    return this.#send(path, 'GET', {}, undefined);
  }

  async call(name: string): Promise<{ result: { isError?: boolean; structuredContent?: unknown } }> {
    const message = rpc(modern, 'tools/call', { name, arguments: { id: 'o1' } });
    return JSON.parse(await this.#send('/mcp', 'POST', headersFor(modern, message), JSON.stringify(message))) as never;
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(path: string, method: string, headers: object, body: string | undefined): Promise<string> {
    return new Promise((resolve, reject) => {
      const sent = request(this.#url + path, { method, headers: { ...headers }, agent: this.#agent }, (response) => {
        text(response).then(resolve, reject);
      });
      sent.once('error', reject).end(body);
    });
  }
}

describe.runIf(process.platform === 'linux')('two workers', () => {
  const connection = fakeConnection();
  const clients: Client[] = [];
  let upstream: Upstream;
  let runtime: Runtime;

  const limit = 20;
  const perHour = (calls: number) => ({ kind: 'rate_limit' as const, config: { limit: calls, window_s: 3600 } });
  const config = (generation: number, ...list: Parameters<typeof configOf>[0]) => {
    const extra = limitedApi(upstream.url).map((item) => (item.kind === 'policy' ? { ...item, policy: perHour(limit) } : item));
    return configOf(list, upstream.url, extra, generation);
  };
  const limitOfPlan = 10;
  /** The API as such is hardly limited; the one who calls it is, by a plan. */
  const offered = (generation: number, ...list: Parameters<typeof configOf>[0]) => {
    const [api] = limitedApi(upstream.url);
    const [planId, { consumer_id: consumerId }] = ['9b0c5d0e-1111-4222-8333-444455556666', consumerItem('agent')];
    const ids = api?.kind === 'api' ? [api.api_id] : [];
    const policies = [{ policy_id: planId, name: 'ten-an-hour', policy: perHour(limitOfPlan) }];
    return configOf(
      list,
      upstream.url,
      [
        ...(api ? [api] : []),
        { id: `plan:${planId}`, kind: 'plan', plan_id: planId, name: 'ten', api_ids: ids, policies },
        { id: 'subscription:1', kind: 'plan_subscription', subscription_id: planId, plan_id: planId, consumer_id: consumerId },
      ],
      generation,
    );
  };
  const connect = (): Client => {
    const client = new Client(runtime.url);
    clients.push(client);
    return client;
  };
  /** A connection to each of two workers, none of which is one of `former`. */
  const oneToEach = async (former: readonly string[] = []): Promise<Map<string, Client>> => {
    const found = new Map<string, Client>();
    const another = async (): Promise<boolean> => {
      const client = connect();
      const worker = await client.get('/which').catch(() => '');
      if (worker === '' || former.includes(worker) || found.has(worker)) client.close();
      else found.set(worker, client);
      return found.size === 2;
    };
    await vi.waitUntil(another, { interval: 20, timeout: 50_000 });
    return found;
  };

  beforeAll(async () => {
    upstream = await startUpstream();
    const entry = new URL('./testing/worker.ts', import.meta.url);
    runtime = await startRuntime({ ...testOptions(), entry, log, connect: connection.connect });
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await runtime.stop();
    upstream.server.closeAllConnections();
    upstream.server.close();
  });

  it('are one instance, which is ready once both serve, and serve what changes alike', async () => {
    expect(connection.seen.options?.report().status).toBe('degraded');
    expect(await connect().get('/readyz')).toContain('no_configuration');
    // Both APIs have the route, which is what the door beside MCP warns of.
    expect(await connection.apply(config(1, operations.getOrder))).toMatchObject({ state: 'applied_with_warnings', items: [{ phase: 'render' }] });
    expect(connection.seen.options?.report()).toMatchObject({ status: 'healthy', metrics: { tools: 2, apis: 2 } });
    const both = [...(await oneToEach()).values()];
    for (const client of both) {
      expect(JSON.parse(await client.get('/readyz'))).toMatchObject({ status: 'ready', config: { state: 'fresh', generation: 1 } });
      expect(await client.call('getOrder')).toMatchObject({ result: { structuredContent: { id: 'o1' } } });
    }
    await connection.apply(config(2, operations.textOrder, operations.slowOrder));
    for (const client of both) {
      expect(await client.call('getOrder')).toMatchObject({ error: { message: 'Unknown tool: getOrder' } });
      expect(await client.get('/metrics')).toContain('stoa_snapshot_generation 2');
    }
  });

  it('let through exactly the limit of calls that come to both at once, and tell the sum of what they did', async () => {
    const both = [...(await oneToEach()).values()];
    const answers = await Promise.all(Array.from({ length: 3 * limit }, (_, at) => (both[at % 2] as Client).call('limited')));
    expect(answers.filter(({ result }) => result.isError !== true)).toHaveLength(limit);
    for (const client of both) {
      const metrics = await client.get('/metrics');
      expect(metrics).toContain(`stoa_calls_total{door="mcp",outcome="ok"} ${limit + 2}`);
      expect(metrics).toContain(`stoa_calls_total{door="mcp",outcome="rate_limited"} ${2 * limit}`);
    }
    expect(connection.seen.options?.report().metrics).toMatchObject({ requests_total: expect.any(Number) as number });
  });

  it('let through exactly the limit of a plan as well', async () => {
    await connection.apply(offered(3, operations.textOrder, operations.slowOrder));
    const both = [...(await oneToEach()).values()];
    const answers = await Promise.all(Array.from({ length: 3 * limitOfPlan }, (_, at) => (both[at % 2] as Client).call('limited')));
    expect(answers.filter(({ result }) => result.isError !== true)).toHaveLength(limitOfPlan);
  });

  it('go on when one of them ends: the call on the other is answered, and the one that takes its place counts on', async () => {
    const both = await oneToEach();
    const [ending, staying] = [...both] as [[string, Client], [string, Client]];
    const slow = upstream.nextSlow();
    const call = staying[1].call('slowOrder');
    const response = await slow;
    await expect(ending[1].get('/end')).rejects.toThrow();
    const after = await oneToEach([ending[0]]);
    expect([...after.keys()]).toContain(staying[0]);
    response.end('{}');
    expect((await call).result.isError).not.toBe(true);
    for (const client of after.values()) {
      expect(await client.call('limited')).toMatchObject({ result: { isError: true } });
      expect(await client.get('/metrics')).toContain(`stoa_calls_total{door="mcp",outcome="rate_limited"}`);
    }
    await connection.apply(offered(4, operations.getOrder));
    for (const client of after.values()) expect(await client.call('getOrder')).toMatchObject({ result: { structuredContent: { id: 'o1' } } });
  });

  it('give a consumer no more WebSockets together than it may have, and again those of one that has ended', async () => {
    upstream.server.on('upgrade', (_request, socket: Duplex) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
    );
    const open = async (): Promise<{ status: number | undefined; closed: Promise<unknown> }> => {
      const headers = { ...headersFor('', {}), connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'x' };
      const sent = request(`${runtime.url}/apis/orders/orders/1`, { headers, agent: false }).end();
      const [{ statusCode: status }, socket] = (await Promise.race([once(sent, 'upgrade'), once(sent, 'response')])) as [IncomingMessage, Duplex?];
      return { status, closed: socket === undefined ? Promise.resolve() : once(socket.on('error', () => undefined).resume(), 'close') };
    };
    const opened: Awaited<ReturnType<typeof open>>[] = [];
    for (let each = 0; each < 8; each += 1) opened.push(await open());
    expect(opened.map(({ status }) => status)).toEqual([101, 101, 429, 429, 429, 429, 429, 429]);
    for (const client of (await oneToEach()).values()) await client.get('/end').catch(() => undefined);
    await Promise.all(opened.map(({ closed }) => closed));
    await oneToEach();
    expect((await open()).status).toBe(101);
  });

  it('ask by the main thread whether a call was approved that waits for a person', async () => {
    const { items, ...rest } = config(3, operations.getOrder);
    const [api] = items;
    const policy = { kind: 'approval' as const, config: { operations: ['getOrder'] } };
    const policy_id = '1b0c5d0e-1111-4222-8333-444455559999';
    const api_ids = api?.kind === 'api' ? [api.api_id] : [];
    await connection.apply({ ...rest, items: [...items, { id: `policy:${policy_id}`, kind: 'policy', policy_id, name: 'wait', policy, api_ids }] });
    const both = [...(await oneToEach()).values()];
    let grants = 1;
    connection.seen.approve = (tool) => (tool === 'getOrder' && grants-- > 0 ? { state: 'granted' } : { state: 'pending', approval_id: policy_id });
    const answers = await Promise.all(both.map((client) => client.call('getOrder')));
    expect(answers.map(({ result }) => result.isError === true).sort()).toEqual([false, true]);
    delete connection.seen.approve;
    expect(await both[0]?.call('getOrder')).toMatchObject({ result: { isError: true } });
    await connection.apply(config(2, operations.textOrder, operations.slowOrder));
  });

  it('protect an upstream together: what one sees of it holds for the other, until it ends', async () => {
    const policyId = '3b0c5d0e-1111-4222-8333-444455556666';
    const protectedBy = (generation: number, policy: PolicySpec) => {
      const base = configOf([operations.slowOrder, operations.failOrder], upstream.url, [], generation);
      const ids = base.items.flatMap((item) => (item.kind === 'api' ? [item.api_id] : []));
      return {
        ...base,
        items: [...base.items, { id: `policy:${policyId}`, kind: 'policy' as const, policy_id: policyId, name: 'p', policy, api_ids: ids }],
      };
    };
    await connection.apply(protectedBy(5, { kind: 'concurrency_limit', config: { max_concurrent_calls: 1 } }));
    const [[ending, one], [, other]] = [...(await oneToEach())] as [[string, Client], [string, Client]];
    const slow = upstream.nextSlow();
    const lost = one.call('slowOrder').catch(() => 'lost');
    await slow;
    expect(await other.call('failOrder')).toMatchObject({
      result: { isError: true, content: [{ text: expect.stringContaining('as many calls under way') }] },
    });
    const again = await oneToEach();
    await again
      .get(ending)
      ?.get('/end')
      .catch(() => undefined);
    expect(await lost).toBe('lost');
    const next = [...(await oneToEach([ending])).values()] as [Client, Client];
    await connection.apply(protectedBy(6, { kind: 'circuit_breaker', config: { minimum_calls: 2 } }));
    for (const client of next)
      expect(await client.call('failOrder')).toMatchObject({ result: { isError: true, content: [{ text: expect.stringContaining('500') }] } });
    for (const client of next)
      expect(await client.call('failOrder')).toMatchObject({ result: { content: [{ text: expect.stringContaining('fails at the moment') }] } });
    expect(connection.seen.options?.report().metrics).toMatchObject({ circuits_open: 1 });
    expect(await other.get('/metrics')).toMatch(/stoa_circuit_breaker_state\{.*state="open"\} 1/);
  });

  it('at the end let the call in flight on each be answered, and hand the usage of both over, once, before the instance leaves', async () => {
    await connection.apply(offered(7, operations.slowOrder));
    const inFlight: { call: ReturnType<Client['call']>; response: { end(body: string): unknown } }[] = [];
    for (const client of (await oneToEach()).values()) {
      const slow = upstream.nextSlow();
      const call = client.call('slowOrder');
      inFlight.push({ call, response: await slow });
    }
    const stopped = runtime.stop();
    const takesNoMore = (): Promise<boolean> =>
      connect()
        .get('/healthz')
        .then(
          () => false,
          () => true,
        );
    await vi.waitUntil(takesNoMore, { interval: 20, timeout: 20_000 });
    expect(connection.calls).toEqual([]);
    for (const { response } of inFlight) response.end('{}');
    for (const { call } of inFlight) expect((await call).result.isError).not.toBe(true);
    await stopped;
    const usage = connection.seen.usage as { operation_id: string; calls: number; denied: number }[];
    const limited = usage.filter(({ operation_id: id }) => id === 'limited');
    const sum = (of: (record: { calls: number; denied: number }) => number): number => limited.reduce((all, record) => all + of(record), 0);
    expect(sum(({ calls, denied }) => calls - denied)).toBeLessThanOrEqual(limit + limitOfPlan);
    expect(sum(({ denied }) => denied)).toBeGreaterThan(0);
    expect(connection.calls).toEqual(['deregistered']);
  });
});

it('elsewhere than on Linux there is one, and the log says so', () => {
  const warn = vi.spyOn(log, 'warn');
  expect([workersOf('4', log, 'darwin'), workersOf('4', log, 'linux'), workersOf('1', log, 'darwin')]).toEqual([1, 4, 1]);
  expect(warn.mock.calls.map(([, message]) => message)).toEqual(['One worker serves: several can share a port (STOA_WORKERS) on Linux only.']);
  expect(workersOf('auto', log, 'linux')).toBeGreaterThanOrEqual(1);
});
