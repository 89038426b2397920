import { Socket } from 'node:net';
import { createLogger } from '@stoa/lib/log.ts';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { toProblem } from '../errors.ts';
import { asGateway } from '../testing/gateways.ts';
import { startDatabaseProxy } from '../testing/database-proxy.ts';
import type { DatabaseProxy } from '../testing/database-proxy.ts';
import { createTestDatabase } from '../testing/test-database.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import { connect } from './connection.ts';
import type { Database } from './connection.ts';
import { databaseFault, databaseFaults } from './faults.ts';
import type { DatabaseFaultName } from './faults.ts';
import { asTenant } from '../tenants/in-tenant.ts';
import { openStore } from '../testing/store.ts';
import { oneRole } from '../testing/test-roles.ts';

const eventually = { timeout: 20_000, interval: 50 };
const log = createLogger({ program: 'test', level: 'silent' });
let databaseUrl: string;
let proxy: DatabaseProxy;
let database: Database;
beforeAll(async () => {
  databaseUrl = await createTestDatabase();
  proxy = await startDatabaseProxy(databaseUrl);
  database = connect(oneRole(proxy.url), { max: 2, log });
  // Each question connects anew, and so meets what the test has made of the database.
  Object.assign(database.pool.options, { maxUses: 1 });
});
afterAll(async () => {
  await database.close();
  await proxy.close();
});

const someTenant = '00000000-0000-4000-8000-000000000000';
/** The ways in which operations ask: each wraps what went wrong in its own manner. */
const ways: Record<string, (database: Database) => Promise<unknown>> = {
  'the pool': ({ pool }) => pool.query('SELECT 1'),
  "a model in a tenant's transaction": (db) => asTenant(db, someTenant, (tx) => tx.gateway.count()),
  "a raw query in a tenant's transaction": (db) => asTenant(db, someTenant, (tx) => tx.$queryRaw`SELECT 1`),
};

/** What each way of asking is answered, while `prepare` has made the database ill. */
async function answers(prepare: (options: pg.PoolOptions) => void): Promise<Record<string, unknown>> {
  const { options } = database.pool;
  const before = { ...options };
  prepare(options);
  const told: Record<string, unknown> = {};
  for (const [way, ask] of Object.entries(ways)) {
    const { problem, retryAfterS } = toProblem(await failure(ask(database)));
    told[way] = { status: problem.status, detail: problem.detail, retryAfterS };
  }
  proxy.giveBack();
  Object.assign(options, { stream: undefined }, before);
  return told;
}

const failure = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => undefined,
    (error: unknown) => error,
  );

const expected = (name: DatabaseFaultName) => {
  const { detail, retryAfterS } = databaseFaults[name];
  return Object.fromEntries(Object.keys(ways).map((way) => [way, { status: 503, detail, retryAfterS }]));
};

const atConnect: [code: string, name: DatabaseFaultName][] = [
  ['28P01', 'refused'],
  ['28000', 'refused'],
  ['3D000', 'missing'],
  ['53300', 'no_connection'],
  ['57P03', 'restarting'],
  ['08004', 'away'],
];
const atStatement: [code: string, name: DatabaseFaultName, severity?: 'FATAL'][] = [
  ['53100', 'full'],
  ['53200', 'out_of_resources'],
  ['25006', 'read_only'],
  ['42501', 'no_right'],
  ['57014', 'slow'],
  ['55P03', 'slow'],
  ['25P03', 'slow', 'FATAL'],
  ['40001', 'conflict'],
  ['40P01', 'conflict'],
  ['57P01', 'restarting', 'FATAL'],
  ['57P02', 'restarting', 'FATAL'],
  ['57P05', 'restarting', 'FATAL'],
  ['58030', 'damaged'],
  ['XX001', 'damaged'],
  ['XX000', 'damaged'],
];
const ofSockets: [code: string, name: DatabaseFaultName][] = [
  ['ECONNREFUSED', 'away'],
  ['ECONNRESET', 'away'],
  ['EPIPE', 'away'],
  ['EHOSTUNREACH', 'away'],
  ['ENETUNREACH', 'away'],
  ['ENOTFOUND', 'away'],
  ['EAI_AGAIN', 'away'],
  ['ETIMEDOUT', 'slow'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'no_tls'],
];

