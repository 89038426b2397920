import type { DeploymentDryRun, DryRunAnswer, DryRunOnGateway, PlannedWrite, TargetSelector } from '@stoa/generated/schemas.ts';
import { requireOperator } from '../context.ts';
import type { RequestContext } from '../context.ts';
import { sqlOf } from '../database/sql.ts';
import type { Sql } from '../database/sql.ts';
import { livenessSql } from '../fleet/gateway-rows.ts';
import { aliveJoin } from '../fleet/grace.ts';
import { optionalTimestamp, present } from '../operations/wire.ts';
import { inTenant } from '../tenants/in-tenant.ts';
import { askGateways, waitMs } from './ask-gateways.ts';
import type { Catalog, CatalogRows } from './catalog.ts';
import { ClassState } from './class-state.ts';
import { dryRunFeature } from './dry-runs.ts';
import { loadWith } from './load-catalog.ts';
import { isChosenSql } from './outcome-sql.ts';
import { isConnect } from './selectors.ts';
import type { Recipient } from './selectors.ts';

const maxGateways = 1000;
/** The contract's bound on what is told of one gateway. */
const maxTold = 1000;

type Chosen = Recipient & Pick<DryRunOnGateway, 'gateway_id' | 'gateway_mode' | 'liveness'> & { last_heartbeat_at: Date | null };
type Told = Omit<DryRunOnGateway, 'gateway_id' | 'instance_name' | 'gateway_mode' | 'environment' | 'liveness'>;

/** What a deployment that is not there would do on each gateway that it chooses: asked of those that can tell, and worked out for the others. */
export async function rehearseDeployment(
  context: RequestContext,
  deployment: CatalogRows['deployments'][number],
): Promise<DeploymentDryRun['gateways']> {
  const { tenantId } = requireOperator(context);
  const gateways = await inTenant(context, (tx) => findChosen(sqlOf(tx), tenantId, deployment.targets));
  if (gateways.length === 0) return [];
  const asked = gateways.filter(isAsked).map(({ gateway_id: id }) => id);
  const [catalogs, answers] = await Promise.all([
    loadWith(context.db.pool, context.keys, tenantId, deployment),
    askGateways(context, asked, { deployment }),
  ]);
  if (catalogs === undefined) return [];
  const tellers = new Tellers(catalogs, deployment.api_id);
  const unused = deployment.traits.public_path === undefined ? undefined : pathIsUnused;
  return gateways.map((gateway): DryRunOnGateway => {
    const { gateway_id, instance_name, gateway_mode, environment, liveness } = gateway;
    const answer = answers.get(gateway_id);
    const told =
      answer === undefined ? (isConnect(gateway) ? unknown(gateway) : tellers.byCapability(gateway, unused)) : tellers.answered(gateway, answer);
    return { gateway_id, instance_name, gateway_mode, environment, liveness, ...told };
  });
}

const pathIsUnused =
  'The public path is not used here: a Gateway or Link is asked by the names of tools and APIs. Only a Connect puts it before the paths of its gateway.';

const isAsked = (gateway: Chosen): boolean => gateway.features.includes(dryRunFeature) && gateway.liveness !== 'offline';

async function findChosen(sql: Sql, tenantId: string, targets: TargetSelector): Promise<Chosen[]> {
  const { rows } = await sql.query<Chosen>(
    `SELECT g.id AS gateway_id, g.instance_name, g.gateway_mode, g.environment, g.labels, g.features, ${livenessSql} AS liveness, l.last_heartbeat_at
     FROM gateway g JOIN gateway_lease l ON l.gateway_id = g.id ${aliveJoin} CROSS JOIN (SELECT $1::uuid AS tenant_id, $2::text::jsonb AS targets) d
     WHERE g.left_at IS NULL AND g.revoked_at IS NULL AND ${isChosenSql} ORDER BY g.registered_at, g.id LIMIT ${maxGateways}`,
    [tenantId, JSON.stringify(targets)],
  );
  return rows;
}

function unknown({ features, liveness, last_heartbeat_at }: Chosen): Told {
  const reason = !features.includes(dryRunFeature)
    ? 'It is too old to answer dry runs: update it.'
    : liveness === 'offline'
      ? 'It is offline.'
      : `It did not answer within ${waitMs / 1000} s.`;
  return { state: 'unknown', told_by: 'nobody', writes: [], items: [], reason, ...present({ last_seen_at: optionalTimestamp(last_heartbeat_at) }) };
}

