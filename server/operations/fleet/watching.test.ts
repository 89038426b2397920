import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayChanges, GatewayList, GatewayModes } from '@stoa/generated/schemas.ts';
import { asGateway, sweepNow } from '../../testing/gateways.ts';
import { expectGuarded } from '../../testing/refusals.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

let plane: TestControlPlane;
let gateways: ReturnType<typeof asGateway>;
let environment = '';
let metricsAddress: string;

beforeAll(async () => {
  metricsAddress = `127.0.0.1:${await freePort()}`;
  plane = await startTestControlPlane({ STOA_METRICS_TOKEN: 'a-token-for-metrics', STOA_METRICS_LISTEN: metricsAddress });
  gateways = asGateway(plane, await plane.mintGatewayKey());
});
afterAll(() => plane.close());

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await once(probe.close(), 'close');
  return port;
}
const inNewEnvironment = () => (environment = `e-${randomUUID().slice(0, 8)}`);
const register = async (name: string, more = {}) => (await gateways.register(name, { environment, ...more })).body.gateway_id;
const silence = (ids: string[]) =>
  plane.store.pool.query(`UPDATE gateway_lease SET lease_until = now() - interval '1 second' WHERE gateway_id = ANY($1::uuid[])`, [ids]);
const modes = async (query = '?instances=false') => (await plane.request<GatewayModes>('GET', `/v1/gateways/modes${query}`)).body;

type StreamEvent = { id?: string; event?: string; data?: string };

/** The events of a stream, one after another, until it is closed. */
async function follow(query: string, options: { token?: string; lastEventId?: string } = {}) {
  const closing = new AbortController();
  const response = await fetch(`${plane.url}/v1/gateways/events${query}`, {
    signal: closing.signal,
    headers: {
      authorization: `Bearer ${options.token ?? plane.adminToken}`,
      ...(options.lastEventId === undefined ? {} : { 'last-event-id': options.lastEventId }),
    },
  });
  async function* read(): AsyncGenerator<StreamEvent> {
    let text = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const fields = text
          .slice(0, end)
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]);
        text = text.slice(end + 2);
        const event = Object.fromEntries(fields) as StreamEvent;
        if (event.event !== undefined) yield event;
      }
    }
  }
  const events = read();
  const next = async () => (await events.next()).value as StreamEvent | undefined;
  const changes = async () => JSON.parse((await next())?.data ?? '{}') as GatewayChanges;
  return { status: response.status, headers: response.headers, next, changes, close: () => closing.abort() };
}

it('answers 401 and 403 to whoever may not', async () => {
  await expectGuarded(plane, [{ method: 'DELETE', path: '/v1/gateways/brakes/production' }]);
  expect((await plane.request('GET', '/v1/gateways/events', { token: undefined })).status).toBe(401);
  expect((await plane.request('GET', '/v1/gateways/events', { token: gateways.token })).status).toBe(403);
});

describe('GET /v1/gateways/modes?instances=false', () => {
  it('tells the counts, by environment too, and no instance', async () => {
    inNewEnvironment();
    const ids = [await register('a'), await register('b'), await register('c')];
    await gateways.deregister(ids[2] ?? '');
    const [edge] = (await modes()).modes;
    expect(edge?.instances).toEqual([]);
    expect(edge?.more).toBe(edge?.total);
    const none = { late: 0, offline: 0, revoked: 0, conflict: 0 };
    expect(edge?.environments).toContainEqual({ environment, counts: { online: 2, left: 1, ...none } });
  });
});

