import type { Pool } from 'pg';
import { judgeBrake } from './brake.ts';
import type { EnvironmentState, BrakeVerdict } from './brake.ts';
import type { Sql } from '../database/sql.ts';

export type BrakeChange = { tenant_id: string; environment: string; verdict: BrakeVerdict; lapsed: number; live: number };
type Found = EnvironmentState & { tenant_id: string; environment: string };

const isFoughtFor = (takeovers: string) => `(SELECT count(*) FROM unnest(${takeovers}) t WHERE t > now() - interval '5 minutes') > 3`;
// One heartbeat may be up to 10 % late by design; half an interval more is one that is missing.
const isLate = (leaseUntil: string) => `${leaseUntil} - make_interval(secs => 1.5 * l.heartbeat_interval_s + 10) <= now()`;

/**
 * Liveness as it is read, for a statement with `gateway g` and `gateway_lease l`: by the clock, except that nobody is offline before a sweep has
 * said so. Only the sweep sees how many fall silent at once.
 */
export const livenessBy = (leaseUntil: string) => `CASE
  WHEN g.revoked_at IS NOT NULL THEN 'revoked'
  WHEN g.left_at IS NOT NULL THEN 'left'
  WHEN ${isFoughtFor('g.takeovers')} THEN 'conflict'
  WHEN (${leaseUntil}) <= now() AND EXISTS (SELECT FROM gateway_presence p WHERE p.gateway_id = g.id AND p.liveness = 'offline') THEN 'offline'
  WHEN ${isLate(`(${leaseUntil})`)} THEN 'late'
  ELSE 'online' END`;

/** Notes those that `registered` names (id, tenant_id, environment, instance_name, gateway_mode, takeovers), for a statement that registers them. */
export const notePresent = `
  INSERT INTO gateway_presence AS p (gateway_id, tenant_id, environment, instance_name, gateway_mode, liveness)
  SELECT id, tenant_id, environment, instance_name, gateway_mode, CASE WHEN ${isFoughtFor('takeovers')} THEN 'conflict' ELSE 'online' END FROM registered
  ON CONFLICT (gateway_id) DO UPDATE SET gateway_mode = excluded.gateway_mode, liveness = excluded.liveness, since = now()
  WHERE (p.gateway_mode, p.liveness) IS DISTINCT FROM (excluded.gateway_mode, excluded.liveness)`;

/** Notes that the gateways in `gone` have left or were decommissioned, for a statement that says so of them. */
export const noteGone = (liveness: 'left' | 'revoked') =>
  `UPDATE gateway_presence SET liveness = '${liveness}', since = now() WHERE gateway_id IN (SELECT id FROM gone) AND liveness <> '${liveness}'`;

/** Writes down that a gateway has left, unless a newer process has taken its lease over in between. */
export async function noteLeft({ pool }: { pool: Pool }, gateway: { id: string; lease_epoch: number }): Promise<boolean> {
  const { rowCount } = await pool.query(
    `WITH gone AS (UPDATE gateway SET left_at = now() WHERE id = $1 AND lease_epoch = $2 RETURNING id), noted AS (${noteGone('left')}) SELECT id FROM gone`,
    [gateway.id, gateway.lease_epoch],
  );
  return rowCount === 1;
}

// What the clock says of those whom only time can move, where it is not what is noted.
const moved = `
  SELECT p.gateway_id, p.tenant_id, p.environment, p.liveness AS was, l.lease_until, s.liveness
  FROM gateway_presence p JOIN gateway_lease l ON l.gateway_id = p.gateway_id
  LEFT JOIN gateway g ON p.liveness = 'conflict' AND g.id = p.gateway_id
  CROSS JOIN LATERAL (SELECT CASE
    WHEN g.id IS NOT NULL AND ${isFoughtFor('g.takeovers')} THEN 'conflict'
    WHEN l.lease_until <= now() THEN 'offline'
    WHEN ${isLate('l.lease_until')} THEN 'late'
    ELSE 'online' END AS liveness) s
  WHERE p.liveness IN ('conflict', 'offline', 'late', 'online') AND p.liveness <> s.liveness`;

