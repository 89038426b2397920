import type { deployment } from '@stoa/generated/prisma/client.ts';
import type { Deployment, DeploymentOnGateway, ItemAck, TargetSelector } from '@stoa/generated/schemas.ts';
import type { Pool } from 'pg';
import { livenessSql } from '../fleet/gateway-rows.ts';
import { aliveJoin } from '../fleet/grace.ts';
import { present, toTimestamp } from '../operations/wire.ts';
import { gatewayDesired } from './generation-sql.ts';
import { subscriptionsFeature } from './selectors.ts';

/** The contract's bound on the gateways in one answer. */
const maxGateways = 1000;

type State = NonNullable<Deployment['state']>;

export function toDeployment(row: deployment & { state?: State }): Deployment {
  return {
    deployment_id: row.id,
    api_id: row.api_id,
    // Stored only after the contract's schema was checked.
    targets: row.targets as TargetSelector,
    revision: row.revision ?? 'newest',
    created_at: toTimestamp(row.created_at),
    ...present({ state: row.state }),
  };
}

const unmatched =
  'No gateway fits the targets at present. Those that register later will be given the API; if one should fit now, compare the targets with its page.';
const tooOld = 'The runtime is too old: it does not enforce subscriptions, and is given only APIs that are open to all consumers. Update it.';

/**
 * The gateways that the targets of a deployment `d` of an API `a` choose, as `isChosen` does, and what each said of the API, which `acks` finds.
 * Gateways that left or were decommissioned are given nothing and not chosen.
 */
const chosen = (acks: string) => `gateway g JOIN tenant t ON t.id = g.tenant_id JOIN gateway_lease l ON l.gateway_id = g.id ${aliveJoin}
    LEFT JOIN ${gatewayDesired} c ON c.gateway_id = g.id LEFT JOIN config_progress p ON p.tenant_id = g.tenant_id LEFT JOIN ${acks}
  WHERE g.tenant_id = d.tenant_id AND g.left_at IS NULL AND g.revoked_at IS NULL
    AND (NOT d.targets ? 'instance_names' OR d.targets->'instance_names' ? g.instance_name)
    AND (NOT d.targets ? 'modes' OR d.targets->'modes' ? g.gateway_mode)
    AND (NOT d.targets ? 'environments' OR d.targets->'environments' ? g.environment)
    AND g.labels @> COALESCE(d.targets->'labels', '{}')`;
/** Of one deployment: the acknowledgement is looked for gateway by gateway. */
const ownAcks = `LATERAL (SELECT i AS ack FROM jsonb_array_elements(c.acked_items) i WHERE i->>'id' = 'api:' || d.api_id LIMIT 1) item ON true`;
const isTooOld = `NOT a.open_to_all_consumers AND NOT '${subscriptionsFeature}' = ANY(g.features)`;
/**
 * An acknowledgement counts once the generation that it is of was made from the newest catalog. One without an item for the API rejected the
 * generation as a whole, before any item was looked at, or applied the API and names only what it did not.
 */
const isAcked = 'c.acked_generation = c.generation AND c.acked_hash IN (c.hash, c.whole_hash) AND p.revision >= t.revision';
const stateSql = `CASE WHEN ${isTooOld} THEN 'rejected' WHEN (${isAcked}) IS NOT TRUE THEN 'pending' WHEN item.ack IS NOT NULL THEN item.ack->>'state'
  WHEN c.acked_state = 'rejected' THEN 'rejected' WHEN c.acked_unlisted THEN 'applied' ELSE 'pending' END`;

type ChosenRow = Omit<DeploymentOnGateway, 'phase' | 'reason'> & {
  registered_at: Date;
  is_too_old: boolean;
  is_acked: boolean | null;
  ack: ItemAck | null;
};

