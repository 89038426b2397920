import type { GatewayChanges, GatewayTransition, PresenceCount, Brake } from '@stoa/generated/schemas.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Pool } from 'pg';
import type { Database } from '../database/connection.ts';
import { overloaded } from '../errors.ts';
import { brakesSql, jsonTime } from './fleet-counts.ts';
import { presenceChannel } from './presence.ts';

/** Somebody who follows a tenant's fleet. `send` answers false when the reader does not keep up. */
export type Follower = { tokenId: string; send(text: string): boolean; end(): void };
type Followed = { position: bigint; followers: Set<Follower>; timer: NodeJS.Timeout | undefined; isReading: boolean };

const maxFollowers = 1_000;
const retryAfterS = 30;
const gatherMs = 1_000;
const commentEveryMs = 20_000;
/** Enough to be read out. Lists are read again after changes, and an open page shall move little also where many instances are late. */
const maxTold = 10;
const maxCounts = 500;

/**
 * Tells those who follow the fleet what changed, at most once a second: one listener for all, and one reading of the log for all who follow a
 * tenant. Each event is written once and sent to everybody.
 */
export class FleetEvents {
  readonly #db: Database;
  readonly #log: Logger;
  readonly #followed = new Map<string, Followed>();
  #count = 0;
  #comments: NodeJS.Timeout | undefined;

  constructor(db: Database, log: Logger) {
    this.#db = db;
    this.#log = log;
  }

  start(): void {
    this.#db.listenFor(presenceChannel, (event) => {
      if (event.kind === 'notification') this.#gather(event.payload);
      // What was notified before is lost.
      else for (const tenantId of this.#followed.keys()) this.#gather(tenantId);
    });
    this.#comments = setInterval(() => void this.recheck(), commentEveryMs).unref();
  }

  stop(): void {
    clearInterval(this.#comments);
    for (const { followers, timer } of this.#followed.values()) {
      clearTimeout(timer);
      for (const follower of [...followers]) follower.end();
    }
  }

  get following(): number {
    return this.#count;
  }

  /** Begins after a position of the log, or at present. Answers how to stop. Rejects with 503 when too many follow. */
  async follow(tenantId: string, after: string | undefined, follower: Follower): Promise<() => void> {
    if (this.#count >= maxFollowers) throw overloaded(retryAfterS);
    this.#count += 1;
    try {
      const followed = await this.#catchUp(tenantId, after, follower);
      followed.followers.add(follower);
      // What was notified before anybody followed was not heard.
      this.#gather(tenantId);
      return () => this.#leave(tenantId, followed, follower);
    } catch (error) {
      this.#count -= 1;
      throw error;
    }
  }

  /** Sends what lies between the position and what the others were told last, and answers those others. */
  async #catchUp(tenantId: string, after: string | undefined, follower: Follower): Promise<Followed> {
    const { pool } = this.#db;
    let position = after === undefined ? ((await readChanges(pool, tenantId, undefined))?.position ?? 0n) : BigInt(after);
    for (;;) {
      const news = await readChanges(pool, tenantId, position);
      if (news) follower.send(news.text);
      position = news?.position ?? position;
      const followed = this.#followed.get(tenantId) ?? { position, followers: new Set(), timer: undefined, isReading: false };
      this.#followed.set(tenantId, followed);
      // The others were told more while the log was read: that is read, too.
      if (followed.position <= position) return followed;
    }
  }

  #leave(tenantId: string, followed: Followed, follower: Follower): void {
    if (!followed.followers.delete(follower)) return;
    this.#count -= 1;
    if (followed.followers.size > 0) return;
    clearTimeout(followed.timer);
    this.#followed.delete(tenantId);
  }

  /** Shows that the connection is alive, and ends it for those whose credential is not good any more. Called, too, when one was revoked. */
  async recheck(): Promise<void> {
    const everybody = [...this.#followed.values()].flatMap(({ followers }) => [...followers]);
    if (everybody.length === 0) return;
    try {
      const { rows } = await this.#db.pool.query<{ id: string }>(
        `SELECT k.id FROM operator_token k JOIN tenant t ON t.id = k.tenant_id AND t.suspended_at IS NULL
         WHERE k.id = ANY($1::uuid[]) AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())`,
        [[...new Set(everybody.map(({ tokenId }) => tokenId))]],
      );
      const good = new Set(rows.map(({ id }) => id));
      for (const follower of everybody) if (!good.has(follower.tokenId)) follower.end();
    } catch (error) {
      this.#log.warn({ err: error }, 'Whether those who follow the fleet still may could not be asked; it is asked again.');
    }
    for (const follower of everybody) if (!follower.send(':\n\n')) follower.end();
  }

  #gather(tenantId: string): void {
    const followed = this.#followed.get(tenantId);
    if (followed) followed.timer ??= setTimeout(() => void this.#tell(tenantId, followed), gatherMs);
  }

  async #tell(tenantId: string, followed: Followed): Promise<void> {
    followed.timer = undefined;
    if (followed.isReading) return this.#gather(tenantId);
    followed.isReading = true;
    try {
      const news = await readChanges(this.#db.pool, tenantId, followed.position);
      if (news === undefined) return;
      followed.position = news.position;
      for (const follower of [...followed.followers]) if (!follower.send(news.text)) follower.end();
    } catch (error) {
      this.#log.warn({ err: error }, 'The log of transitions could not be read; it is tried again.');
      followed.timer ??= setTimeout(() => void this.#tell(tenantId, followed), gatherMs);
    } finally {
      followed.isReading = false;
    }
  }
}

