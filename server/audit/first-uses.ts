import type { Logger } from '@stoa/lib/log.ts';
import type { Principal } from '../access/principal.ts';
import { actorOf } from './actor.ts';
import type { AskedOperation } from './actor.ts';
import { append } from './append.ts';
import type { Entry } from './entry.ts';
import type { ForTenant } from './for-tenant.ts';

type Use = { tenantId: string; id: string; kind: 'gateway_key' | 'operator_token'; entry: Entry };

const maxWaiting = 5_000;
const maxBatch = 500;
const maxNoted = 100_000;

/** Runtimes tell of keys: what one tenant's tells must not count for another's. */
const nameOf = (tenantId: string, id: string): string => `${tenantId}:${id}`;

/**
 * Records the first use of a key or token. Of keys of consumers runtimes tell, in their usage. Those of a fleet that registers at once are written together, beside the registrations. The mark that it was used and
 * the record of it are one transaction: what is lost here is noted at the next use.
 */
export class FirstUses {
  readonly #forTenant: ForTenant;
  readonly #log: Logger;
  #waiting = new Map<string, Use>();
  /** Whoever asked before the mark was written is known as unused for some seconds more. */
  readonly #noted = new Set<string>();
  #writing: Promise<void> | undefined;

  constructor(forTenant: ForTenant, log: Logger) {
    this.#forTenant = forTenant;
    this.#log = log;
  }

  note(principal: Principal, asked: AskedOperation): void {
    const use = toUse(principal, asked);
    if (this.#noted.has(nameOf(use.tenantId, use.id)) || this.#waiting.has(use.id) || this.#waiting.size >= maxWaiting) return;
    this.#waiting.set(use.id, use);
    // Those of one turn of the event loop share a transaction.
    this.#writing ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#writeAll()).finally(() => (this.#writing = undefined));
  }

  /** Of keys of consumers, of which a runtime tells. Resolves once they are recorded. */
  async ofConsumerKeys(principal: Principal, asked: AskedOperation, gateway: { id: string }, keyIds: readonly string[]): Promise<void> {
    const ids = keyIds.filter((id) => !this.#noted.has(nameOf(principal.tenantId, id)));
    if (ids.length === 0) return;
    const common = { kind: 'key-use', action: 'firstUse', outcome: 'done', actor: actorOf(principal, asked) } as const;
    await this.#forTenant(principal.tenantId, async (sql) => {
      const { rows } = await sql.query<{ key_id: string; consumer_id: string; name: string }>(
        `UPDATE consumer_key k SET first_used_at = now() FROM consumer c
         WHERE k.tenant_id = $1::uuid AND k.id = ANY ($2::uuid[]) AND k.first_used_at IS NULL AND c.tenant_id = k.tenant_id AND c.id = k.consumer_id
         RETURNING k.id AS key_id, k.consumer_id, c.name`,
        [principal.tenantId, ids],
      );
      const entries = rows.map(({ key_id: id, consumer_id, name }): Entry => {
        const detail = { operation: asked.operationId, gateway_id: gateway.id };
        return { ...common, object: { kind: 'consumer_key', id, name }, after: { key_id: id, consumer_id }, detail };
      });
      if (entries.length > 0) await append(sql, principal.tenantId, entries);
    });
    this.#remember(principal.tenantId, ids);
  }

  #remember(tenantId: string, ids: readonly string[]): void {
    if (this.#noted.size > maxNoted) this.#noted.clear();
    for (const id of ids) this.#noted.add(nameOf(tenantId, id));
  }

  async stop(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting.values()].slice(0, maxBatch);
      for (const [tenantId, uses] of Map.groupBy(batch, ({ tenantId }) => tenantId)) {
        try {
          await this.#write(tenantId, uses);
          this.#remember(
            tenantId,
            uses.map(({ id }) => id),
          );
        } catch (error) {
          this.#log.warn({ err: error, keys: uses.length }, 'The first use of keys was not recorded; the next use is.');
        }
      }
      for (const { id } of batch) this.#waiting.delete(id);
    }
  }

  #write(tenantId: string, uses: readonly Use[]): Promise<void> {
    return this.#forTenant(tenantId, async (sql) => {
      const entries: Entry[] = [];
      for (const [kind, ofKind] of Map.groupBy(uses, (use) => use.kind)) {
        const { rows } = await sql.query<{ id: string; name: string }>(
          `UPDATE ${kind} SET first_used_at = now() WHERE tenant_id = $1::uuid AND id = ANY ($2::uuid[]) AND first_used_at IS NULL RETURNING id, name`,
          [tenantId, ofKind.map(({ id }) => id)],
        );
        for (const { id, name } of rows) {
          const use = ofKind.find((one) => one.id === id);
          if (use) entries.push({ ...use.entry, object: { kind, id, name } });
        }
      }
      if (entries.length > 0) await append(sql, tenantId, entries);
    });
  }
}

function toUse(principal: Principal, asked: AskedOperation): Use {
  const isKey = principal.kind === 'gateway_key';
  const entry: Entry = {
    kind: 'key-use',
    action: 'firstUse',
    outcome: 'done',
    actor: actorOf(principal, asked),
    detail: { operation: asked.operationId },
  };
  return { tenantId: principal.tenantId, id: isKey ? principal.keyId : principal.tokenId, kind: isKey ? 'gateway_key' : 'operator_token', entry };
}
