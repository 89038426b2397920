import { createHash } from 'node:crypto';
import type { ConfigItem, GatewayConfig } from '@stoa/generated/schemas.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import type { Database } from '../database/connection.ts';
import { configChannel } from './bump-tenant.ts';
import { desiredItems } from './desired-items.ts';
import type { Catalog, Recipient } from './desired-items.ts';
import { loadCatalog } from './load-catalog.ts';

type Compiled = { hash: string; items: ConfigItem[] };
type Tenant = { catalog: Catalog; compiled: Map<string, Compiled> };
export type ConfiguredGateway = Recipient & { id: string; tenant_id: string };

const maxCompiledPerTenant = 1_000;

/**
 * The desired state of each gateway. It is computed when asked for and kept as a generation and a hash: the generation rises when the
 * hash changes. Wakes those who wait when a tenant's catalogue changes, on whichever replica it was changed.
 */
export class DesiredStates {
  readonly #db: Database;
  readonly #keys: KeyMaterial;
  readonly #log: Logger;
  readonly #tenants = new Map<string, Promise<Tenant>>();
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(db: Database, keys: KeyMaterial, log: Logger) {
    this.#db = db;
    this.#keys = keys;
    this.#log = log;
    db.listenFor(configChannel, (event) => {
      // After a lost connection anything may have changed.
      if (event.kind === 'connected') for (const tenantId of new Set([...this.#tenants.keys(), ...this.#waiting.keys()])) this.#changed(tenantId);
      else this.#changed(event.payload);
    });
  }

  /** The newest desired state of a gateway, made a new generation where it differs from the last. */
  async current(gateway: ConfiguredGateway): Promise<GatewayConfig> {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const { catalog, compiled } = await this.#tenant(gateway.tenant_id);
      const state = compile(catalog, compiled, gateway);
      const generation = await this.#advance(gateway.id, state, catalog.revision);
      if (generation !== undefined) return this.#sign(gateway.id, generation, state);
      // Another replica has seen a newer catalogue: read it, too.
      this.#tenants.delete(gateway.tenant_id);
    }
    throw new Error(`The desired state of gateway ${gateway.id} kept changing.`);
  }

  /** Resolves when the tenant's catalogue has changed, or `signal` is aborted. Ask before reading, await after. */
  nextChange(tenantId: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(tenantId) ?? new Set();
      this.#waiting.set(tenantId, waiting);
      const done = () => {
        waiting.delete(done);
        if (waiting.size === 0 && this.#waiting.get(tenantId) === waiting) this.#waiting.delete(tenantId);
        signal.removeEventListener('abort', done);
        resolve();
      };
      waiting.add(done);
      if (signal.aborted) done();
      else signal.addEventListener('abort', done);
    });
  }

  #changed(tenantId: string): void {
    this.#tenants.delete(tenantId);
    for (const wake of [...(this.#waiting.get(tenantId) ?? [])]) wake();
    this.#advanceLiveGateways(tenantId).catch((error: unknown) => this.#log.warn({ err: error }, 'New generations will be made when gateways ask for them.'));
  }

  /** So that heartbeats can tell of a new generation to gateways that do not hold the feed open. */
  async #advanceLiveGateways(tenantId: string): Promise<void> {
    const gateways = await this.#db.prisma.gateway.findMany({ where: { tenant_id: tenantId, revoked_at: null, left_at: null }, select: { id: true, tenant_id: true, environment: true, instance_name: true, gateway_mode: true, labels: true } });
    for (const gateway of gateways) await this.current({ ...gateway, labels: gateway.labels as Recipient['labels'] });
  }

  #tenant(tenantId: string): Promise<Tenant> {
    const known = this.#tenants.get(tenantId);
    if (known) return known;
    const loading = loadCatalog(this.#db, this.#keys, tenantId).then((catalog) => ({ catalog, compiled: new Map<string, Compiled>() }));
    this.#tenants.set(tenantId, loading);
    loading.catch(() => this.#tenants.get(tenantId) === loading && this.#tenants.delete(tenantId));
    return loading;
  }

  /** The generation of this state; undefined when the stored one was made from a newer catalogue. */
  async #advance(gatewayId: string, { hash, items }: Compiled, revision: bigint): Promise<number | undefined> {
    const { rows } = await this.#db.pool.query<{ generation: string; hash: string }>({
      name: 'advance-generation',
      text: `WITH advanced AS (
               INSERT INTO gateway_config AS c (gateway_id, tenant_revision, generation, hash) VALUES ($1, $2, $4, $3)
               ON CONFLICT (gateway_id) DO UPDATE SET tenant_revision = $2, generation = c.generation + 1, hash = $3, updated_at = now()
               WHERE c.hash <> $3 AND c.tenant_revision <= $2
               RETURNING generation, hash)
             SELECT generation, hash FROM advanced
             UNION ALL SELECT generation, hash FROM gateway_config WHERE gateway_id = $1 AND NOT EXISTS (SELECT FROM advanced)`,
      // A gateway that was never given anything is at generation 0.
      values: [gatewayId, revision.toString(), hash, items.length === 0 ? 0 : 1],
    });
    const [row] = rows;
    return row && row.hash === hash ? Number(row.generation) : undefined;
  }

  #sign(gatewayId: string, generation: number, { hash, items }: Compiled): GatewayConfig {
    const { keyId, sign } = this.#keys.signing;
    return { gateway_id: gatewayId, generation, hash, signature: { key_id: keyId, algorithm: 'ed25519', value: sign(`${gatewayId}\n${generation}\n${hash}`) }, items };
  }
}

function compile(catalog: Catalog, compiled: Map<string, Compiled>, recipient: Recipient): Compiled {
  const { environment, instance_name, gateway_mode, labels } = recipient;
  const key = canonicalJson({ environment, instance_name, gateway_mode, labels });
  const known = compiled.get(key);
  if (known) return known;
  const items = desiredItems(catalog, recipient);
  const state = { items, hash: `sha256:${createHash('sha256').update(canonicalJson(items)).digest('hex')}` };
  if (compiled.size >= maxCompiledPerTenant) compiled.clear();
  compiled.set(key, state);
  return state;
}
