import { setTimeout as delay } from 'node:timers/promises';
import { ExpectedError } from '@stoa/lib/errors.ts';
import pg from 'pg';
import type { LoadResult } from '../load/job.ts';

/** Throws unless the last beat acknowledged to each gateway is stored. Answers how many gateways were acknowledged one. */
export async function requireStored(databaseUrl: string, gatewayIds: readonly string[], rounds: readonly LoadResult[]): Promise<number> {
  const last = new Map<string, number>();
  for (const { acknowledged = [] } of rounds) acknowledged.forEach((seq, at) => seq > 0 && last.set(gatewayIds[at] ?? '', seq));
  const rows = await query<{ gateway_id: string; seq: string }>(databaseUrl, 'SELECT gateway_id, seq FROM gateway_lease WHERE seq IS NOT NULL');
  const stored = new Map(rows.map(({ gateway_id, seq }) => [gateway_id, Number(seq)]));
  const lost = [...last].filter(([id, seq]) => stored.get(id) !== seq);
  if (lost.length > 0)
    throw new ExpectedError(
      `${lost.length} of ${last.size} gateways have not the beat stored that was acknowledged last, such as ${JSON.stringify(lost[0])}.`,
    );
  return last.size;
}

/** Where PostgreSQL's log for recovery has come to, in bytes: the difference is what was written. */
export async function walBytes(databaseUrl: string): Promise<number> {
  const [row] = await query<{ bytes: string }>(databaseUrl, "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') AS bytes");
  return Number(row?.bytes);
}

/** Has PostgreSQL finish what earlier work left to it, and begin nothing of the kind by itself: it would be counted to whatever is measured next. */
export async function comeToRest(databaseUrl: string): Promise<void> {
  await query(databaseUrl, 'ALTER SYSTEM SET autovacuum = off');
  await query(databaseUrl, 'SELECT pg_reload_conf()');
  for (let tries = 0; tries < 120; tries += 1) {
    const [row] = await query<{ n: number }>(databaseUrl, "SELECT count(*)::int AS n FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'");
    if (row?.n === 0) break;
    await delay(500);
  }
  await query(databaseUrl, 'CHECKPOINT');
}

/** How many changes of the liveness of instances the Control Plane has noted so far. */
export async function transitions(databaseUrl: string): Promise<number> {
  const [row] = await query<{ n: number }>(databaseUrl, 'SELECT coalesce(sum(seq), 0)::int AS n FROM presence_clock');
  return row?.n ?? 0;
}

async function query<Row extends pg.QueryResultRow>(connectionString: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}
