import { setTimeout as delay } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '@stoa/generated/prisma/client.ts';
import type { Logger } from '@stoa/lib/log.ts';
import pg from 'pg';
import { databaseFault, databaseFaults } from './faults.ts';
import { listenFor } from './listener.ts';
import type { ChannelEvent, Listener } from './listener.ts';

export type { ChannelEvent, Listener } from './listener.ts';

export type Database = {
  /** For the hot paths: batched statements by hand. */
  pool: pg.Pool;
  /** For everything else. Shares the pool. */
  prisma: PrismaClient;
  /** Listens on a channel over a connection of its own, outside the pool. Closed by `close`, too. */
  listenFor(channel: string, handler: (event: ChannelEvent) => void): Listener;
  /** Waits up to 2 s for queries in flight, then closes every connection. */
  close(): Promise<void>;
};

// A database that hangs must not hang its callers for good.
const queryTimeoutMs = 30_000;
const closeMs = 2_000;

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

/** Opens the store of the Control Plane. */
export function connect(databaseUrl: string, options: { max: number; log: Logger }): Database {
  const pool = openPool(databaseUrl, options);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  const listeners = new Set<Listener>();
  return {
    pool,
    prisma,
    listenFor(channel, handler) {
      const listener = listenFor({ databaseUrl, channel, log: options.log }, handler);
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
      await withinReason(prisma.$disconnect().then(() => pool.end()));
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