describe('GET /v1/gateways', () => {
  it('lists what is wrong first, page by page, and leaves out who left where the caller asks so', async () => {
    inNewEnvironment();
    const ids: Record<string, string> = {};
    for (const name of ['on-2', 'on-1', 'silent', 'gone', 'left-1']) ids[name] = await register(name);
    for (let n = 0; n < 5; n += 1) await register('fought', { boot_id: randomUUID() });
    await silence([ids['silent'] ?? '']);
    await gateways.deregister(ids['left-1'] ?? '');
    await plane.request('DELETE', `/v1/gateways/${ids['gone']}`);
    await sweepNow(plane);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body }: { body: GatewayList } = await plane.request(
        'GET',
        `/v1/gateways?sort=worst&limit=2&environment=${environment}${cursor && `&cursor=${cursor}`}`,
      );
      seen.push(...body.items.map(({ instance_name }) => instance_name));
      cursor = body.next_cursor;
    }
    expect(seen).toEqual(['fought', 'silent', 'on-1', 'on-2', 'gone', 'left-1']);
    const names = async (query: string) =>
      (await plane.request<GatewayList>('GET', `/v1/gateways?environment=${environment}&${query}`)).body.items.map(
        ({ instance_name }) => instance_name,
      );
    expect(await names('sort=worst&include_left=false')).not.toContain('left-1');
    expect(await names('include_left=false')).toEqual(['on-2', 'on-1', 'silent', 'gone', 'fought']);
    expect(await names('sort=worst&search=ON-')).toEqual(['on-1', 'on-2']);
    expect(await names('sort=worst&liveness=offline')).toEqual(['silent']);
    const { body } = await plane.request<GatewayList>('GET', `/v1/gateways?limit=1`);
    expect((await plane.request('GET', `/v1/gateways?sort=worst&cursor=${body.next_cursor}`)).status).toBe(400);
  });
});

describe('GET /v1/gateways/events', () => {
  it('tells each transition with the counts that it changes, from the position of the counts on', async () => {
    inNewEnvironment();
    const { event_id } = await modes();
    const id = await register('told', { gateway_mode: 'connect' });
    const stream = await follow(`?after=${event_id}`);
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/event-stream')]);
    const first = await stream.next();
    expect(first?.event).toBe('changes');
    const told = JSON.parse(first?.data ?? '') as GatewayChanges;
    const about = { gateway_id: id, instance_name: 'told', gateway_mode: 'connect', environment, at: told.transitions[0]?.at };
    expect(told).toMatchObject({ transitions: [{ ...about, liveness: 'online' }], more: 0, brakes: [] });
    expect(told.counts).toEqual([{ gateway_mode: 'connect', environment, liveness: 'online', count: 1 }]);
    await gateways.deregister(id);
    const second = await stream.changes();
    expect(second.transitions).toMatchObject([{ was: 'online', liveness: 'left' }]);
    expect(second.counts).toEqual(
      expect.arrayContaining([
        { gateway_mode: 'connect', environment, liveness: 'online', count: 0 },
        { gateway_mode: 'connect', environment, liveness: 'left', count: 1 },
      ]),
    );
    stream.close();
    // As a browser comes back: the header is stronger than what the address says.
    const again = await follow(`?after=0`, { lastEventId: first?.id ?? '' });
    expect((await again.changes()).transitions).toMatchObject([{ was: 'online', liveness: 'left' }]);
    again.close();
  });

  it('tells a client that was away too long, or comes from another log, to read anew', async () => {
    inNewEnvironment();
    await register('first');
    await plane.store.pool.query('DELETE FROM gateway_transition');
    await register('second');
    for (const position of ['0', '999999999']) {
      const stream = await follow('', { lastEventId: position });
      const told = await stream.next();
      expect([told?.event, told?.data]).toEqual(['reload', '{}']);
      expect(told?.id).toBe((await modes()).event_id);
      stream.close();
    }
  });

  it('tells of many at once the first ten, and how many more there are', async () => {
    inNewEnvironment();
    const { event_id } = await modes();
    await plane.store.pool.query(
      `WITH g AS (INSERT INTO gateway (tenant_id, environment, instance_name, gateway_mode, version, features, unknown_fields, takeovers)
         SELECT id, $1, 'bulk-' || n, 'sidecar', '1', '{}', '{}', '{}' FROM (SELECT id FROM tenant LIMIT 1) t, generate_series(1, 3000) n RETURNING *),
       l AS (INSERT INTO gateway_lease (gateway_id, heartbeat_interval_s, lease_until) SELECT id, 30, now() + interval '1 hour' FROM g)
       INSERT INTO gateway_presence (gateway_id, tenant_id, environment, instance_name, gateway_mode, liveness) SELECT id, tenant_id, environment, instance_name, gateway_mode, 'online' FROM g`,
      [environment],
    );
    const stream = await follow(`?after=${event_id}`);
    const event = await stream.next();
    const told = JSON.parse(event?.data ?? '') as GatewayChanges;
    expect([told.transitions.length, told.more, told.counts[0]?.count]).toEqual([10, 2990, 3000]);
    expect(event?.data?.length).toBeLessThan(4_000);
    stream.close();
  });

  it('ends for a token that is revoked', async () => {
    const { body } = await plane.request<{ token: { token_id: string }; secret: string }>('POST', '/v1/operator-tokens', {
      body: { name: 'watcher', role: 'viewer' },
    });
    const stream = await follow('', { token: body.secret });
    await plane.request('DELETE', `/v1/operator-tokens/${body.token.token_id}`);
    expect(await stream.next()).toBeUndefined();
  });
});

