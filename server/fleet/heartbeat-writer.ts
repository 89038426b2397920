import type { Pool } from 'pg';
import type { HeartbeatReply } from '@stoa/generated/schemas.ts';
import { writeBatch } from '../database/write-batch.ts';
import { overloaded } from '../errors.ts';
import type { ControlPlaneMetrics } from '../metrics.ts';
import { noteUnknownFields, unknownFieldsOf } from './contract-fields.ts';
import { leaseTtlS } from './interval-policy.ts';
import type { IntervalPolicy } from './interval-policy.ts';
import { renewLeases } from './renew-leases.ts';
import type { Heartbeat, Renewed } from './renew-leases.ts';
import { requireStanding } from './standing.ts';
import type { Standing } from './standing.ts';

export type { Heartbeat } from './renew-leases.ts';
type Caller = { resolve: (reply: HeartbeatReply) => void; reject: (reason: unknown) => void };
type Waiting = Heartbeat & { callers: Caller[] };

// Two batches under way hide the time that one commit takes; each has a connection.
const maxAtOnce = 2;
/** A batch costs about as much as ten beats. So one begins when so many beats are there, or so long after the last one began, far below what a runtime waits. */
const worthwhile = 32;
const gatherMs = 15;
const maxBatch = 1_000;
const maxWaiting = 20_000;
const maxHoldersOfOne = 16;
const retryAfterS = 5;

/**
 * Renews leases in batches: whatever arrives while an UPDATE is under way or shortly after the last began goes into the next, and each beat is
 * answered only after the commit that holds it. Without load, a heartbeat is a batch of its own.
 */
export class HeartbeatWriter {
  readonly #pool: Pool;
  readonly #intervals: IntervalPolicy;
  readonly #metrics: ControlPlaneMetrics;
  readonly #signing: () => { readonly id: string };
  /** By gateway, in the order of arrival: a batch takes one beat of each, so that no gateway can hold up the others. */
  readonly #waiting = new Map<string, Waiting[]>();
  #callers = 0;
  /** Gateways in a batch under way: their next beat waits for it, so that beats are written in the order they came in. */
  readonly #underWay = new Set<string>();
  #flushing = 0;
  #lastBeganMs = -Infinity;
  #gathering: NodeJS.Timeout | undefined;

  /** `signing` names the set of signing keys in force: the same text for every answer. */
  constructor(pool: Pool, intervals: IntervalPolicy, metrics: ControlPlaneMetrics, signing: () => { readonly id: string }) {
    this.#pool = pool;
    this.#metrics = metrics;
    this.#signing = signing;
    this.#intervals = intervals;
  }

  get waiting(): number {
    return this.#callers;
  }

  /** Resolves once the heartbeat is committed. Rejects with the answer to send; 503 at once when too many wait. */
  write(heartbeat: Heartbeat): Promise<HeartbeatReply> {
    const { promise, ...caller } = Promise.withResolvers<HeartbeatReply>();
    // As the database writes it: UUIDs are case-insensitive on input (RFC 9562 §4).
    const gatewayId = heartbeat.gatewayId.toLowerCase();
    if (this.#callers >= maxWaiting || !this.#enqueue({ ...heartbeat, gatewayId }, caller)) {
      this.#metrics.count('heartbeat', 'later');
      return Promise.reject(overloaded(retryAfterS));
    }
    this.#callers += 1;
    this.#begin();
    return promise;
  }

