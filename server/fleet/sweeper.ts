import type { Logger } from '@stoa/lib/log.ts';
import type { Database } from '../database/connection.ts';
import { configChannel } from '../deployments/bump-tenant.ts';
import { deleteExpiredRows } from './housekeeping.ts';
import { aliveJoin, gapS, leaseUntilSql } from './grace.ts';
import type { IntervalPolicy } from './interval-policy.ts';

const everyMs = 5_000;
const roundsPerHour = 720;

/**
 * Marks, every five seconds, that the Control Plane is alive. When the mark was older than 20 s, the whole Control Plane or its database was away:
 * every lease that was good then gets a fresh grace, so that a restart shows nobody offline. Also tells the interval policy how large the fleet is,
 * and gateways when a consumer's key has expired, and once an hour deletes expired rows.
 */
export class Sweeper {
  readonly #db: Database;
  readonly #intervals: IntervalPolicy;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #rounds = 0;

  constructor(db: Database, intervals: IntervalPolicy, log: Logger) {
    this.#db = db;
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

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#round()
        .catch((error: unknown) => this.#log.warn({ err: error }, 'The sweep failed; it is tried again.'))
        .finally(() => this.#schedule());
    }, everyMs);
  }

  async #round(): Promise<void> {
    const { rows } = await this.#db.pool.query<{ graced: number; live: number }>(sweep, [gapS]);
    const [row] = rows;
    if (row?.graced) this.#log.info({ leases: row.graced }, 'After a gap, every lease got a fresh grace.');
    this.#intervals.fleetIs(row?.live ?? 0);
    if (this.#rounds++ % roundsPerHour === 0) await deleteExpiredRows(this.#db.pool);
  }
}

// One statement, so that two replicas cannot both see the gap: the mark is locked, read, and only then moved. A consumer's key that expired since
// the last mark changes what gateways shall know, so the tenant's revision rises as for any other change.
const sweep = `
  WITH before AS (SELECT updated_at FROM control_plane_state WHERE key = 'alive' FOR UPDATE),
  mark AS (
    INSERT INTO control_plane_state (key, value, updated_at) SELECT 'alive', '{}', now() FROM (SELECT count(*) FROM before) read
    ON CONFLICT (key) DO UPDATE SET updated_at = now()),
  graced AS (
    UPDATE gateway_lease SET lease_until = now() + make_interval(secs => 3 * heartbeat_interval_s + 10)
    WHERE lease_until > (SELECT updated_at FROM before) AND (SELECT updated_at FROM before) < now() - make_interval(secs => $1::int)
    RETURNING gateway_id),
  changed AS (
    UPDATE tenant SET revision = revision + 1 WHERE id IN (
      SELECT c.tenant_id FROM consumer_key k JOIN consumer c ON c.id = k.consumer_id
      WHERE k.revoked_at IS NULL AND k.expires_at > (SELECT updated_at FROM before) AND k.expires_at <= now())
    RETURNING id)
  SELECT (SELECT count(*)::int FROM graced) AS graced,
    (SELECT count(pg_notify('${configChannel}', id::text)) FROM changed) AS told,
    (SELECT count(*)::int FROM gateway_lease l ${aliveJoin} WHERE (${leaseUntilSql}) > now()) AS live`;
