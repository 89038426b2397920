import { setTimeout as delay } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '@stoa/generated/prisma/client.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { Logger } from '@stoa/lib/log.ts';
import pg from 'pg';
import { databaseFault, databaseFaults } from './faults.ts';
import { listenFor } from './listener.ts';
import type { ChannelEvent, Listener } from './listener.ts';
import { oneAtATime } from './one-at-a-time.ts';

export type { ChannelEvent, Listener } from './listener.ts';

export type Database = {
  /** By the second role, which sees the rows of every tenant: for the hot paths, and for what belongs to no one tenant. See server/database/unscoped. */
  pool: pg.Pool;
  /** What transactions for tenants run on; to be counted. */
  servicePool: pg.Pool;
  /**
   * Runs `work` in a transaction that is for one tenant: see `inTenant`, which alone may call it. The client of Prisma behind it is told to nobody: what it was
   * asked for in the midst of a transaction would run outside of it, on another connection, and for no tenant.
   */
  tenantTransaction<T>(tenantId: string, work: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T>;
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  /** Listens on a channel over a connection of its own, outside the pool. Closed by `close`, too. */
  listenFor(channel: string, handler: (event: ChannelEvent) => void): Listener;
  /** Waits up to 2 s for queries in flight, then closes every connection. */
  close(): Promise<void>;
};

// A database that hangs must not hang its callers for good.
const queryTimeoutMs = 30_000;
const closeMs = 2_000;
// Large documents take a while to be stored, and writers of one tenant wait for each other.
const transactionTimeouts = { maxWait: 10_000, timeout: queryTimeoutMs };

/**
 * Connections are made when first used, `max` at most, and kept; asking for one waits twice 5 s and a query 30 s, so that a database that
 * is away or hangs turns into an answer and not into a queue.
 */
export function openPool(databaseUrl: string, options: { max: number; log: Pick<Logger, 'warn'>; patienceMs?: number }): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: options.max,
    connectionTimeoutMillis: options.patienceMs ?? 5_000,
    // A burst of requests finds them there.
    idleTimeoutMillis: 0,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
    application_name: 'stoa-control-plane',
  });
  // An idle connection that breaks is replaced by the pool; unheard, the event would end the process.
  askTwice(pool);
  pool.on('error', (error) => options.log.warn({ reason: error.message }, 'An idle database connection broke.'));
  return pool;
}

type Connected = (error: Error | undefined, client: pg.PoolClient | undefined, release: (destroy?: unknown) => void) => void;

/**
 * A thread that thousands of requests hold up hears of the end of its patience before it hears of the connection that was there long before: the
 * database is not away for that, and is asked once more.
 */
function askTwice(pool: pg.Pool): void {
  const ask = pool.connect.bind(pool) as (callback: Connected) => void;
  const askAgain = (callback: Connected): void =>
    ask((error, client, release) => {
      if (error && databaseFault(error) === databaseFaults.no_connection) ask(callback);
      else callback(error, client, release);
    });
  pool.connect = ((callback?: Connected) => {
    if (callback) return askAgain(callback);
    return new Promise<pg.PoolClient | undefined>((resolve, reject) => askAgain((error, client) => (error ? reject(error) : resolve(client))));
  }) as typeof pool.connect;
}

/** Opens the store of the Control Plane, by the two roles that own nothing. They divide the connections. */
export function connect(urls: { service: string; unscoped: string }, { max, log }: { max: number; log: Logger }): Database {
  const [ofService, ofUnscoped] = urls.service === urls.unscoped ? [max, max] : [Math.ceil(max / 2), Math.floor(max / 2)];
  const pool = openPool(urls.unscoped, { max: ofUnscoped, log });
  // Where one role is both, they share its connections.
  const servicePool = urls.service === urls.unscoped ? pool : openPool(urls.service, { max: ofService, log });
  const prisma = new PrismaClient({ adapter: new PrismaPg(oneAtATime(servicePool)) });
  const listeners = new Set<Listener>();
  return {
    pool,
    servicePool,
    tenantTransaction: (tenantId, work) =>
      prisma.$transaction(async (tx) => {
        // Ends with the transaction: the next on this connection is for nobody, until it says for whom.
        await tx.$executeRaw`SELECT set_config('stoa.tenant_id', ${tenantId}, true)`;
        return work(tx);
      }, transactionTimeouts),
    ping: async () => void (await Promise.all([pool.query('SELECT 1'), servicePool.query('SELECT 1')])),
    listenFor(channel, handler) {
      const listener = listenFor({ databaseUrl: urls.unscoped, channel, log }, handler);
      listeners.add(listener);
      return {
        close: () => {
          listeners.delete(listener);
          return listener.close();
        },
      };
    },
    async close() {
      await withinReason(Promise.all([...listeners].map((listener) => listener.close())));
      await withinReason(prisma.$disconnect().then(() => Promise.all([...new Set([pool, servicePool])].map((each) => each.end()))));
    },
  };
}

/** Ends a pool that `openPool` made. */
export const closePool = (pool: pg.Pool): Promise<void> => withinReason(pool.end());

/** A database that hangs must not hold up our own end: its connections end with the process. */
async function withinReason(closing: Promise<unknown>): Promise<void> {
  const patience = new AbortController();
  const tired = delay(closeMs, undefined, { signal: patience.signal }).catch(() => {});
  await Promise.race([closing, tired]).finally(() => patience.abort());
}
