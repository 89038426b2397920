import type { deployment } from '@stoa/generated/prisma/client.ts';
import type { Deployment, DeploymentOnGateway, ItemAck, PublicPath, TargetSelector } from '@stoa/generated/schemas.ts';
import { makersOf } from '../audit/actor.ts';
import { livenessSql } from '../fleet/gateway-rows.ts';
import { present, toTimestamp } from '../operations/wire.ts';
import { acksOf, ackedStateSql, isAcked, isChosenSql, isTooOld, recipients, supplantedBySql, worstFirst, worstOf } from './outcome-sql.ts';
import type { AckedState } from './outcome-sql.ts';
import { rejectionWarnings } from './rejecting-gateways.ts';
import type { Sql } from '../database/sql.ts';

/** The contract's bound on the gateways in one answer. */
const maxGateways = 1000;

type State = NonNullable<Deployment['state']>;
/** How a deployment fares as a whole, and on how many gateways how. */
type Standing = Required<Pick<Deployment, 'state' | 'gateway_states'>>;

export function toDeployment(row: deployment & Partial<Standing>): Deployment {
  return {
    deployment_id: row.id,
    name: row.name,
    api_id: row.api_id,
    // Stored only after the contract's schema was checked.
    targets: row.targets as TargetSelector,
    revision: row.revision ?? 'newest',
    // Stored only after the contract's schema was checked.
    drift: row.drift as NonNullable<Deployment['drift']>,
    created_at: toTimestamp(row.created_at),
    ...present({ public_path: row.public_path as PublicPath | null }),
    ...(row.adopted !== null && { adopted: true }),
    ...present({ state: row.state, gateway_states: row.gateway_states }),
    ...makersOf(row),
  };
}

const unmatched =
  'No gateway fits the targets at present. Those that register later will be given the API; if one should fit now, compare the targets with its page.';
const tooOld =
  'The runtime is too old: the API needs a subscription, is part of a plan or has a public path, and the runtime does not say that it enforces subscriptions, the limits of plans, or such paths. Update it.';

/** The gateways that a deployment `d` of an API `a` chooses, and what each said of the API, which `acks` finds. */
const chosen = (acks: string): string => `${recipients(acks)} AND ${isChosenSql}`;
const ownStateSql = `CASE WHEN ${isTooOld} THEN 'rejected' ELSE ${ackedStateSql} END`;
/** What the API was applied as is not what this deployment says, where another one holds. */
const stateSql = `CASE WHEN ${ownStateSql} = 'applied' AND ${supplantedBySql} IS NOT NULL THEN 'applied_with_warnings' ELSE ${ownStateSql} END`;
/** Of one deployment: the acknowledgement is looked for gateway by gateway. */
const ownAcks = `LATERAL (SELECT i AS ack FROM jsonb_array_elements(c.acked_items) i WHERE i->>'id' = 'api:' || d.api_id LIMIT 1) item ON true`;

type ChosenRow = Omit<DeploymentOnGateway, 'phase' | 'reason'> & {
  registered_at: Date;
  is_too_old: boolean;
  is_acked: boolean | null;
  supplanted_by: string | null;
  ack: ItemAck | null;
};

/** What became of a deployment on each gateway that it chooses, and as a whole. */
export async function findOutcome(sql: Sql, deploymentId: string): Promise<Required<Pick<Deployment, 'gateways' | 'warnings'>> & Standing> {
  const { rows } = await sql.query<ChosenRow>(
    `SELECT s.* FROM deployment d JOIN api a ON a.id = d.api_id CROSS JOIN LATERAL (
       SELECT g.id AS gateway_id, g.instance_name, g.gateway_mode, g.environment, g.registered_at, ${livenessSql} AS liveness, ${stateSql} AS state,
         ${isTooOld} AS is_too_old, ${isAcked} AS is_acked, ${supplantedBySql} AS supplanted_by, item.ack
       FROM ${chosen(ownAcks)} ORDER BY g.registered_at, g.id LIMIT ${maxGateways}) s
     WHERE d.id = $1 ORDER BY s.registered_at, s.gateway_id`,
    [deploymentId],
  );
  const gateways = rows.map(toDeploymentOnGateway);
  // Beyond the bound of the answer there are others, and the worst may be among them.
  const standing = gateways.length < maxGateways ? standingOf(countsOf(gateways)) : (await findStandings(sql, [deploymentId])).get(deploymentId);
  const warnings =
    gateways.length === 0 ? [unmatched] : [...(await rejectionWarnings(sql, { deploymentId })), ...(await placesTaken(sql, deploymentId))];
  return { gateways, ...(standing ?? unmatchedStanding), warnings };
}

/** How many deployments, and gateways of each, are named. */
const namedAtMost = 5;