type Read = {
  seq: string;
  first: string | null;
  as_of: string;
  total: number;
  transitions: { [Key in keyof GatewayTransition]: GatewayTransition[Key] | null }[];
  counts: PresenceCount[];
  brakes: Brake[];
};

/**
 * What the log holds after a position, as an event; undefined when there is nothing. Without a position nothing is told but where the log ends.
 * A position that the log does not reach any more, or not yet, is answered with `reload`.
 */
export async function readChanges(pool: Pool, tenantId: string, after: bigint | undefined): Promise<{ position: bigint; text: string } | undefined> {
  const { rows } = await pool.query<Read>({ name: 'read-changes', text: readSql, values: [tenantId, after?.toString() ?? null] });
  const read = rows[0] as Read;
  const position = BigInt(read.seq);
  if (after === undefined) return { position, text: '' };
  if (position === after) return undefined;
  const isBeyond = position < after || BigInt(read.first ?? position + 1n) > after + 1n;
  if (isBeyond || read.counts.length > maxCounts) return { position, text: eventOf(position, 'reload', {}) };
  const transitions = read.transitions.map(
    ({ was, liveness, ...rest }) => ({ ...rest, ...(was && { was }), ...(liveness && { liveness }) }) as GatewayTransition,
  );
  const { as_of, counts, brakes } = read;
  const changes: GatewayChanges = { as_of, counts, transitions, more: read.total - transitions.length, brakes };
  return { position, text: eventOf(position, 'changes', changes) };
}

const eventOf = (id: bigint, name: string, data: object): string => `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

const readSql = `
  WITH log AS MATERIALIZED (SELECT * FROM gateway_transition WHERE tenant_id = $1 AND seq > $2::bigint),
  touched AS (SELECT environment, gateway_mode, liveness FROM log UNION SELECT environment, was_mode, was FROM log)
  SELECT coalesce((SELECT seq FROM presence_clock WHERE tenant_id = $1), 0)::text AS seq, ${jsonTime('now()')} AS as_of,
    (SELECT min(seq)::text FROM gateway_transition WHERE tenant_id = $1) AS first,
    (SELECT count(*)::int FROM log WHERE gateway_id IS NOT NULL) AS total,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('gateway_id', gateway_id, 'instance_name', instance_name, 'gateway_mode', gateway_mode, 'environment', environment,
        'was', was, 'liveness', liveness, 'at', ${jsonTime('at')}) ORDER BY seq), '[]')
     FROM (SELECT * FROM log WHERE gateway_id IS NOT NULL ORDER BY seq LIMIT ${maxTold}) t) AS transitions,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('gateway_mode', t.gateway_mode, 'environment', t.environment, 'liveness', t.liveness, 'count', coalesce(k.count, 0))), '[]')
     FROM (SELECT * FROM touched WHERE liveness IS NOT NULL LIMIT ${maxCounts + 1}) t
     LEFT JOIN presence_count k ON k.tenant_id = $1 AND (k.environment, k.gateway_mode, k.liveness) = (t.environment, t.gateway_mode, t.liveness)) AS counts,
    ${brakesSql} AS brakes`;