  /** Begins a batch when one is worth its cost, or has been waited for long enough. */
  #begin(): void {
    if (this.#flushing >= maxAtOnce || this.#waiting.size === 0) return;
    const isWorthwhile = this.#waiting.size >= worthwhile;
    if (!isWorthwhile && this.#gathering !== undefined) return;
    const leftMs = isWorthwhile ? 0 : gatherMs - (performance.now() - this.#lastBeganMs);
    if (leftMs > 0) {
      this.#gathering = setTimeout(() => {
        this.#gathering = undefined;
        this.#begin();
      }, Math.ceil(leftMs));
      return;
    }
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#flushing += 1;
    this.#lastBeganMs = performance.now();
    // Requests that arrived in the same turn of the event loop share the batch.
    setImmediate(() => void this.#flush());
  }

  /** A newer beat of the same process takes the place of one that still waits, and is the answer to both. */
  #enqueue(heartbeat: Heartbeat, caller: Caller): boolean {
    const waiting = this.#waiting.get(heartbeat.gatewayId);
    if (!waiting) return Boolean(this.#waiting.set(heartbeat.gatewayId, [{ ...heartbeat, callers: [caller] }]));
    const same = waiting.find(
      (other) => other.principal.keyId === heartbeat.principal.keyId && other.body.lease_epoch === heartbeat.body.lease_epoch,
    );
    if (same) {
      same.body = heartbeat.body;
      same.callers.push(caller);
    } else if (waiting.length < maxHoldersOfOne) waiting.push({ ...heartbeat, callers: [caller] });
    else return false;
    return true;
  }

  #nextBatch(): Waiting[] {
    const batch: Waiting[] = [];
    for (const [gatewayId, [first, ...others]] of this.#waiting) {
      if (batch.length === maxBatch) break;
      if (first === undefined || this.#underWay.has(gatewayId)) continue;
      batch.push(first);
      this.#callers -= first.callers.length;
      this.#underWay.add(gatewayId);
      if (others.length > 0) this.#waiting.set(gatewayId, others);
      else this.#waiting.delete(gatewayId);
    }
    return batch;
  }

  async #flush(): Promise<void> {
    const batch = this.#nextBatch();
    const since = performance.now();
    if (batch.length > 0) await this.#writeBatch(batch);
    this.#flushing -= 1;
    // All that wait are in the batch under way: its end begins the next.
    if (batch.length === 0) return;
    this.#metrics.noteBatch('heartbeat', batch.length, (performance.now() - since) / 1000);
    for (const { gatewayId } of batch) this.#underWay.delete(gatewayId);
    this.#begin();
  }

  /** Every caller of the batch gets an answer. */
  #writeBatch(batch: readonly Waiting[]): Promise<void> {
    return writeBatch(
      batch,
      (part) => this.#renew(part, this.#intervals.intervalS),
      (part, error) => {
        this.#metrics.count('heartbeat', 'failed', part.length);
        for (const { callers } of part) for (const { reject } of callers) reject(error);
      },
    );
  }

  async #renew(batch: readonly Waiting[], intervalS: number): Promise<void> {
    const renewed = await renewLeases(this.#pool, batch, intervalS);
    const refused = batch.filter(({ gatewayId }) => !renewed.has(gatewayId));
    this.#metrics.count('heartbeat', 'done', batch.length - refused.length);
    this.#metrics.count('heartbeat', 'refused', refused.length);
    const reasons = refused.length === 0 ? new Map<Waiting, unknown>() : await this.#explain(refused);
    const { id: signingKeysId } = this.#signing();
    for (const waiting of batch) {
      const row = renewed.get(waiting.gatewayId);
      for (const caller of waiting.callers) {
        if (row) caller.resolve(toReply(row, intervalS, signingKeysId));
        else caller.reject(reasons.get(waiting));
      }
    }
    this.#noteUnknownFields(batch.filter(({ gatewayId }) => renewed.has(gatewayId)));
  }

  /** Why each of these was not renewed: the refusal that every other call of theirs would get. */
  async #explain(refused: Waiting[]): Promise<Map<Waiting, unknown>> {
    const { rows } = await this.#pool.query<Standing & { id: string }>({
      name: 'explain-refusals',
      text: 'SELECT id, tenant_id, environment, instance_name, team, gateway_mode, lease_epoch, left_at, revoked_at FROM gateway WHERE id = ANY($1::uuid[])',
      values: [refused.map(({ gatewayId }) => gatewayId)],
    });
    const standings = new Map(rows.map((row) => [row.id, row]));
    return new Map(refused.map((waiting) => [waiting, whyNot(waiting, standings.get(waiting.gatewayId))]));
  }

  #noteUnknownFields(batch: Waiting[]): void {
    const odd = batch.flatMap(({ gatewayId, body }) => {
      const unknownFields = unknownFieldsOf('HeartbeatRequest', body);
      return unknownFields.length === 0 ? [] : [{ gatewayId, unknownFields }];
    });
    // Of use to people only, and said again by the next beat.
    if (odd.length > 0) noteUnknownFields(this.#pool, odd).catch(() => {});
  }
}

function whyNot({ principal, body }: Heartbeat, standing: Standing | undefined): unknown {
  try {
    requireStanding(standing, principal, body.lease_epoch);
  } catch (refusal) {
    return refusal;
  }
  // It was let in again between the two statements: the next beat will do.
  return overloaded(1);
}

function toReply(row: Renewed, intervalS: number, signingKeysId: string): HeartbeatReply {
  return {
    heartbeat_interval_s: intervalS,
    lease_epoch: row.lease_epoch,
    lease_ttl_s: leaseTtlS(intervalS),
    config_generation: Number(row.generation ?? 0),
    signing_keys_id: signingKeysId,
  };
}
