import type { Logger } from '@stoa/lib/log.ts';
import type { ForTenant } from './for-tenant.ts';
import { append } from './append.ts';
import type { Entry } from './entry.ts';

type Known = { tenantId: string; entry: Entry; more: number };

const windowMs = 60_000;
const maxKnown = 10_000;

/**
 * Records what others can do any number of times, such as being refused: the first at once, those after it that are alike together, with their number, once a minute.
 * A flood makes a few records, whoever it is of.
 */
export class CountedRecords {
  readonly #forTenant: ForTenant;
  readonly #log: Logger;
  #known = new Map<string, Known>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(forTenant: ForTenant, log: Logger) {
    this.#forTenant = forTenant;
    this.#log = log;
  }

  /** Returns at once: nobody who is refused waits for the record of it. */
  note(tenantId: string, entry: Entry): void {
    const { kind, action, outcome, actor, object, detail } = entry;
    const key = [tenantId, kind, action, outcome, actor.kind, actor.id ?? actor.address, object?.id, JSON.stringify(detail)].join(' ');
    const known = this.#known.get(key) ?? (this.#known.size >= maxKnown ? this.#known.get(tenantId) : undefined);
    if (known) {
      known.more += 1;
      return;
    }
    // Beyond the bound, all of a tenant are counted together.
    const isOther = this.#known.size >= maxKnown;
    this.#known.set(isOther ? tenantId : key, { tenantId, entry, more: 0 });
    this.#timer ??= setTimeout(() => this.#closeWindow(), windowMs).unref();
    this.#write(tenantId, [entry]);
  }

  /** Writes what was counted. To be called before the database is closed. */
  async stop(): Promise<void> {
    this.#closeWindow();
    await this.#writing;
  }

  #closeWindow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const byTenant = Map.groupBy([...this.#known.values()], ({ tenantId }) => tenantId);
    this.#known = new Map();
    for (const [tenantId, all] of byTenant) {
      const counted = all.filter(({ more }) => more > 0).map(({ entry, more }) => ({ ...entry, detail: { ...entry.detail, count: more } }));
      if (counted.length > 0) this.#write(tenantId, counted);
    }
  }

  /** One after the other: however many are refused, one connection is taken. */
  #write(tenantId: string, entries: readonly Entry[]): void {
    this.#writing = this.#writing
      .then(() => this.#forTenant(tenantId, (sql) => append(sql, tenantId, entries)))
      .catch((error: unknown) =>
        this.#log.error({ err: error, tenant_id: tenantId, records: entries.length }, 'Records of the audit were not written.'),
      );
  }
}