describe('a brake', () => {
  it('is shown, told, and released by an operator: what it held is offline then', async () => {
    inNewEnvironment();
    const ids = await Promise.all(Array.from({ length: 6 }, (_, n) => register(`held-${n}`)));
    const { event_id } = await modes();
    await silence(ids);
    await sweepNow(plane);
    const brake = { environment, held: 6 };
    expect((await modes()).brakes).toMatchObject([brake]);
    const stream = await follow(`?after=${event_id}`);
    expect((await stream.changes()).brakes).toMatchObject([brake]);
    expect((await plane.request('DELETE', `/v1/gateways/brakes/${environment}`)).status).toBe(204);
    expect((await plane.request('DELETE', `/v1/gateways/brakes/${environment}`)).status).toBe(404);
    expect((await stream.changes()).brakes).toEqual([]);
    stream.close();
    await sweepNow(plane);
    expect((await modes()).modes[0]?.environments).toContainEqual({
      environment,
      counts: expect.objectContaining({ late: 0, offline: 6 }) as object,
    });
  });
});

describe('GET /metrics', () => {
  it('tells whoever has the token what one wants to know at night', async () => {
    const text = async () => {
      const response = await fetch(`${plane.url}/metrics`, { headers: { authorization: 'Bearer a-token-for-metrics' } });
      expect([response.status, response.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain')]);
      return response.text();
    };
    inNewEnvironment();
    await gateways.heartbeat(await register('measured'));
    const stream = await follow('');
    const told = await text();
    for (const line of [
      'stoa_queue_length{lane="heartbeat"} 0',
      'stoa_queue_length{lane="registration"} 0',
      'stoa_batched_total{lane="heartbeat",outcome="done"} 1',
      'stoa_database_connections{pool="heartbeats",state="waiting"} 0',
      'stoa_database_connections{pool="others",state="waiting"} 0',
      'stoa_long_polls 0',
      'stoa_brakes_engaged 0',
      'stoa_request_duration_seconds_bucket{le="+Inf",operation="heartbeat",status="2xx"} 1',
      'stoa_request_duration_seconds_count{operation="heartbeat",status="2xx"} 1',
      'stoa_batch_size_bucket{le="1",lane="heartbeat"} 1',
      'stoa_batch_size_sum{lane="heartbeat"} 1',
    ])
      expect(told).toContain(`${line}\n`);
    expect(told).toMatch(/^stoa_event_streams [1-9]/m);
    expect(told).toMatch(/^stoa_sweep_age_seconds \d/m);
    expect(told).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m);
    stream.close();
  });

  it('asks for no token at an address of its own, where nothing else is served', async () => {
    const response = await fetch(`http://${metricsAddress}/metrics`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain')]);
    expect(await response.text()).toContain('stoa_queue_length{lane="heartbeat"} 0\n');
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/v1/gateways'],
      ['GET', '/healthz'],
      ['POST', '/metrics'],
    ] as const)
      expect([path, (await fetch(`http://${metricsAddress}${path}`, { method })).status]).toEqual([path, 404]);
  });

  it('refuses any other token, an operator of the tenant too', async () => {
    for (const [token, status] of [
      [undefined, 401],
      ['another-token-for-it', 401],
      [plane.adminToken, 403],
    ] as const)
      expect((await plane.request('GET', '/metrics', { token })).status).toBe(status);
  });
});
