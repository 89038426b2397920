import type { Logger } from '@stoa/lib/log.ts';
import type { ForTenant } from './for-tenant.ts';
import { append } from './append.ts';
import type { Entry } from './entry.ts';

type Known = { entry: Entry; more: number };

/** Of one tenant: whoever floods it takes no room of another. */
const maxKnown = 2_000;
const others = 'others';

/**
 * Records what others can do any number of times, such as being refused: the first at once, those after it that are alike together, with their number, at the end of a window, a minute by default.
 * A flood makes a few records, whoever it is of, and from however many addresses: whoever is nobody may have any number of them.
 */
export class CountedRecords {
  readonly #forTenant: ForTenant;
  readonly #log: Logger;
  readonly #windowMs: number;
  #known = new Map<string, Map<string, Known>>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(forTenant: ForTenant, log: Logger, windowMs = 60_000) {
    this.#forTenant = forTenant;
    this.#log = log;
    this.#windowMs = windowMs;
  }

  /** Returns at once: nobody who is refused waits for the record of it. `count`: how often it was that. */
  note(tenantId: string, entry: Entry, count = 1): void {
    const { kind, action, outcome, actor, object, detail } = entry;
    const own = [kind, action, outcome, actor.kind, actor.id, object?.id, JSON.stringify(detail)].join(' ');
    const ofTenant = this.#known.get(tenantId) ?? new Map<string, Known>();
    this.#known.set(tenantId, ofTenant);
    // Beyond the bound, all of a tenant are counted together.
    const key = ofTenant.has(own) || ofTenant.size < maxKnown ? own : others;
    const known = ofTenant.get(key);
    if (known) {
      known.more += count;
      // What is told of several is not said to be from the address of one.
      if (known.entry.actor.address !== actor.address) known.entry = { ...known.entry, actor: { ...known.entry.actor, address: undefined } };
      return;
    }
    ofTenant.set(key, { entry, more: 0 });
    this.#timer ??= setTimeout(() => this.#closeWindow(), this.#windowMs).unref();
    this.#write(tenantId, [count === 1 ? entry : counted(entry, count)]);
  }

  /** Writes what was counted. To be called before the database is closed. */
  async stop(): Promise<void> {
    this.#closeWindow();
    await this.#writing;
  }

  #closeWindow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const byTenant = this.#known;
    this.#known = new Map();
    for (const [tenantId, all] of byTenant) {
      const entries = [...all.values()].filter(({ more }) => more > 0).map(({ entry, more }) => counted(entry, more));
      if (entries.length > 0) this.#write(tenantId, entries);
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

const counted = (entry: Entry, count: number): Entry => ({ ...entry, detail: { ...entry.detail, count } });
