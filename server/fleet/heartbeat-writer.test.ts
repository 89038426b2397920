import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startDatabaseProxy } from '../testing/database-proxy.ts';
import { createTestDatabase } from '../testing/test-database.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';
import { asGateway, getGateway } from '../testing/gateways.ts';
import type { GatewayKeyPrincipal } from '../access/principal.ts';
import { ControlPlaneMetrics } from '../metrics.ts';
import { HeartbeatWriter } from './heartbeat-writer.ts';
import type { Heartbeat } from './heartbeat-writer.ts';
import { IntervalPolicy } from './interval-policy.ts';

let plane: TestControlPlane;
let gateways: ReturnType<typeof asGateway>;
let principal: GatewayKeyPrincipal;

beforeAll(async () => {
  plane = await startTestControlPlane();
  gateways = asGateway(plane, await plane.mintGatewayKey());
  const [tenant, key] = await Promise.all([plane.store.prisma.tenant.findFirstOrThrow(), plane.store.prisma.gateway_key.findFirstOrThrow()]);
  principal = { kind: 'gateway_key', tenantId: tenant.id, keyId: key.id, environments: [], modes: [], instanceName: undefined };
});
afterAll(() => plane.close());

const register = async (name: string, more = {}) => (await gateways.register(name, more)).body.gateway_id;
const beatOf = (gatewayId: string, more: Partial<Heartbeat['body']> = {}): Heartbeat => ({
  gatewayId,
  principal,
  body: { status: 'healthy', uptime_s: 1, metrics: {}, ...more },
});
const outcome = (promise: Promise<unknown>) =>
  promise.then(
    () => 200,
    (error: { status?: number }) => error.status ?? 500,
  );