describe('a database that reports a fault is 503 with Retry-After and the sentence that names the fault', () => {
  it.each(atConnect)('%s to whoever connects: %s', async (code, name) => {
    expect(await answers(() => proxy.makeIll({ code, message: 'no', at: 'connect' }))).toEqual(expected(name));
  });

  it.each(atStatement)('%s at a statement: %s', async (code, name, severity = 'ERROR' as never) => {
    expect(await answers(() => proxy.makeIll({ code, message: 'no', at: 'statement', severity }))).toEqual(expected(name));
  });

  it.each(ofSockets)('%s of the way to it: %s', async (code, name) => {
    expect(await answers((options) => Object.assign(options, { stream: () => failingSocket(code) }))).toEqual(expected(name));
  });

  it('every address of a host that has several: away', () => {
    const each = Object.assign(new Error('connect ECONNREFUSED ::1:5432'), { code: 'ECONNREFUSED' });
    expect(databaseFault(new AggregateError([each, each]))).toBe(databaseFaults.away);
  });

  it('cut connections: away', async () => {
    expect(await answers(() => proxy.takeAway())).toEqual(expected('away'));
  });

  it('a server that takes connections and answers none: no connection', async () => {
    expect(
      await answers((options) => {
        Object.assign(options, { connectionTimeoutMillis: 100 });
        proxy.hang();
      }),
    ).toEqual(expected('no_connection'));
  });

  it('a pool whose connections are all in use: no connection', async () => {
    const database = connect(oneRole(databaseUrl), { max: 1, log });
    onTestFinished(() => database.close());
    const held = await database.pool.connect();
    onTestFinished(() => held.release());
    // Only now: a busy machine may take longer for the connection that holds the pool.
    Object.assign(database.pool.options, { connectionTimeoutMillis: 100 });
    for (const ask of Object.values(ways)) expect(databaseFault(await failure(ask(database)))).toBe(databaseFaults.no_connection);
  });

  it('a server without TLS for a URL that wants it: no encrypted connection', async () => {
    const url = new URL(databaseUrl);
    url.searchParams.set('sslmode', 'verify-full');
    const database = connect(oneRole(url.href), { max: 1, log });
    onTestFinished(() => database.close());
    for (const ask of Object.values(ways)) expect(databaseFault(await failure(ask(database)))).toBe(databaseFaults.no_tls);
  });

  it('a client whose connection has broken, and which is asked again: away', async () => {
    const client = new pg.Client({ connectionString: databaseUrl });
    client.on('error', () => {});
    await client.connect();
    await client.end();
    const error: unknown = await client.query('SELECT 1').catch((reason: unknown) => reason);
    expect((error as Error).message).toContain('not queryable');
    expect(databaseFault(error)).toBe(databaseFaults.away);
  });

  it('a query that outlasts its time, and a transaction that does: slow', async () => {
    const database = connect(oneRole(databaseUrl), { max: 2, log });
    onTestFinished(() => database.close());
    const late = database.pool.query({ text: 'SELECT pg_sleep(0.3)', query_timeout: 50 } as pg.QueryConfig);
    expect(databaseFault(await failure(late))).toBe(databaseFaults.slow);
    const store = openStore(databaseUrl);
    onTestFinished(() => store.close());
    const lasting = store.prisma.$transaction((tx) => tx.$queryRaw`SELECT pg_sleep(0.3)::text`, { timeout: 50 });
    expect(databaseFault(await failure(lasting))).toBe(databaseFaults.slow);
  });

  it('every fault that the table knows is told by a test', () => {
    const told = [...atConnect, ...atStatement, ...ofSockets].map(([, name]) => name);
    expect([...new Set(told)].sort()).toEqual(Object.keys(databaseFaults).sort());
  });
});

