import type { Plan, Policy } from '@stoa/generated/schemas.ts';
import { kindsForMcp } from './mcp-kinds.ts';
import { acksOf, ackedStateSql, isChosenSql, isTooOld, servesMcpSql, recipients, worstOf } from './outcome-sql.ts';
import type { AckedState } from './outcome-sql.ts';
import type { Sql } from '../database/sql.ts';

/**
 * Of each thing that applies to APIs the states on the gateways that are given one of them. `wanted` has its id as `id`, that of the item that says it
 * as `item_id`, and its tenant; `appliesSql` says whether a thing `w` applies to a deployment `d` on a gateway `g`, `alsoSql` whether it does to something else there.
 */
const statesSql = (wanted: string, appliesSql: string, alsoSql = 'false'): string => `
  WITH wanted AS MATERIALIZED (${wanted}),
  acks AS MATERIALIZED (${acksOf('item_id')})
  SELECT w.id, array_agg(DISTINCT ${ackedStateSql}) AS states
  FROM wanted w CROSS JOIN ${recipients('acks item ON item.gateway_id = g.id AND item.item_id = w.item_id')} AND g.tenant_id = w.tenant_id
    AND (EXISTS (SELECT FROM deployment d JOIN api a ON a.id = d.api_id WHERE ${appliesSql} AND ${isChosenSql} AND NOT (${isTooOld}))
      OR ${alsoSql})
  GROUP BY w.id`;

/** One that is attached to an API, to any in an environment, or to an API there. */
const policyStatesSql = statesSql(
  `SELECT id, tenant_id, 'policy:' || id AS item_id, kind IN (${kindsForMcp.map((kind) => `'${kind}'`).join(', ')}) AS is_for_mcp FROM policy WHERE id = ANY($1::uuid[])`,
  `EXISTS (SELECT FROM policy_attachment m WHERE m.policy_id = w.id
      AND (m.api_id = d.api_id OR m.api_id IS NULL AND m.mcp_server_id IS NULL) AND (m.environment IS NULL OR m.environment = g.environment))`,
  `w.is_for_mcp AND EXISTS (SELECT FROM mcp_server d WHERE ${servesMcpSql} AND EXISTS (SELECT FROM policy_attachment m WHERE m.policy_id = w.id
      AND (m.mcp_server_id = d.id OR m.api_id IS NULL AND m.mcp_server_id IS NULL) AND (m.environment IS NULL OR m.environment = g.environment)))`,
);
const planStatesSql = statesSql(
  `SELECT id, tenant_id, 'plan:' || id AS item_id FROM plan WHERE id = ANY($1::uuid[])`,
  'EXISTS (SELECT FROM plan_api m WHERE m.plan_id = w.id AND m.api_id = d.api_id)',
);
/** A policy in plans says what they say. */
const planPolicyStatesSql = statesSql(
  `SELECT r.policy_id AS id, r.tenant_id, 'plan:' || r.plan_id AS item_id, r.plan_id FROM plan_policy r WHERE r.policy_id = ANY($1::uuid[])`,
  'EXISTS (SELECT FROM plan_api m WHERE m.plan_id = w.plan_id AND m.api_id = d.api_id)',
);

type States = ReadonlyMap<string, readonly AckedState[]>;

async function statesBy(sql: Sql, text: string, rows: readonly { id: string }[]): Promise<States> {
  if (rows.length === 0) return new Map();
  const found = await sql.query<{ id: string; states: AckedState[] }>(text, [rows.map(({ id }) => id)]);
  return new Map(found.rows.map(({ id, states }) => [id, states]));
}

type PolicyPlaces = { id: string; attachments: readonly unknown[]; plans: readonly unknown[] };

/** How some policies fare. */
export async function findPolicyStates(sql: Sql, policies: readonly PolicyPlaces[]): Promise<ReadonlyMap<string, NonNullable<Policy['state']>>> {
  const attached = await statesBy(
    sql,
    policyStatesSql,
    policies.filter(({ attachments }) => attachments.length > 0),
  );
  const inPlans = await statesBy(
    sql,
    planPolicyStatesSql,
    policies.filter(({ plans }) => plans.length > 0),
  );
  const stateOf = ({ id, attachments, plans }: PolicyPlaces) =>
    attachments.length + plans.length === 0 ? 'unattached' : worstOf([...(attached.get(id) ?? []), ...(inPlans.get(id) ?? [])]);
  return new Map(policies.map((policy) => [policy.id, stateOf(policy)]));
}

/** How some plans fare. */
export async function findPlanStates(sql: Sql, plans: readonly { id: string }[]): Promise<ReadonlyMap<string, NonNullable<Plan['state']>>> {
  const states = await statesBy(sql, planStatesSql, plans);
  return new Map(plans.map(({ id }) => [id, worstOf(states.get(id) ?? [])]));
}
