import type { Logger } from '@stoa/lib/log.ts';
import type { Pool } from 'pg';
import { append } from '../audit/append.ts';
import type { Entry } from '../audit/entry.ts';
import type { ForTenant } from '../audit/for-tenant.ts';
import { toTimestamp } from '../operations/wire.ts';

/** So long before its end a key is spoken of. */
export const noticeDays = 7;
const everyMs = 60 * 60_000;
const tenantsAtOnce = 1_000;
const keysAtOnce = 500;

/** Keys of consumers whose end is near, which nobody replaced, and which were made for longer than the notice: who minted one for an hour knows. */
const isNear = `revoked_at IS NULL AND end_told_at IS NULL AND expires_at BETWEEN now() AND now() + interval '${noticeDays} days'
  AND expires_at - created_at > interval '${noticeDays} days'`;

type Given = { readonly pool: Pick<Pool, 'query'>; readonly forTenant: ForTenant; readonly log: Logger };

/** Each hour records in the audit of its tenant, once of each, which key of a consumer ends within seven days: sinks and exports carry it to whoever mints another. */
export class ExpiryNotices {
  readonly #given: Given;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;

  constructor(given: Given) {
    this.#given = given;
  }

  start(): void {
    this.#round = tellEnds(this.#given).catch((error: unknown) =>
      this.#given.log.warn({ err: error }, 'Keys whose end is near were not recorded; they are in an hour.'),
    );
    this.#timer = setTimeout(() => this.start(), everyMs).unref();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#round;
  }
}

/** The mark that a key was told of and the record of it are one transaction. */
export async function tellEnds({ pool, forTenant }: Given): Promise<void> {
  const { rows } = await pool.query<{ tenant_id: string }>(`SELECT DISTINCT tenant_id FROM consumer_key WHERE ${isNear} LIMIT ${tenantsAtOnce}`);
  for (const { tenant_id: tenantId } of rows)
    await forTenant(tenantId, async (sql) => {
      const told = await sql.query<{ key_id: string; consumer_id: string; name: string; expires_at: Date }>(
        `UPDATE consumer_key k SET end_told_at = now() FROM consumer c
         WHERE c.tenant_id = k.tenant_id AND c.id = k.consumer_id
           AND k.id IN (SELECT id FROM consumer_key WHERE tenant_id = $1::uuid AND ${isNear} ORDER BY expires_at LIMIT ${keysAtOnce} FOR UPDATE SKIP LOCKED)
         RETURNING k.id AS key_id, k.consumer_id, c.name, k.expires_at`,
        [tenantId],
      );
      const entries = told.rows.map(({ key_id: id, consumer_id, name, expires_at: end }): Entry => {
        const detail = { expires_at: toTimestamp(end) };
        const object = { kind: 'consumer_key', id, name } as const;
        return {
          kind: 'key-use',
          action: 'keyEndsSoon',
          outcome: 'done',
          actor: { kind: 'server' },
          object,
          after: { key_id: id, consumer_id },
          detail,
        };
      });
      if (entries.length > 0) await append(sql, tenantId, entries);
    });
}
