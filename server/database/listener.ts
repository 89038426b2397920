import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '@stoa/lib/log.ts';

/**
 * `notification`: somebody called NOTIFY. `connected`: the channel is heard from now on, for the first time or again;
 * what was notified before is lost, so look at the tables.
 */
export type ChannelEvent = { kind: 'notification'; payload: string } | { kind: 'connected' };

export type Listener = { close(): Promise<void> };

const minBackoffMs = 100;
const maxBackoffMs = 10_000;
const probeEveryMs = 15_000;
const probeTimeoutMs = 5_000;

/**
 * Listens on a PostgreSQL channel over a connection of its own, for as long as the process runs: when the connection breaks
 * it is made again with full jitter up to 10 s, and the handler is told. Resolves at once; the first `connected` says it works.
 */
export function listenFor(
  options: { databaseUrl: string; channel: string; log: Pick<Logger, 'warn'> },
  handler: (event: ChannelEvent) => void,
): Listener {
  const closing = new AbortController();
  const finished = run(options, handler, closing.signal);
  return {
    close: async () => {
      closing.abort();
      await finished;
    },
  };
}

async function run(
  { databaseUrl, channel, log }: { databaseUrl: string; channel: string; log: Pick<Logger, 'warn'> },
  handler: (event: ChannelEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const connected = () => {
      failures = 0;
      handler({ kind: 'connected' });
    };
    const reason = await listenOnce(databaseUrl, channel, { connected, notified: (payload) => handler({ kind: 'notification', payload }) }, signal);
    if (signal.aborted) return;
    const backoffMs = minBackoffMs + Math.random() * Math.min(maxBackoffMs, minBackoffMs * 2 ** Math.min(failures, 10));
    failures += 1;
    log.warn({ channel, reason, retry_in_ms: Math.round(backoffMs) }, 'The connection that listens for notifications broke.');
    await delay(backoffMs, undefined, { signal }).catch(() => {});
  }
}

type Callbacks = { connected: () => void; notified: (payload: string) => void };

/** One connection from its making to its end, whose reason it answers. */
async function listenOnce(databaseUrl: string, channel: string, callbacks: Callbacks, signal: AbortSignal): Promise<string> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'stoa-listener',
    connectionTimeoutMillis: probeTimeoutMs,
    query_timeout: probeTimeoutMs,
    keepAlive: true,
  });
  const ended = Promise.withResolvers<string>();
  client.on('error', (error) => ended.resolve(error.message));
  client.on('end', () => ended.resolve('the server closed it'));
  client.on('notification', (message) => callbacks.notified(message.payload ?? ''));
  const stop = () => ended.resolve('it was closed');
  signal.addEventListener('abort', stop, { once: true });
  // A half-open connection never says that it is dead: ask, and take silence for the end.
  const probe = setInterval(() => {
    client.query('SELECT 1').catch((error: Error) => ended.resolve(error.message));
  }, probeEveryMs);
  try {
    await client.connect();
    await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
    if (!signal.aborted) callbacks.connected();
    return await ended.promise;
  } catch (error) {
    return (error as Error).message;
  } finally {
    clearInterval(probe);
    signal.removeEventListener('abort', stop);
    await client.end().catch(() => {});
  }
}