/** Says what becomes of a gateway, from the catalog as it is and as it would be. */
class Tellers {
  readonly #catalogs: { readonly before: Catalog; readonly after: Catalog };
  readonly #apiId: string;
  /** Gateways of one class have one state. */
  readonly #states = new Map<string, ClassState>();

  constructor(catalogs: { before: Catalog; after: Catalog }, apiId: string) {
    this.#catalogs = catalogs;
    this.#apiId = apiId;
  }

  /** What the running Connect said. Of the items that it would not plainly apply, those that are about the API. */
  answered({ last_heartbeat_at, ...gateway }: Chosen, { items, writes, more_writes: more = 0, unavailable }: DryRunAnswer): Told {
    if (unavailable !== undefined) {
      const seen = present({ last_seen_at: optionalTimestamp(last_heartbeat_at) });
      return { state: 'unknown', told_by: 'gateway', writes: [], items: [], reason: unavailable, ...seen };
    }
    const missing = this.#withheld(gateway);
    if (missing !== undefined) return missing;
    const about = this.#about(gateway);
    const own = items.filter(({ id }) => about.has(id)).slice(0, maxTold);
    const rejected = own.find(({ id, state }) => id === `api:${this.#apiId}` && state === 'rejected');
    const state = rejected !== undefined ? 'rejected' : writes.length === 0 ? 'unchanged' : 'planned';
    return { state, told_by: 'gateway', writes, items: own, ...(more > 0 && { more_writes: more }), ...present({ reason: rejected?.reason }) };
  }

  /** A Gateway or a Link holds APIs, policies and consumers as they are: what differs of its configuration is what would be another. */
  byCapability(gateway: Recipient, remark?: string): Told {
    const missing = this.#withheld(gateway);
    if (missing !== undefined) return missing;
    const itemsOf = (when: 'before' | 'after'): Items => new Map(this.#stateOf(when, gateway).content.items.map((item) => [item.entry.id, item]));
    const [before, after] = [itemsOf('before'), itemsOf('after')];
    const changed = [...after].filter(([id, item]) => before.get(id)?.entry.hash !== item.entry.hash);
    const writes = [
      ...changed.map(
        ([id, item]): PlannedWrite => ({ action: 'put', object: nameOf(item), detail: before.has(id) ? 'changed' : 'new', item_id: id }),
      ),
      ...[...before].filter(([id]) => !after.has(id)).map(([id, item]): PlannedWrite => ({ action: 'delete', object: nameOf(item), item_id: id })),
    ];
    const told = { told_by: 'capability' as const, writes: writes.slice(0, maxTold), items: [] };
    return {
      state: writes.length === 0 ? 'unchanged' : 'planned',
      ...told,
      ...(writes.length > maxTold && { more_writes: writes.length - maxTold }),
      ...present({ reason: remark }),
    };
  }

  /** A runtime that would open what it is to guard is not given the API at all. */
  #withheld(gateway: Recipient): Told | undefined {
    const isGiven = this.#stateOf('after', gateway).content.items.some(({ entry }) => entry.id === `api:${this.#apiId}`);
    if (isGiven) return undefined;
    const reason = 'It is too old for this API, which needs a subscription, is part of a plan or has a public path: update it.';
    return { state: 'rejected', told_by: 'capability', writes: [], items: [], reason };
  }

  /** The items that have to do with the API: itself, its policies, its plans, and subscriptions to it. */
  #about(gateway: Recipient): ReadonlySet<string> {
    const { items } = this.#stateOf('after', gateway).content;
    return new Set(items.filter(({ bytes }) => bytes.includes(this.#apiId)).map(({ entry }) => entry.id));
  }

  #stateOf(when: 'before' | 'after', gateway: Recipient): ClassState {
    const catalog = this.#catalogs[when];
    const gatewayClass = catalog.selectors.classOf(gateway);
    const key = JSON.stringify([when, gatewayClass]);
    const state = this.#states.get(key) ?? new ClassState(gatewayClass, catalog);
    this.#states.set(key, state);
    return state;
  }
}

type Items = ReadonlyMap<string, ClassState['content']['items'][number]>;

/** Such as `api orders`; of what has no name its id. */
function nameOf({ entry, bytes }: ClassState['content']['items'][number]): string {
  const { name } = JSON.parse(bytes.toString()) as { name?: string };
  return `${entry.kind.replace('_', ' ')} ${name ?? entry.id.slice(entry.id.indexOf(':') + 1)}`;
}