describe('the heartbeat writer', () => {
  it('answers each of many concurrent beats of many gateways, with few statements', async () => {
    const ids = await Promise.all(Array.from({ length: 40 }, (_, n) => register(`many-${n}`)));
    const { pool } = plane.context.db;
    const statements = vi.spyOn(pool, 'query');
    const replies = await Promise.all(
      ids.flatMap((id) => Array.from({ length: 25 }, (_, seq) => plane.context.heartbeats.write(beatOf(id, { seq, uptime_s: seq })))),
    );
    expect(replies).toHaveLength(1000);
    expect(new Set(replies.map((reply) => reply.heartbeat_interval_s))).toEqual(new Set([30]));
    // The newest beat of each gateway stands for those before it.
    expect(statements.mock.calls.length).toBeLessThan(10);
    statements.mockRestore();
    expect((await getGateway(plane, ids[0] ?? '')).uptime_s).toBe(24);
  });

  it('is committed before it is acknowledged', async () => {
    const id = await register('committed');
    await plane.context.heartbeats.write(beatOf(id, { uptime_s: 77 }));
    const { rows } = await plane.store.pool.query<{ uptime_s: number }>('SELECT uptime_s FROM gateway_lease WHERE gateway_id = $1', [id]);
    expect(rows).toEqual([{ uptime_s: 77 }]);
  });

  it('stores what a runtime measures as it was sent, whatever characters are in it', async () => {
    const id = await register('odd');
    const metrics = { 'a "quoted" {name}, with \\ and \n': 1, '\u2028 ключ 🔑': 2.5 };
    await plane.context.heartbeats.write(beatOf(id, { metrics }));
    expect((await getGateway(plane, id)).metrics).toEqual(metrics);
  });

  it('lesson 19: judges two processes that beat for one gateway in one batch each by its own epoch', async () => {
    const id = await register('two', { boot_id: randomUUID() });
    await register('two', { boot_id: randomUUID() });
    const write = (lease_epoch: number | undefined, uptime_s: number) =>
      outcome(plane.context.heartbeats.write(beatOf(id, { ...(lease_epoch ? { lease_epoch } : {}), uptime_s })));
    expect(await Promise.all([write(2, 20), write(1, 10), write(2, 21), write(1, 11), write(undefined, 30)])).toEqual([200, 409, 200, 409, 200]);
    expect([21, 30]).toContain((await getGateway(plane, id)).uptime_s);
  });

  it('does not let one bad beat fail the others of its batch', async () => {
    const ids = await Promise.all(Array.from({ length: 9 }, (_, n) => register(`with-bad-${n}`)));
    const writes = ids.map((id, n) => plane.context.heartbeats.write(beatOf(id, n === 4 ? { seq: 1e30 } : {})));
    const settled = await Promise.allSettled(writes);
    expect(settled.map(({ status }) => status)).toEqual(ids.map((_, n) => (n === 4 ? 'rejected' : 'fulfilled')));
  });

  it('says why to each of those it refuses, and renews the others of the batch', async () => {
    const [good, left, gone] = await Promise.all([register('good'), register('left'), register('gone')]);
    await gateways.deregister(left);
    await plane.request('DELETE', `/v1/gateways/${gone}`);
    const { heartbeats } = plane.context;
    const narrow = {
      ...principal,
      keyId: (await plane.request<{ key: { key_id: string } }>('POST', '/v1/gateway-keys', { body: { name: 'n', modes: ['connect'] } })).body.key
        .key_id,
      modes: ['connect'],
    };
    const writes = [
      heartbeats.write(beatOf(good)),
      heartbeats.write(beatOf(left)),
      heartbeats.write(beatOf(gone)),
      heartbeats.write(beatOf(randomUUID())),
      heartbeats.write({ ...beatOf(good), principal: narrow }),
    ];
    expect(await Promise.all(writes.map(outcome))).toEqual([200, 404, 410, 404, 403]);
  });

  it('answers 503 with a time to come back when too many wait, and every one that it let wait', async () => {
    const id = await register('crowd');
    const writes = Array.from({ length: 20_050 }, () => plane.context.heartbeats.write(beatOf(id)));
    const settled = await Promise.allSettled(writes);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(20_000);
    expect(settled.at(-1)).toMatchObject({ reason: { status: 503, retryAfterS: 5 } });
    expect(await outcome(plane.context.heartbeats.write(beatOf(id)))).toBe(200);
  });

  it('lets no more than sixteen holders of one gateway wait, so that none can fill the queue with made-up epochs', async () => {
    const id = await register('liar', { boot_id: randomUUID() });
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, n) => outcome(plane.context.heartbeats.write(beatOf(id, { lease_epoch: n + 1 })))),
    );
    expect(outcomes).toEqual([200, ...Array<number>(15).fill(409), ...Array<number>(4).fill(503)]);
  });

  it('shows fields that the contract does not know, of the registration and of heartbeats', async () => {
    const {
      body: { gateway_id: id },
    } = await gateways.register('chatty', { hostname: 'pod-1' });
    await gateways.heartbeat(id, { pod_ip: '10.0.0.1' });
    await expect.poll(async () => (await getGateway(plane, id)).unknown_fields, { timeout: 10_000 }).toEqual(['hostname', 'pod_ip']);
  });

  it('updates leases heap-only, for nothing that a heartbeat writes has an index', async () => {
    const id = await register('hot');
    for (let n = 0; n < 50; n += 1) await plane.context.heartbeats.write(beatOf(id, { seq: n }));
    const {
      rows: [indexes],
    } = await plane.store.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM pg_indexes WHERE tablename = 'gateway_lease'`);
    expect(indexes?.n).toBe(1);
    await expect
      .poll(
        async () => {
          const {
            rows: [stats],
          } = await plane.store.pool.query<{ updates: string; hot: string }>(
            `SELECT n_tup_upd AS updates, n_tup_hot_upd AS hot FROM pg_stat_user_tables, pg_stat_clear_snapshot() WHERE relname = 'gateway_lease'`,
          );
          return Number(stats?.updates) >= 50 && Number(stats?.hot) / Number(stats?.updates);
        },
        { timeout: 20_000 },
      )
      .toBeGreaterThan(0.9);
  });
});

describe('how beats are gathered', () => {
  let statements: string[][];
  let writer: HeartbeatWriter;
  const beat = (n: number) => void writer.write(beatOf(`gateway-${n}`));
  const passMs = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] });
    statements = [];
    const query = ({ values: [ids] }: { values: [string] }) => {
      const names = ids.slice(1, -1).split(',');
      statements.push(names);
      return Promise.resolve({ rows: names.map((gateway_id) => ({ gateway_id, lease_epoch: 1, generation: null })) });
    };
    const intervals = new IntervalPolicy({ shortestS: 30, heartbeatsPerSecond: 1_000 });
    writer = new HeartbeatWriter({ query } as unknown as Pool, intervals, new ControlPlaneMetrics(), () => ({ id: 'keys-1' }));
  });
  afterEach(() => vi.useRealTimers());

  it('writes one that comes alone at once', async () => {
    beat(1);
    await passMs(1);
    expect(statements).toEqual([['gateway-1']]);
  });

  it('has those that come soon after share a batch, for 15 ms at most', async () => {
    for (let n = 1; n <= 14; n += 1) {
      beat(n);
      await passMs(1);
    }
    expect(statements).toHaveLength(1);
    await passMs(2);
    expect(statements.map((names) => names.length)).toEqual([1, 13]);
  });

  it('waits for no more once a batch is worth its cost', async () => {
    beat(0);
    await passMs(1);
    for (let n = 1; n <= 32; n += 1) beat(n);
    await passMs(1);
    expect(statements.map((names) => names.length)).toEqual([1, 32]);
  });
});

describe('a database that is away', () => {
  it('makes heartbeats 503 with Retry-After, registrations too, and good again once it is back', async () => {
    const proxy = await startDatabaseProxy(await createTestDatabase());
    const behind = await startTestControlPlane({ DATABASE_URL: proxy.url, STOA_LOG_LEVEL: 'silent' });
    try {
      const gateway = asGateway(behind, await behind.mintGatewayKey());
      const {
        body: { gateway_id: id },
      } = await gateway.register('behind');
      expect((await gateway.heartbeat(id)).status).toBe(200);
      proxy.takeAway();
      for (const call of [
        () => gateway.heartbeat(id),
        () => gateway.register('behind'),
        () => gateway.config(id),
        () => behind.request('GET', '/v1/gateways'),
        () => behind.request('GET', '/v1/gateway-keys'),
        () => behind.request('GET', '/readyz', { token: undefined }),
      ]) {
        const { status, headers, body } = await call();
        expect({ status, retryAfter: headers.get('retry-after'), body }).toMatchObject({ status: 503, retryAfter: '2', body: { status: 503 } });
      }
      expect((await behind.request('GET', '/healthz', { token: undefined })).status).toBe(200);
      proxy.giveBack();
      await expect.poll(async () => (await gateway.heartbeat(id)).status, { timeout: 10_000 }).toBe(200);
    } finally {
      await behind.close();
      await proxy.close();
    }
  });
});
