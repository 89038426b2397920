import type { Logger } from '@stoa/lib/log.ts';
import type { Pool, PoolClient } from 'pg';
import type { Database } from '../database/connection.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { configChannel } from '../deployments/bump-tenant.ts';
import { releaseAfterS } from './brake.ts';
import { deleteExpiredRows, deleteOldUsage } from './housekeeping.ts';
import { gapS } from './grace.ts';
import type { IntervalPolicy } from './interval-policy.ts';
import { mendPresence, sweepPresence, trimLog } from './presence.ts';
import type { BrakeChange } from './presence.ts';

const everyMs = 5_000;
const roundsPerMinute = 12;
const roundsPerHour = 720;
/** Of the transaction that sweeps: one replica at a time. Any number that nothing else locks will do. */
export const sweepLock = 72_707_371;

type Swept = { graced: number; brakes: BrakeChange[] };

/**
 * Every five seconds one replica, whichever comes first, marks that the Control Plane is alive and writes down what time did to leases. When the
 * mark was older than 20 s, the whole Control Plane or its database was away: every lease that was good then gets a fresh grace, so that a restart
 * shows nobody offline. Each replica tells its interval policy how large the fleet is. Gateways are told when a consumer's key has expired;
 * what is kept of the fleet is mended each minute, and expired rows are deleted each hour.
 */
export class Sweeper {
  readonly #db: Database;
  readonly #intervals: IntervalPolicy;
  readonly #log: Logger;
  readonly #usageRetentionDays: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #rounds = 0;
  #sweptAtMs = performance.now();
  #fleet: Fleet = { gateways: {}, brakes: 0 };

  constructor(db: Database, intervals: IntervalPolicy, log: Logger, { usageRetentionDays }: { usageRetentionDays?: number | undefined } = {}) {
    this.#db = db;
    this.#usageRetentionDays = usageRetentionDays;
    this.#intervals = intervals;
    this.#log = log;
  }

  /** The first round is done when this resolves: before it, leases must not be judged. */
  async start(): Promise<void> {
    await this.#round();
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Seconds since a round of this replica last came to its end, whoever swept. */
  get ageS(): number {
    return (performance.now() - this.#sweptAtMs) / 1000;
  }

  /** The fleet as of the last round. */
  get fleet(): Fleet {
    return this.#fleet;
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#round()
        .catch((error: unknown) => this.#log.warn({ err: error }, 'The sweep failed; it is tried again.'))
        .finally(() => this.#schedule());
    }, everyMs);
  }

  async #round(): Promise<void> {
    const swept = await this.#alone(async (client) => {
      // Another replica that has swept within this round's time has done it for all.
      return (await isOverdue(client)) ? sweep(client) : undefined;
    });
    if (swept) this.#tell(swept);
    this.#fleet = await readFleet(this.#db.pool);
    this.#intervals.fleetIs(liveOf(this.#fleet));
    if (this.#rounds % roundsPerMinute === 0) await this.#mend();
    if (this.#rounds % roundsPerHour === 0) {
      await deleteExpiredRows(this.#db.pool);
      if (this.#usageRetentionDays !== undefined) await deleteOldUsage(this.#db.pool, this.#usageRetentionDays);
    }
    this.#rounds += 1;
    this.#sweptAtMs = performance.now();
  }

  /** Runs `work` in a transaction, unless another replica is at it. */
  #alone<T>(work: (client: PoolClient) => Promise<T>): Promise<T | undefined> {
    return inTransaction(this.#db.pool, async (client) => {
      const { rows } = await client.query<{ ours: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS ours', [sweepLock]);
      return rows[0]?.ours ? work(client) : undefined;
    });
  }

  /** In a transaction of its own: it locks what the sweep locks, in another order. */
  async #mend(): Promise<void> {
    const { gateways, counters } = await inTransaction(this.#db.pool, mendPresence);
    if (gateways + counters > 0) this.#log.warn({ gateways, counters }, 'What was kept of the fleet was wrong in places, and was mended.');
    await trimLog(this.#db.pool);
  }

  #tell({ graced, brakes }: Swept): void {
    if (graced > 0) this.#log.info({ leases: graced }, 'After a gap, every lease got a fresh grace.');
    for (const { tenant_id, environment, verdict, lapsed, live } of brakes) {
      const brake = { tenant_id, environment, lapsed, live };
      if (verdict === 'engage')
        this.#log.error(
          { ...brake, releases_in_s: releaseAfterS },
          'Too many instances of an environment fell silent at once: they are called late, not offline, until an operator or the time releases them.',
        );
      else if (verdict === 'release') this.#log.warn(brake, 'The time of the brake is over: instances that stay silent are offline.');
      else this.#log.info(brake, 'The brake is off: every instance that it held is back, or has left.');
    }
  }
}