/** Writes down what time did to leases since the last sweep. To be called in a transaction that no other sweep runs beside. */
export async function sweepPresence(client: Sql): Promise<{ transitions: number; brakes: BrakeChange[] }> {
  const { rows: groups } = await client.query<{
    tenant_id: string;
    environment: string;
    was: string;
    liveness: string;
    count: number;
    fresh: number;
  }>(
    `SELECT m.tenant_id, m.environment, m.was, m.liveness, count(*)::int AS count,
       (count(*) FILTER (WHERE b.released_at IS NULL OR m.lease_until > b.released_at))::int AS fresh
     FROM (${moved}) m LEFT JOIN presence_brake b USING (tenant_id, environment) GROUP BY 1, 2, 3, 4`,
  );
  const found = await findEnvironments(
    client,
    groups.filter(({ liveness }) => liveness === 'offline'),
  );
  const judged = found.map((state): BrakeChange => ({ ...state, verdict: judgeBrake(state) }));
  const held = judged.filter(({ verdict }) => verdict === 'engage' || verdict === 'hold');
  const isHeld = ({ tenant_id, environment }: { tenant_id: string; environment: string }) =>
    held.some((other) => other.tenant_id === tenant_id && other.environment === environment);
  const brakes = judged.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'hold');
  const isQuiet = groups.every((group) => group.was === 'late' && group.liveness === 'offline' && isHeld(group));
  const transitions = isQuiet ? 0 : await noteMoved(client, held);
  // Rows are locked before clocks, as registrations do it.
  for (const brake of brakes) await noteBrake(client, brake);
  return { transitions, brakes };
}

/** Those who are just being registered are left to the next sweep. */
async function noteMoved(client: Sql, held: readonly BrakeChange[]): Promise<number> {
  const { rowCount } = await client.query(
    `UPDATE gateway_presence p SET liveness = n.liveness, since = now()
     FROM (SELECT m.gateway_id, m.was, CASE WHEN m.liveness = 'offline' AND h.environment IS NOT NULL THEN 'late' ELSE m.liveness END AS liveness
           FROM (${moved} FOR NO KEY UPDATE OF p SKIP LOCKED) m LEFT JOIN unnest($1::uuid[], $2::text[]) h (tenant_id, environment) USING (tenant_id, environment)) n
     WHERE p.gateway_id = n.gateway_id AND p.liveness = n.was AND p.liveness <> n.liveness`,
    [held.map(({ tenant_id }) => tenant_id), held.map(({ environment }) => environment)],
  );
  return rowCount ?? 0;
}

/** The environments in which leases are over, and those with a brake on. */
async function findEnvironments(client: Sql, lapsed: { tenant_id: string; environment: string; count: number; fresh: number }[]): Promise<Found[]> {
  const { rows } = await client.query<Found>(
    `WITH lapsed AS (
       SELECT tenant_id, environment, sum(count)::int AS lapsed, sum(fresh)::int AS fresh
       FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[]) l (tenant_id, environment, count, fresh) GROUP BY 1, 2)
     SELECT tenant_id, environment, coalesce(lapsed, 0) AS lapsed, coalesce(fresh, 0) AS fresh,
       (b.engaged_at IS NOT NULL AND b.released_at IS NULL) AS "isEngaged",
       coalesce(extract(epoch FROM now() - b.engaged_at), 0)::float8 AS "engagedForS",
       (SELECT coalesce(sum(k.count), 0)::int FROM presence_count k
        WHERE k.tenant_id = e.tenant_id AND k.environment = e.environment AND k.liveness IN ('conflict', 'late', 'online')) AS live,
       (SELECT count(*)::int FROM gateway_presence p JOIN gateway_lease l ON l.gateway_id = p.gateway_id
        WHERE p.tenant_id = e.tenant_id AND p.rank = 2 AND p.environment = e.environment
          AND p.since > now() - make_interval(secs => 1.2 * l.heartbeat_interval_s + 10)
          AND (b.released_at IS NULL OR l.lease_until > b.released_at)) AS lately
     FROM (SELECT * FROM lapsed FULL JOIN (SELECT tenant_id, environment FROM presence_brake WHERE released_at IS NULL) b USING (tenant_id, environment)) e
     LEFT JOIN presence_brake b USING (tenant_id, environment)`,
    [
      lapsed.map(({ tenant_id }) => tenant_id),
      lapsed.map(({ environment }) => environment),
      lapsed.map(({ count }) => count),
      lapsed.map(({ fresh }) => fresh),
    ],
  );
  return rows;
}