/** What became of a deployment on each gateway that it chooses, and as a whole. */
export async function findOutcome(pool: Pool, deploymentId: string): Promise<Required<Pick<Deployment, 'gateways' | 'state' | 'warnings'>>> {
  const { rows } = await pool.query<ChosenRow>(
    `SELECT s.* FROM deployment d JOIN api a ON a.id = d.api_id CROSS JOIN LATERAL (
       SELECT g.id AS gateway_id, g.instance_name, g.gateway_mode, g.environment, g.registered_at, ${livenessSql} AS liveness, ${stateSql} AS state,
         ${isTooOld} AS is_too_old, ${isAcked} AS is_acked, item.ack
       FROM ${chosen(ownAcks)} ORDER BY g.registered_at, g.id LIMIT ${maxGateways}) s
     WHERE d.id = $1 ORDER BY s.registered_at, s.gateway_id`,
    [deploymentId],
  );
  const gateways = rows.map(toDeploymentOnGateway);
  // Beyond the bound of the answer there are others, and the worst may be among them.
  const state =
    gateways.length < maxGateways ? worstOf(gateways.map(({ state: own }) => own)) : (await findStates(pool, [deploymentId])).get(deploymentId);
  return { gateways, state: state ?? 'unmatched', warnings: gateways.length === 0 ? [unmatched] : [] };
}

/**
 * How some deployments fare, all of them in one grouped query, which reads the acknowledgements of each gateway once, however many deployments
 * choose it. A deployment that chooses no gateway has no states.
 */
const statesSql = (of: 'id' | 'api_id') => `
  WITH wanted AS MATERIALIZED (SELECT id, tenant_id, api_id, targets FROM deployment WHERE ${of} = ANY($1::uuid[])),
  acks AS MATERIALIZED (
    SELECT DISTINCT ON (c.gateway_id, i->>'id') c.gateway_id, i->>'id' AS item_id, i AS ack
    FROM gateway_config c JOIN gateway g ON g.id = c.gateway_id CROSS JOIN LATERAL jsonb_array_elements(c.acked_items) i
    WHERE g.tenant_id IN (SELECT tenant_id FROM wanted) AND g.left_at IS NULL AND g.revoked_at IS NULL
      AND i->>'id' IN (SELECT 'api:' || api_id FROM wanted)),
  found AS (
    SELECT d.id, array_agg(DISTINCT ${stateSql}) AS states
    FROM wanted d JOIN api a ON a.id = d.api_id CROSS JOIN ${chosen("acks item ON item.gateway_id = g.id AND item.item_id = 'api:' || d.api_id")}
    GROUP BY d.id)
  SELECT w.${of} AS id, COALESCE(f.states, '{}') AS states FROM wanted w LEFT JOIN found f ON f.id = w.id`;

type StatesRow = { id: string; states: DeploymentOnGateway['state'][] };

/** The state of each of some deployments, as its own page says it. */
export async function findStates(pool: Pool, deploymentIds: readonly string[]): Promise<ReadonlyMap<string, State>> {
  const { rows } = await pool.query<StatesRow>(statesSql('id'), [deploymentIds]);
  return new Map(rows.map(({ id, states }) => [id, worstOf(states)]));
}

/** The worst state of the deployments of each of some APIs; none of an API without any. */
export async function findApiStates(pool: Pool, apiIds: readonly string[]): Promise<ReadonlyMap<string, State>> {
  const { rows } = await pool.query<StatesRow>(statesSql('api_id'), [apiIds]);
  const worst = new Map<string, State>();
  for (const { id, states } of rows) {
    const both = [worst.get(id), worstOf(states)];
    const state = [...worstFirst, 'unmatched' as const].find((each) => both.includes(each));
    if (state !== undefined) worst.set(id, state);
  }
  return worst;
}

const worstFirst = ['rejected', 'pending', 'applied_with_warnings', 'applied'] as const;

function worstOf(states: readonly DeploymentOnGateway['state'][]): State {
  return worstFirst.find((state) => states.includes(state)) ?? 'unmatched';
}

function toDeploymentOnGateway({
  registered_at: _position,
  is_too_old: isTooOldThere,
  is_acked: isAckedThere,
  ack,
  ...gateway
}: ChosenRow): DeploymentOnGateway {
  if (isTooOldThere) return { ...gateway, phase: 'render', reason: tooOld };
  if (isAckedThere !== true) return gateway;
  if (ack !== null) return { ...gateway, ...present({ phase: ack.phase, reason: ack.reason }) };
  return gateway.state === 'rejected' ? { ...gateway, reason: 'The gateway rejected the whole generation.' } : gateway;
}