describe('a failure that is none of the database', () => {
  it.each([
    new Error('no'),
    Object.assign(new Error('no'), { code: 'ENOENT' }),
    Object.assign(new Error('no'), { code: '42P01' }),
    Object.assign(new Error('no'), { code: 'P2002', meta: { driverAdapterError: { cause: { originalCode: '23505' } } } }),
    undefined,
    'text',
  ])('is not taken for one', (error) => {
    expect(databaseFault(error)).toBeUndefined();
  });

  it('is found to be none in an error that wraps itself', () => {
    const circular = new Error('no');
    circular.cause = circular;
    expect(databaseFault(circular)).toBeUndefined();
  });
});

describe('a Control Plane on a real server that', () => {
  it('turns read-only, changes its password, or terminates every connection, answers 503 with Retry-After throughout, and is well again after', async () => {
    const plane = await startTestControlPlane({ DATABASE_URL: await withOwnRole(), STOA_LOG_LEVEL: 'silent' });
    onTestFinished(() => plane.close());
    const gateway = asGateway(plane, await plane.mintGatewayKey());
    const { gateway_id } = (await gateway.register('ill')).body;
    const admin = new pg.Client({ connectionString: adminUrl });
    await admin.connect();
    onTestFinished(() => admin.end());
    const told = (answer: { status: number; headers: Headers; body: unknown }) => [
      answer.status,
      answer.headers.get('retry-after'),
      (answer.body as { detail?: string }).detail,
    ];
    const as = ({ detail, retryAfterS }: { detail: string; retryAfterS: number }) => [503, String(retryAfterS), detail];
    const cut = () =>
      admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()', [databaseName]);

    await admin.query(`ALTER DATABASE ${databaseName} SET default_transaction_read_only = on`);
    await cut();
    const mint = () => plane.request('POST', '/v1/operator-tokens', { body: { name: 'x', role: 'viewer' } });
    await expect.poll(async () => told(await mint()), eventually).toEqual(as(databaseFaults.read_only));
    expect(told(await gateway.register('new'))).toEqual(as(databaseFaults.read_only));
    expect(told(await gateway.heartbeat(gateway_id))).toEqual(as(databaseFaults.read_only));
    await admin.query(`ALTER DATABASE ${databaseName} RESET default_transaction_read_only`);

    await admin.query(`ALTER ROLE ${databaseName} PASSWORD 'another'`);
    await cut();
    await expect.poll(async () => told(await plane.request('GET', '/readyz')), eventually).toEqual(as(databaseFaults.refused));
    expect(told(await plane.request('GET', '/v1/policies'))).toEqual(as(databaseFaults.refused));
    await admin.query(`ALTER ROLE ${databaseName} PASSWORD 'first'`);
    await expect.poll(async () => (await plane.request('GET', '/readyz')).status, eventually).toBe(200);

    // Statements under way when their back ends end.
    const held = Array.from({ length: 8 }, () =>
      asTenant(plane.context.db, someTenant, (tx) => tx.$queryRaw`SELECT pg_sleep(20)::text`).catch((error: unknown) => error),
    );
    const sleepers = "SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep(20)%' AND pid <> pg_backend_pid() AND datname = $1";
    await expect.poll(async () => (await admin.query(sleepers, [databaseName])).rowCount, eventually).toBe(8);
    await cut();
    for (const error of await Promise.all(held)) expect(toProblem(error).problem.status).toBe(503);
    await expect.poll(async () => (await mint()).status, eventually).toBe(201);
  });
});

let adminUrl: string;
let databaseName: string;

/** A database of a role of its own, whose password can be changed. */
async function withOwnRole(): Promise<string> {
  adminUrl = await createTestDatabase();
  const url = new URL(adminUrl);
  databaseName = url.pathname.slice(1);
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  await client.query(`CREATE ROLE ${databaseName} LOGIN SUPERUSER PASSWORD 'first'`);
  await client.end();
  url.username = databaseName;
  url.password = 'first';
  return url.href;
}

/** A socket that fails as the system lets it fail. */
function failingSocket(code: string): Socket {
  const socket = new Socket();
  const error = Object.assign(new Error(`connect ${code}`), { code, errno: -1, syscall: 'connect' });
  socket.connect = () => {
    process.nextTick(() => socket.emit('error', error));
    return socket;
  };
  return socket;
}
