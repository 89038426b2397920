import type { Policy } from '@stoa/generated/schemas.ts';
import { acksOf, ackedStateSql, isChosenSql, isTooOld, recipients, worstOf } from './outcome-sql.ts';
import type { AckedState } from './outcome-sql.ts';
import type { Sql } from '../database/sql.ts';

/** Of each policy the states on the gateways that are given an API that it applies to: one that is attached to, or any in such an environment. */
const statesSql = `
  WITH wanted AS MATERIALIZED (SELECT id, tenant_id FROM policy WHERE id = ANY($1::uuid[])),
  acks AS MATERIALIZED (${acksOf("'policy:' || id")})
  SELECT w.id, array_agg(DISTINCT ${ackedStateSql}) AS states
  FROM wanted w CROSS JOIN ${recipients("acks item ON item.gateway_id = g.id AND item.item_id = 'policy:' || w.id")} AND g.tenant_id = w.tenant_id
    AND EXISTS (SELECT FROM policy_attachment m JOIN deployment d ON d.api_id = m.api_id OR m.environment = g.environment JOIN api a ON a.id = d.api_id
      WHERE m.policy_id = w.id AND ${isChosenSql} AND NOT (${isTooOld}))
  GROUP BY w.id`;

/** How some policies fare. */
export async function findPolicyStates(
  sql: Sql,
  policies: readonly { id: string; attachments: readonly unknown[] }[],
): Promise<ReadonlyMap<string, NonNullable<Policy['state']>>> {
  const { rows } = await sql.query<{ id: string; states: AckedState[] }>(statesSql, [policies.map(({ id }) => id)]);
  const states = new Map(rows.map((row) => [row.id, row.states]));
  return new Map(policies.map(({ id, attachments }) => [id, attachments.length === 0 ? 'unattached' : worstOf(states.get(id) ?? [])]));
}
