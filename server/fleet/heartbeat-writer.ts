import type { Pool } from 'pg';
import type { HeartbeatReply, HeartbeatRequest } from '@stoa/generated/schemas.ts';
import type { GatewayKeyPrincipal } from '../access/principal.ts';
import { decommissioned, forbidden, isDatabaseAway, notFound, overloaded, staleEpoch } from '../errors.ts';
import { leaseTtlS } from './interval-policy.ts';
import type { IntervalPolicy } from './interval-policy.ts';

export type Heartbeat = { gatewayId: string; principal: GatewayKeyPrincipal; body: HeartbeatRequest };
type Waiting = Heartbeat & { resolve: (reply: HeartbeatReply) => void; reject: (reason: unknown) => void };
type Renewed = { gateway_id: string; lease_epoch: number; generation: string | null };

const maxBatch = 1_000;
const maxWaiting = 20_000;
const deadlock = '40P01';

/**
 * Renews leases in batches: whatever arrives while one UPDATE is under way goes into the next, and each is answered only after
 * the commit that holds it. Without load, a heartbeat is a batch of its own.
 */
export class HeartbeatWriter {
  readonly #pool: Pool;
  readonly #intervals: IntervalPolicy;
  #waiting: Waiting[] = [];
  #flushing = false;

  constructor(pool: Pool, intervals: IntervalPolicy) {
    this.#pool = pool;
    this.#intervals = intervals;
  }

  /** Resolves once the heartbeat is committed. Rejects with the answer to send; 503 at once when too many wait. */
  write(heartbeat: Heartbeat): Promise<HeartbeatReply> {
    if (this.#waiting.length >= maxWaiting) return Promise.reject(overloaded(5));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...heartbeat, resolve, reject });
      if (!this.#flushing) {
        this.#flushing = true;
        // Requests that arrived in the same turn of the event loop share the batch.
        setImmediate(() => void this.#flush());
      }
    });
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, maxBatch);
      await this.#writeBatch(batch).catch((error: unknown) => batch.forEach((waiting) => waiting.reject(error)));
    }
    this.#flushing = false;
  }

  async #writeBatch(batch: Waiting[]): Promise<void> {
    const intervalS = this.#intervals.intervalS;
    const renewed = new Map((await this.#renew(batch, intervalS)).map((row) => [row.gateway_id, row]));
    const beats = new Map<string, number>();
    for (const { gatewayId } of batch) beats.set(gatewayId, (beats.get(gatewayId) ?? 0) + 1);
    const unsettled: Waiting[] = [];
    for (const waiting of batch) {
      const row = renewed.get(waiting.gatewayId);
      // Two processes may beat for one gateway in one batch, with different rights: those are settled one by one.
      if (row && beats.get(waiting.gatewayId) === 1) waiting.resolve(toReply(row, intervalS));
      else unsettled.push(waiting);
    }
    for (const waiting of unsettled) await this.#settle(waiting, intervalS).then(waiting.resolve, waiting.reject);
  }

  async #renew(batch: Waiting[], intervalS: number): Promise<Renewed[]> {
    // Sorted, so that two replicas lock the same rows in the same order.
    const rows = [...new Map(batch.map((waiting) => [waiting.gatewayId, waiting])).values()].sort((a, b) => (a.gatewayId < b.gatewayId ? -1 : 1));
    const column = <T>(pick: (waiting: Waiting) => T) => rows.map(pick);
    const query = () => this.#pool.query<Renewed>({
      name: 'renew-leases',
      text: renewLeases,
      values: [
        column((w) => w.gatewayId), column((w) => w.principal.tenantId), column((w) => w.body.lease_epoch ?? null),
        column((w) => w.principal.environments.join(',')), column((w) => w.principal.modes.join(',')), column((w) => w.principal.instanceName ?? null),
        column((w) => w.body.status), column((w) => w.body.uptime_s), column((w) => JSON.stringify(w.body.metrics)), column((w) => w.body.seq ?? null),
        column((w) => w.body.config?.generation ?? null), column((w) => w.body.config?.hash ?? null), column((w) => w.body.config?.state ?? null),
        intervalS, leaseTtlS(intervalS),
      ],
    });
    try {
      return (await query()).rows;
    } catch (error) {
      if ((error as { code?: unknown }).code !== deadlock) throw isDatabaseAway(error) ? overloaded(2) : error;
      return (await query()).rows;
    }
  }

  /** Writes one beat by itself, or says why it may not be written. */
  async #settle(waiting: Waiting, intervalS: number): Promise<HeartbeatReply> {
    const [row] = await this.#renew([waiting], intervalS);
    if (row) return toReply(row, intervalS);
    const { rows } = await this.#pool.query<{ left_at: Date | null; revoked_at: Date | null; lease_epoch: number }>(
      'SELECT left_at, revoked_at, lease_epoch FROM gateway WHERE id = $1 AND tenant_id = $2', [waiting.gatewayId, waiting.principal.tenantId]);
    const [gateway] = rows;
    if (!gateway) throw notFound('gateway');
    if (gateway.revoked_at) throw decommissioned();
    if (gateway.left_at) throw notFound('gateway');
    if (waiting.body.lease_epoch !== undefined && waiting.body.lease_epoch !== gateway.lease_epoch) throw staleEpoch();
    throw forbidden('This gateway key is not good for this instance.');
  }
}

function toReply(row: Renewed, intervalS: number): HeartbeatReply {
  return { heartbeat_interval_s: intervalS, lease_epoch: row.lease_epoch, lease_ttl_s: leaseTtlS(intervalS), config_generation: Number(row.generation ?? 0) };
}

// Only the database's clock judges a lease.
const renewLeases = `
  WITH beat AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[], $9::jsonb[], $10::bigint[], $11::bigint[], $12::text[], $13::text[])
      AS b (gateway_id, tenant_id, lease_epoch, environments, modes, instance_name, status, uptime_s, metrics, seq, config_generation, config_hash, config_state))
  UPDATE gateway_lease l SET
    heartbeat_interval_s = $14::int, lease_until = now() + make_interval(secs => $15::int), last_heartbeat_at = now(),
    status = beat.status, uptime_s = beat.uptime_s, metrics = beat.metrics, seq = beat.seq,
    config_generation = beat.config_generation, config_hash = beat.config_hash, config_state = beat.config_state
  FROM beat JOIN gateway g ON g.id = beat.gateway_id AND g.tenant_id = beat.tenant_id
    LEFT JOIN gateway_config c ON c.gateway_id = g.id
  WHERE l.gateway_id = beat.gateway_id AND g.revoked_at IS NULL AND g.left_at IS NULL
    AND (beat.lease_epoch IS NULL OR beat.lease_epoch = g.lease_epoch)
    AND (beat.environments = '' OR g.environment = ANY (string_to_array(beat.environments, ',')))
    AND (beat.modes = '' OR g.gateway_mode = ANY (string_to_array(beat.modes, ',')))
    AND (beat.instance_name IS NULL OR beat.instance_name = g.instance_name)
  RETURNING l.gateway_id, g.lease_epoch, c.generation`;