/** The mark is locked, so that whoever decides by it decides alone. */
async function isOverdue(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ fresh: boolean }>(
    `SELECT updated_at > now() - make_interval(secs => ${(everyMs / 1000) * 0.8}) AS fresh FROM control_plane_state WHERE key = 'alive' FOR UPDATE`,
  );
  return rows[0]?.fresh !== true;
}

/** Instances of all tenants by liveness, and the brakes that are on. */
export type Fleet = { gateways: Record<string, number>; brakes: number };

export async function readFleet(pool: Pick<Pool, 'query'>): Promise<Fleet> {
  const { rows } = await pool.query<Fleet>(
    `SELECT (SELECT coalesce(jsonb_object_agg(liveness, count), '{}') FROM (SELECT liveness, sum(count)::int AS count FROM presence_count GROUP BY 1) k) AS gateways,
       (SELECT count(*)::int FROM presence_brake WHERE released_at IS NULL) AS brakes`,
  );
  return rows[0] as Fleet;
}

/** Instances that beat, or may come back to it. */
export const liveOf = ({ gateways: { conflict = 0, late = 0, online = 0 } }: Fleet): number => conflict + late + online;

/** One sweep, in a transaction that no other sweep runs beside. */
export async function sweep(client: Pick<PoolClient, 'query'>): Promise<Swept> {
  const { rows } = await client.query<{ graced: number }>(mark, [gapS]);
  const { brakes } = await sweepPresence(client);
  return { graced: rows[0]?.graced ?? 0, brakes };
}

// A consumer's key that has expired is retired, which changes what gateways shall know: the tenant's revision rises as for any other change.
const mark = `
  WITH before AS (SELECT updated_at FROM control_plane_state WHERE key = 'alive' FOR UPDATE),
  mark AS (
    INSERT INTO control_plane_state (key, value, updated_at) SELECT 'alive', '{}', now() FROM (SELECT count(*) FROM before) read
    ON CONFLICT (key) DO UPDATE SET updated_at = now()),
  graced AS (
    UPDATE gateway_lease SET lease_until = now() + make_interval(secs => 3 * heartbeat_interval_s + 10)
    WHERE lease_until > (SELECT updated_at FROM before) AND (SELECT updated_at FROM before) < now() - make_interval(secs => $1::int)
    RETURNING gateway_id),
  retired AS (
    UPDATE consumer_key k SET retired_at = now() FROM consumer c
    WHERE k.retired_at IS NULL AND k.expires_at <= now() AND c.id = k.consumer_id AND (SELECT count(*) FROM before) >= 0
    RETURNING c.tenant_id, k.id, k.revoked_at),
  expired AS (SELECT tenant_id, array_agg(id) AS ids FROM retired WHERE revoked_at IS NULL GROUP BY tenant_id),
  bumped AS (UPDATE tenant t SET revision = revision + 1 FROM expired e WHERE t.id = e.tenant_id RETURNING t.id, t.revision, e.ids),
  changed AS (INSERT INTO catalog_change (tenant_id, revision, kind, ids) SELECT id, revision, 'consumer_key', ids FROM bumped RETURNING tenant_id AS id)
  SELECT (SELECT count(*)::int FROM graced) AS graced,
    (SELECT count(pg_notify('${configChannel}', id::text)) FROM changed) AS told`;
