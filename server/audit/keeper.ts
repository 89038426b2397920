import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { Logger } from '@stoa/lib/log.ts';
import type { AuditKeys } from './audit-keys.ts';
import { signCheckpoint } from './checkpoint.ts';
import { deliver } from './deliver.ts';
import type { Sink } from './sinks.ts';
import { retain } from './retention.ts';

const everyMs = 60_000;
const deliverEveryMs = 2_000;
const maxPauseMs = 60_000;
/** A checkpoint is made after so many records, or after so long with any. */
const checkpointAfter = 1_000;
const checkpointAfterText = '10 minutes';

type Options = { pool: Pool; keys: AuditKeys; log: Logger; sinks: readonly Sink[]; retentionDays: number | undefined };

/**
 * What is done for the audit beside what writes it: checkpoints are signed, sinks are brought what is new, and what is older than its time is deleted. It is asked
 * for by clock, and a change never waits for it.
 */
export class AuditKeeper {
  readonly #options: Options;
  readonly #me = randomUUID();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: Options) {
    this.#options = options;
  }

  start(): void {
    this.#repeat('The audit was not looked after; it is tried again.', everyMs, () => this.look());
    for (const sink of this.#options.sinks)
      this.#repeat(`The audit was not brought to ${sink.name}; it is tried again.`, deliverEveryMs, () => this.deliver(sink));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(this.#underWay);
  }

  /** One round of all but the sinks. */
  async look(): Promise<void> {
    const { pool, keys, sinks, retentionDays } = this.#options;
    await signDue(pool, keys);
    if (retentionDays !== undefined) await retain(pool, keys, { days: retentionDays, sinks: sinks.map(({ id }) => id) });
  }

  deliver(sink: Sink): Promise<void> {
    return deliver(this.#options.pool, sink, this.#me, this.#stopping.signal);
  }

  /** After a failure the pause grows, with jitter, up to a minute. The first failure of a row is told. */
  #repeat(failed: string, pauseMs: number, work: () => Promise<void>): void {
    let failures = 0;
    const round = async () => {
      try {
        await work();
        failures = 0;
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        failures += 1;
        this.#options.log[failures === 1 ? 'warn' : 'debug']({ err: error }, failed);
      }
      schedule(Math.min(maxPauseMs, pauseMs * 2 ** Math.min(failures, 10)) * (failures === 0 ? 1 : 0.5 + Math.random() / 2));
    };
    const schedule = (afterMs: number) => {
      if (this.#stopping.signal.aborted) return;
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        const running = round().finally(() => this.#underWay.delete(running));
        this.#underWay.add(running);
      }, afterMs).unref();
      this.#timers.add(timer);
    };
    schedule(pauseMs);
  }
}

async function signDue(pool: Pool, keys: AuditKeys): Promise<void> {
  const { rows } = await pool.query<{ tenant_id: string; seq: string; hash: string }>(
    `SELECT h.tenant_id, h.seq, h.hash FROM audit_head h
     LEFT JOIN LATERAL (SELECT c.seq, c.at FROM audit_checkpoint c WHERE c.tenant_id = h.tenant_id ORDER BY c.seq DESC LIMIT 1) c ON true
     WHERE h.seq > COALESCE(c.seq, 0) AND (c.at IS NULL OR c.at < now() - interval '${checkpointAfterText}' OR h.seq - c.seq >= ${checkpointAfter}) LIMIT 1000`,
  );
  for (const { tenant_id, seq, hash } of rows) await signCheckpoint(pool, keys, tenant_id, { seq: Number(seq), hash });
}
