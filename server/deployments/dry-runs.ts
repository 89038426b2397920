import { randomUUID } from 'node:crypto';
import type { AdoptionQuestion, DryRunAnswer } from '@stoa/generated/schemas.ts';
import type { Database } from '../database/connection.ts';
import type { Sql } from '../database/sql.ts';
import type { Patience } from './config-waiters.ts';
import type { CatalogRows } from './catalog.ts';

const channel = 'stoa_dry_run';
/** The feature of runtimes that answer. */
export const dryRunFeature = 'dry_run';

/** The deployment that is not there yet, or what is to be taken over. It is stored, and not the state that it makes, which holds secrets. */
export type Question = { readonly deployment: CatalogRows['deployments'][number] } | { readonly adopt: AdoptionQuestion };

/** A question as one gateway is given it; who is asked with it has the same `ask_id`. */
export type TakenQuestion = { readonly id: string; readonly ask_id: string; readonly question: Question };

/** Who asks, and for which tenant: each of the transactions is one of it. */
export type Asker = { readonly signal: AbortSignal; inTenant<T>(work: (sql: Sql) => Promise<T>): Promise<T> };

/**
 * Questions to runtimes, and their answers. Who asks and the runtime that waits to be asked may be at different replicas: both lie in the database, and who waits is woken by a
 * notification.
 */
export class DryRuns {
  readonly #db: Database;
  readonly #bells = new Map<string, Set<() => void>>();

  constructor(db: Database) {
    this.#db = db;
    db.listenFor(channel, (event) => {
      // After a lost connection anything may have come.
      for (const key of event.kind === 'connected' ? [...this.#bells.keys()] : [event.payload])
        for (const ring of [...(this.#bells.get(key) ?? [])]) ring();
    });
  }

  /** Asks these gateways at once, and answers what came within `forMs`. */
  async ask(asker: Asker, gatewayIds: readonly string[], question: Question, forMs: number): Promise<ReadonlyMap<string, DryRunAnswer>> {
    if (gatewayIds.length === 0) return new Map();
    const askId = randomUUID();
    await asker.inTenant(async (sql) => {
      // Those of a server that ended before it could.
      await sql.query(`DELETE FROM dry_run WHERE asked_at < now() - interval '1 minute' RETURNING 1`);
      await sql.query(
        `INSERT INTO dry_run (tenant_id, gateway_id, ask_id, question)
         SELECT g.tenant_id, g.id, $2::uuid, $3::jsonb FROM gateway g WHERE g.id = ANY($1::uuid[]) RETURNING pg_notify('${channel}', gateway_id::text)::text`,
        [gatewayIds, askId, JSON.stringify(question)],
      );
    });
    const isAnswered = () =>
      asker.inTenant(async (sql) => {
        const { rows } = await sql.query('SELECT 1 FROM dry_run WHERE ask_id = $1::uuid AND answer IS NULL LIMIT 1', [askId]);
        return rows.length === 0 ? true : undefined;
      });
    await this.#until(askId, isAnswered, { signal: asker.signal, forMs });
    return asker.inTenant(async (sql) => {
      const { rows } = await sql.query<{ gateway_id: string; answer: DryRunAnswer | null }>(
        'DELETE FROM dry_run WHERE ask_id = $1::uuid RETURNING gateway_id, answer',
        [askId],
      );
      return new Map(rows.flatMap(({ gateway_id: id, answer }) => (answer === null ? [] : [[id, answer] as const])));
    });
  }

  /** The next question to a gateway, which nobody else is given; undefined when none came. */
  take(gatewayId: string, patience: Patience): Promise<TakenQuestion | undefined> {
    const look = async () => {
      const { rows } = await this.#db.pool.query<TakenQuestion>(
        `UPDATE dry_run SET taken_at = now() WHERE id = (
           SELECT id FROM dry_run WHERE gateway_id = $1 AND taken_at IS NULL AND asked_at > now() - interval '10 seconds' ORDER BY asked_at LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING id, ask_id, question`,
        [gatewayId],
      );
      return rows[0];
    };
    return this.#until(gatewayId, look, patience);
  }

  /** An answer to a question that is gone, or was another gateway's, is nobody's. */
  async answer(gatewayId: string, answer: DryRunAnswer): Promise<void> {
    await this.#db.pool.query(
      `UPDATE dry_run SET answer = $3 WHERE id = $1 AND gateway_id = $2 AND answer IS NULL RETURNING pg_notify('${channel}', ask_id::text)`,
      [answer.dry_run_id, gatewayId, JSON.stringify(answer)],
    );
  }

  /** How many wait, for questions and for answers. */
  get waiting(): number {
    return this.#bells.values().reduce((sum, { size }) => sum + size, 0);
  }

  /** Looks, and looks again at each ring, until there is something or the patience is over. It listens before it looks, so that it misses nothing. */
  async #until<T>(key: string, look: () => Promise<T | undefined>, { signal, forMs }: Patience): Promise<T | undefined> {
    const endsAt = performance.now() + forMs;
    for (;;) {
      const leftMs = endsAt - performance.now();
      const { rung, end } = this.#listen(key, { signal, forMs: leftMs });
      try {
        const found = await look();
        if (found !== undefined || leftMs <= 0 || signal.aborted) return found;
        await rung;
      } finally {
        end();
      }
    }
  }

  #listen(key: string, { signal, forMs }: Patience): { rung: Promise<void>; end: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.max(0, Math.ceil(forMs)));
    const ringing = (this.#bells.get(key) ?? new Set<() => void>()).add(resolve);
    this.#bells.set(key, ringing);
    const stop = () => resolve();
    signal.addEventListener('abort', stop, { once: true });
    const end = () => {
      signal.removeEventListener('abort', stop);
      clearTimeout(timer);
      ringing.delete(resolve);
      if (ringing.size === 0 && this.#bells.get(key) === ringing) this.#bells.delete(key);
    };
    return { rung: promise, end };
  }
}