/** In whose place a deployment holds, and where. */
async function placesTaken(sql: Sql, deploymentId: string): Promise<string[]> {
  const { rows } = await sql.query<{ name: string; gateways: string[]; count: number }>(
    `SELECT d.name, (array_agg(g.instance_name ORDER BY g.instance_name))[1:${namedAtMost}] AS gateways, count(*)::int AS count
     FROM deployment own JOIN deployment d ON d.api_id = own.api_id AND d.id <> own.id
       JOIN gateway g ON g.left_at IS NULL AND g.revoked_at IS NULL AND ${isChosenSql} AND ${supplantedBySql} = own.name
     WHERE own.id = $1 GROUP BY d.name ORDER BY d.name LIMIT ${namedAtMost}`,
    [deploymentId],
  );
  return rows.map(({ name, gateways, count }) => {
    const more = count - gateways.length;
    return `It takes the place of the deployment ${name} on ${gateways.join(', ')}${more > 0 ? ` and ${more} more` : ''}: what that one says of revision, public path and drift does not hold there any more.`;
  });
}

/**
 * How some deployments fare, all of them in one grouped query, which reads the acknowledgements of each gateway once, however many deployments
 * choose it. A deployment that chooses no gateway has no states.
 */
const statesSql = (of: 'id' | 'api_id') => `
  WITH wanted AS MATERIALIZED (SELECT id, tenant_id, api_id, targets, public_path, revision, drift, created_at FROM deployment WHERE ${of} = ANY($1::uuid[])),
  acks AS MATERIALIZED (${acksOf("'api:' || api_id")}),
  counted AS (
    SELECT d.id, ${stateSql} AS state, count(*)::int AS gateways
    FROM wanted d JOIN api a ON a.id = d.api_id CROSS JOIN ${chosen("acks item ON item.gateway_id = g.id AND item.item_id = 'api:' || d.api_id")}
    GROUP BY 1, 2),
  found AS (SELECT id, jsonb_object_agg(state, gateways) AS counts FROM counted GROUP BY id)
  SELECT w.${of} AS id, COALESCE(f.counts, '{}') AS counts FROM wanted w LEFT JOIN found f ON f.id = w.id`;

type Counts = Partial<Record<AckedState, number>>;
type StatesRow = { id: string; counts: Counts };

const statesIn = (counts: Counts) => Object.keys(counts) as AckedState[];
const standingOf = (counts: Counts): Standing => ({ state: worstOf(statesIn(counts)), gateway_states: counts });
/** Of a deployment that is gone meanwhile, too. */
export const unmatchedStanding: Standing = { state: 'unmatched', gateway_states: {} };

function countsOf(gateways: readonly DeploymentOnGateway[]): Counts {
  const counts: Counts = {};
  for (const { state } of gateways) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/** How each of some deployments fares, as its own page says it. */
export async function findStandings(sql: Sql, deploymentIds: readonly string[]): Promise<ReadonlyMap<string, Standing>> {
  const { rows } = await sql.query<StatesRow>(statesSql('id'), [deploymentIds]);
  return new Map(rows.map(({ id, counts }) => [id, standingOf(counts)]));
}

/** The worst state of the deployments of each of some APIs; none of an API without any. */
export async function findApiStates(sql: Sql, apiIds: readonly string[]): Promise<ReadonlyMap<string, State>> {
  const { rows } = await sql.query<StatesRow>(statesSql('api_id'), [apiIds]);
  const worst = new Map<string, State>();
  for (const { id, counts } of rows) {
    const both = [worst.get(id), worstOf(statesIn(counts))];
    const state = [...worstFirst, 'unmatched' as const].find((each) => both.includes(each));
    if (state !== undefined) worst.set(id, state);
  }
  return worst;
}

const supplanted = (name: string): string =>
  `The deployment ${name} of the same API holds here, and what this one says of revision, public path and drift does not: of several that choose a gateway one that pins a revision comes first, and then the latest. Change that one, or the targets of either.`;

function toDeploymentOnGateway({
  registered_at: _position,
  is_too_old: isTooOldThere,
  is_acked: isAckedThere,
  supplanted_by: rival,
  ack,
  ...gateway
}: ChosenRow): DeploymentOnGateway {
  if (isTooOldThere) return { ...gateway, phase: 'render', reason: tooOld };
  const why = rival === null ? undefined : supplanted(rival);
  if (isAckedThere !== true) return { ...gateway, ...present({ reason: why }) };
  const said = ack?.reason ?? (ack === null && gateway.state === 'rejected' ? 'The gateway rejected the whole generation.' : undefined);
  const reason = [why, said].filter((each) => each !== undefined).join(' ');
  return { ...gateway, ...present({ phase: ack?.phase ?? (why === undefined ? undefined : ('render' as const)) }), ...(reason !== '' && { reason }) };
}
