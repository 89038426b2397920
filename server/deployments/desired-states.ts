import type { Logger } from '@stoa/lib/log.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import type { Database } from '../database/connection.ts';
import { configChannel } from './bump-tenant.ts';
import type { Patience } from './config-waiters.ts';
import type { Recipient } from './selectors.ts';
import { TenantFeed } from './tenant-feed.ts';
import type { CurrentState } from './tenant-feed.ts';

export type { CurrentState } from './tenant-feed.ts';

/**
 * `catalogRevision` is the tenant's when the gateway was read; `stored` what the database says that it shall serve, with both hashes of it
 * that acknowledgements may name.
 */
export type ConfiguredGateway = Recipient & {
  id: string;
  tenant_id: string;
  catalogRevision: bigint;
  stored?: { generation: number; key: string | null; hash: string | null; wholeHash: string | null } | undefined;
};

/**
 * The desired state of each gateway. States are shared by the gateways of a class and kept up with what changes of a tenant's catalog; the
 * generation of one rises when its hash changes. Wakes those whom a change concerns, on whichever replica it was made.
 */
export class DesiredStates {
  readonly #db: Database;
  readonly #keys: KeyMaterial;
  readonly #log: Logger;
  readonly #feeds = new Map<string, TenantFeed>();

  constructor(db: Database, keys: KeyMaterial, log: Logger) {
    this.#db = db;
    this.#keys = keys;
    this.#log = log;
    db.listenFor(configChannel, (event) => {
      // After a lost connection anything may have changed.
      for (const tenantId of event.kind === 'connected' ? this.#feeds.keys() : [event.payload]) {
        this.#feed(tenantId)
          .follow()
          .catch((error: unknown) => this.#log.warn({ err: error }, 'New generations will be made when gateways ask for them.'));
      }
    });
  }

  /** What a gateway shall serve, made a new generation where it differs from the last. Undefined when there is no such gateway any more. */
  async current(gateway: ConfiguredGateway): Promise<CurrentState | undefined> {
    const feed = this.#feed(gateway.tenant_id);
    // The notification of a change may not have arrived yet, and whoever made the change must see it at once.
    const tenant = await feed.at(gateway.catalogRevision);
    if (!tenant) return undefined;
    const state = tenant.stateFor(gateway);
    const { content } = state;
    const { stored } = gateway;
    if (stored?.key === state.key && stored.hash === content.hash) return { generation: stored.generation, state, content, tenant };
    return feed.place(gateway);
  }

  /** Gives a gateway its state before it asks, so that it is seen to be pending; where that does not work, it is done when it asks. */
  settle(gateway: Recipient & { id: string; tenant_id: string }): void {
    const feed = this.#feed(gateway.tenant_id);
    if (feed.isCrowded) return;
    feed.place(gateway).catch((error: unknown) => this.#log.debug({ err: error }, 'A gateway is given its state when it asks.'));
  }

  /** Resolves when there may be news for a gateway, or it waits no longer. */
  nextChange(gateway: Recipient & { tenant_id: string }, { state, content }: CurrentState, patience: Patience): Promise<void> {
    if (state.content !== content) return Promise.resolve();
    return this.#feed(gateway.tenant_id).waiters.next(gateway, state.key, patience);
  }

  /** How many wait for a change. */
  get waiting(): number {
    return [...this.#feeds.values()].reduce((sum, { waiters }) => sum + waiters.waiting, 0);
  }

  #feed(tenantId: string): TenantFeed {
    const known = this.#feeds.get(tenantId);
    if (known) return known;
    const feed = new TenantFeed(this.#db.pool, this.#keys, tenantId);
    this.#feeds.set(tenantId, feed);
    return feed;
  }
}