async function noteBrake(client: Sql, { tenant_id, environment, verdict, lapsed }: BrakeChange): Promise<void> {
  if (verdict === 'engage') {
    await client.query(
      `INSERT INTO presence_brake (tenant_id, environment, held) VALUES ($1, $2, $3)
       ON CONFLICT (tenant_id, environment) DO UPDATE SET engaged_at = now(), held = excluded.held, released_at = NULL`,
      [tenant_id, environment, lapsed],
    );
  } else if (verdict === 'release') {
    await client.query(`UPDATE presence_brake SET released_at = now() WHERE tenant_id = $1 AND environment = $2`, [tenant_id, environment]);
  } else {
    await client.query(`DELETE FROM presence_brake WHERE tenant_id = $1 AND environment = $2`, [tenant_id, environment]);
  }
  await tellOfBrake(client, tenant_id, environment);
}

/** Puts a change of a brake into the log, where those who follow it are told. */
export async function tellOfBrake(client: Sql, tenantId: string, environment: string): Promise<void> {
  await client.query(
    `WITH logged AS (INSERT INTO gateway_transition (tenant_id, seq, environment) SELECT $1, advance_presence_clock($1, 1), $2 RETURNING tenant_id)
     SELECT count(pg_notify('${presenceChannel}', tenant_id::text)) AS told FROM logged`,
    [tenantId, environment],
  );
}

/** Tells, with the tenant's id, that its log has grown. */
export const presenceChannel = 'stoa_presence';

/**
 * Holds what is noted against the rows that it follows from, whoever wrote those, and the counters against a recount. Answers how many were wrong.
 * No transition can be counted meanwhile: who makes one waits for the locks of the clocks.
 */
export async function mendPresence(client: Sql): Promise<{ gateways: number; counters: number }> {
  const gateways = await client.query(
    `INSERT INTO gateway_presence AS p (gateway_id, tenant_id, environment, instance_name, gateway_mode, liveness)
     SELECT g.id, g.tenant_id, g.environment, g.instance_name, g.gateway_mode,
       CASE WHEN g.revoked_at IS NOT NULL THEN 'revoked' WHEN g.left_at IS NOT NULL THEN 'left' ELSE 'online' END
     FROM gateway g LEFT JOIN gateway_presence was ON was.gateway_id = g.id
     WHERE was.gateway_id IS NULL OR was.gateway_mode <> g.gateway_mode OR (was.liveness = 'revoked') <> (g.revoked_at IS NOT NULL)
       OR (g.revoked_at IS NULL AND (was.liveness = 'left') <> (g.left_at IS NOT NULL))
     ON CONFLICT (gateway_id) DO UPDATE SET gateway_mode = excluded.gateway_mode, liveness = excluded.liveness, since = now()`,
  );
  await client.query('SELECT FROM presence_clock ORDER BY tenant_id FOR UPDATE');
  const counters = await client.query(
    `WITH counted AS (SELECT tenant_id, environment, gateway_mode, liveness, count(*)::int AS count FROM gateway_presence GROUP BY 1, 2, 3, 4),
     gone AS (DELETE FROM presence_count k WHERE NOT EXISTS (
       SELECT FROM counted c WHERE (c.tenant_id, c.environment, c.gateway_mode, c.liveness) = (k.tenant_id, k.environment, k.gateway_mode, k.liveness))
       RETURNING k.count),
     mended AS (INSERT INTO presence_count AS k SELECT * FROM counted
       ON CONFLICT (tenant_id, environment, gateway_mode, liveness) DO UPDATE SET count = excluded.count WHERE k.count <> excluded.count RETURNING 1)
     SELECT ((SELECT count(*) FROM mended) + (SELECT count(*) FROM gone WHERE count <> 0))::int AS wrong`,
  );
  return { gateways: gateways.rowCount ?? 0, counters: (counters.rows[0] as { wrong: number }).wrong };
}

const logKeptFor = '1 hour';
const maxLogged = 100_000;

/** Deletes of the log what nobody can resume from any more. */
export async function trimLog(pool: Sql): Promise<void> {
  await pool.query(
    `DELETE FROM gateway_transition t USING presence_clock c
     WHERE t.tenant_id = c.tenant_id AND (t.at < now() - interval '${logKeptFor}' OR t.seq <= c.seq - ${maxLogged})`,
  );
}
