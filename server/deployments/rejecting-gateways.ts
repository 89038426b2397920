import type { Sql } from '../database/sql.ts';
import { isChosenSql } from './outcome-sql.ts';

/** How many gateways are named. */
const namedAtMost = 10;

/**
 * Which gateways will reject an API because of a policy that they cannot enforce, as they said when they registered; a sentence for each API, policy and reason. It reads what
 * this transaction has written.
 * @param of a policy, with all APIs that it applies to, or a deployment, with all policies of its API
 */
export async function rejectionWarnings(sql: Sql, of: { policyId: string } | { deploymentId: string }): Promise<string[]> {
  const [column, id] = 'policyId' in of ? ['p.id', of.policyId] : ['d.id', of.deploymentId];
  const { rows } = await sql.query<{ policy: string; kind: string; api: string; reason: string; gateways: string[]; count: number }>(
    `SELECT p.name AS policy, p.kind, a.name AS api, e->>'reason' AS reason,
       (array_agg(DISTINCT g.instance_name || ' (' || g.environment || ')'))[1:${namedAtMost}] AS gateways, count(DISTINCT g.id)::int AS count
     FROM policy p JOIN policy_attachment m ON m.policy_id = p.id
       JOIN deployment d ON d.tenant_id = p.tenant_id AND (m.api_id = d.api_id OR m.api_id IS NULL AND m.mcp_server_id IS NULL) JOIN api a ON a.id = d.api_id
       JOIN gateway g ON g.left_at IS NULL AND g.revoked_at IS NULL AND ${isChosenSql} AND (m.environment IS NULL OR m.environment = g.environment)
       CROSS JOIN LATERAL jsonb_array_elements(g.cannot_enforce) e
     WHERE ${column} = $1::uuid AND e->>'kind' = p.kind
     GROUP BY p.name, p.kind, a.name, reason ORDER BY a.name, p.name, reason LIMIT 100`,
    [id],
  );
  return rows.map(({ policy, kind, api, reason, gateways, count }) => {
    const more = count > gateways.length ? ` and ${count - gateways.length} more` : '';
    return `The API ${api} will be rejected by ${gateways.join(', ')}${more}, and not be served there, because of the policy ${policy} of the kind ${kind}: ${reason}.`;
  });
}
