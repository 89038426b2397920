import type { ConfigItem, GatewayConfig } from '@stoa/generated/schemas.ts';
import { canonicalHash } from '@stoa/lib/canonical-json.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import type { Database } from '../database/connection.ts';
import { advanceGenerations } from './advance-generations.ts';
import { configChannel } from './bump-tenant.ts';
import { ChangeSignals } from './change-signals.ts';
import { deployedTo, desiredItems } from './desired-items.ts';
import type { Catalog, Recipient } from './desired-items.ts';
import { loadCatalog } from './load-catalog.ts';

type Compiled = { hash: string; items: ConfigItem[] };
type Tenant = { catalog: Catalog; compiled: Map<string, Compiled> };
/**
 * `catalogRevision` is the tenant's when the gateway was read; `stored` the newest generation in the database, if there is one, and the revision it
 * was made from.
 */
export type ConfiguredGateway = Recipient & {
  id: string;
  tenant_id: string;
  catalogRevision: bigint;
  stored?: { generation: number; hash: string; revision: bigint } | undefined;
};

const maxCompiledPerTenant = 1_000;
const maxBatch = 1_000;
const maxAttempts = 5;

/**
 * The desired state of each gateway. It is computed when a tenant's catalog changes or a gateway asks, and kept as a generation and a hash: the
 * generation rises when the hash changes. Wakes those who wait when the catalog changes, on whichever replica it was changed.
 */
export class DesiredStates {
  readonly #db: Database;
  readonly #keys: KeyMaterial;
  readonly #log: Logger;
  readonly #tenants = new Map<string, Promise<Tenant>>();
  readonly #signals = new ChangeSignals();
  /** Tenants being followed up, and whether they changed again meanwhile. */
  readonly #following = new Map<string, boolean>();

  constructor(db: Database, keys: KeyMaterial, log: Logger) {
    this.#db = db;
    this.#keys = keys;
    this.#log = log;
    db.listenFor(configChannel, (event) => {
      // After a lost connection anything may have changed.
      const changed = event.kind === 'connected' ? new Set([...this.#tenants.keys(), ...this.#signals.tenants]) : [event.payload];
      for (const tenantId of changed) void this.#changed(tenantId);
    });
  }

  /** The newest desired state of a gateway, made a new generation where it differs from the last. Undefined when there is no such gateway any more. */
  async current(gateway: ConfiguredGateway): Promise<GatewayConfig | undefined> {
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const { catalog, compiled } = await this.#tenant(gateway.tenant_id);
      if (catalog.revision < gateway.catalogRevision) {
        // The notification of a change may not have arrived yet, and whoever made the change must see it at once.
        this.#tenants.delete(gateway.tenant_id);
        continue;
      }
      const state = compile(catalog, compiled, gateway);
      const { stored } = gateway;
      if (stored?.hash === state.hash && stored.revision === catalog.revision) return this.#sign(gateway.id, stored.generation, state);
      const wanted = { gatewayId: gateway.id, hash: state.hash, isEmpty: state.items.length === 0 };
      const found = (await advanceGenerations(this.#db.pool, [wanted], catalog.revision)).get(gateway.id);
      if (found?.hash === state.hash) return this.#sign(gateway.id, found.generation, state);
      // Another replica has seen a newer catalog: read it, too.
      this.#tenants.delete(gateway.tenant_id);
      if (!found && attempt > 0) return undefined;
    }
    throw new Error(`The desired state of gateway ${gateway.id} kept changing.`);
  }

  /** Resolves when the tenant's catalog has changed, or `signal` is aborted. Ask before reading, await after. */
  nextChange(tenantId: string, signal: AbortSignal): Promise<void> {
    return this.#signals.next(tenantId, signal);
  }

  /** How many wait for a change. */
  get waiting(): number {
    return this.#signals.waiting;
  }

  /** One follow-up at a time for each tenant: changes that come in a burst share the next one. */
  async #changed(tenantId: string): Promise<void> {
    this.#tenants.delete(tenantId);
    if (this.#following.has(tenantId)) {
      this.#following.set(tenantId, true);
      return;
    }
    do {
      this.#following.set(tenantId, false);
      await this.#advanceAll(tenantId).catch((error: unknown) =>
        this.#log.warn({ err: error }, 'New generations will be made when gateways ask for them.'),
      );
      this.#signals.wake(tenantId);
    } while (this.#following.get(tenantId));
    this.#following.delete(tenantId);
  }

  /** So that heartbeats tell of a new generation to gateways that do not hold the feed open, and those that do find it made. */
  async #advanceAll(tenantId: string): Promise<void> {
    const gateways = await this.#db.prisma.gateway.findMany({
      where: { tenant_id: tenantId, revoked_at: null, left_at: null },
      select: { id: true, environment: true, instance_name: true, gateway_mode: true, labels: true, features: true },
    });
    if (gateways.length === 0) return;
    const { catalog, compiled } = await this.#tenant(tenantId);
    for (let from = 0; from < gateways.length; from += maxBatch) {
      const wanted = gateways.slice(from, from + maxBatch).map(({ id, ...recipient }) => {
        const { hash, items } = compile(catalog, compiled, { ...recipient, labels: recipient.labels as Recipient['labels'] });
        return { gatewayId: id, hash, isEmpty: items.length === 0 };
      });
      await advanceGenerations(this.#db.pool, wanted, catalog.revision);
    }
  }

  #tenant(tenantId: string): Promise<Tenant> {
    const known = this.#tenants.get(tenantId);
    if (known) return known;
    const loading = loadCatalog(this.#db, this.#keys, tenantId).then((catalog) => ({ catalog, compiled: new Map<string, Compiled>() }));
    this.#tenants.set(tenantId, loading);
    loading.catch(() => this.#tenants.get(tenantId) === loading && this.#tenants.delete(tenantId));
    return loading;
  }

  #sign(gatewayId: string, generation: number, { hash, items }: Compiled): GatewayConfig {
    const { keyId, sign } = this.#keys.signing;
    return {
      gateway_id: gatewayId,
      generation,
      hash,
      signature: { key_id: keyId, algorithm: 'ed25519', value: sign(`${gatewayId}\n${generation}\n${hash}`) },
      items,
    };
  }
}

/** Gateways that are given the same, share it: a state is made once for all gateways of an environment with the same deployments. */
function compile(catalog: Catalog, compiled: Map<string, Compiled>, recipient: Recipient): Compiled {
  const deployed = deployedTo(catalog, recipient);
  const versions = [...deployed].map(([id, revision]) => `${id}@${revision ?? 'newest'}`).sort();
  const key = [recipient.gateway_mode, recipient.environment, ...versions].join(' ');
  const known = compiled.get(key);
  if (known) return known;
  const items = desiredItems(catalog, recipient, deployed);
  const state = { items, hash: canonicalHash(items) };
  if (compiled.size >= maxCompiledPerTenant) compiled.clear();
  compiled.set(key, state);
  return state;
}
