import type { deployment } from '@stoa/generated/prisma/client.ts';
import type { AckState, Deployment, DeploymentOnGateway, ItemAck, TargetSelector } from '@stoa/generated/schemas.ts';
import type { Pool } from 'pg';
import { livenessSql } from '../fleet/gateway-rows.ts';
import { aliveJoin } from '../fleet/grace.ts';
import { present, toTimestamp } from '../operations/wire.ts';
import { enforcesSubscriptions } from './desired-items.ts';

/** The contract's bound on the gateways in one answer. */
const maxGateways = 1000;

export function toDeployment(row: deployment): Deployment {
  // Stored only after the contract's schema was checked.
  return { deployment_id: row.id, api_id: row.api_id, targets: row.targets as TargetSelector, created_at: toTimestamp(row.created_at) };
}

const tooOld = 'The runtime is too old: it does not enforce subscriptions, and is given only APIs that are open to all consumers. Update it.';

type ChosenRow = Pick<DeploymentOnGateway, 'gateway_id' | 'instance_name' | 'gateway_mode' | 'environment' | 'liveness'> & {
  is_acked: boolean;
  features: string[];
  acked_state: AckState | null;
  item: ItemAck | null;
};

/**
 * The gateways that targets choose, as `isChosen` does, and what became of the API on each. Gateways that left or were decommissioned
 * are given nothing and not listed. An acknowledgement counts once the generation that it is of was made from the newest catalog.
 */
export async function findChosenGateways(
  pool: Pool,
  tenantId: string,
  { api_id, targets, isOpen }: { api_id: string; targets: TargetSelector; isOpen: boolean },
): Promise<DeploymentOnGateway[]> {
  const { rows } = await pool.query<ChosenRow>(
    `SELECT g.id AS gateway_id, g.instance_name, g.gateway_mode, g.environment, g.features, ${livenessSql} AS liveness,
       COALESCE(c.acked_generation = c.generation AND c.acked_hash = c.hash AND c.tenant_revision >= t.revision, false) AS is_acked, c.acked_state,
       (SELECT i FROM jsonb_array_elements(c.acked_items) i WHERE i->>'id' = $2 LIMIT 1) AS item
     FROM gateway g JOIN tenant t ON t.id = g.tenant_id JOIN gateway_lease l ON l.gateway_id = g.id ${aliveJoin} LEFT JOIN gateway_config c ON c.gateway_id = g.id
     WHERE g.tenant_id = $1 AND g.left_at IS NULL AND g.revoked_at IS NULL
       AND ($3::text[] IS NULL OR g.instance_name = ANY($3)) AND ($4::text[] IS NULL OR g.gateway_mode = ANY($4))
       AND ($5::text[] IS NULL OR g.environment = ANY($5)) AND g.labels @> $6::jsonb
     ORDER BY g.registered_at, g.id LIMIT ${maxGateways}`,
    [
      tenantId,
      `api:${api_id}`,
      targets.instance_names ?? null,
      targets.modes ?? null,
      targets.environments ?? null,
      JSON.stringify(targets.labels ?? {}),
    ],
  );
  return rows.map((row) => toDeploymentOnGateway(row, isOpen));
}

function toDeploymentOnGateway(
  { is_acked: isAcked, acked_state: ackedState, item, features, ...gateway }: ChosenRow,
  isOpen: boolean,
): DeploymentOnGateway {
  if (!isOpen && !enforcesSubscriptions({ features })) return { ...gateway, state: 'rejected', phase: 'render', reason: tooOld };
  if (!isAcked) return { ...gateway, state: 'pending' };
  if (item) return { ...gateway, state: item.state, ...present({ phase: item.phase, reason: item.reason }) };
  // Rejected as a whole, before any item was looked at; anything else does not speak of this API yet.
  return ackedState === 'rejected'
    ? { ...gateway, state: 'rejected', reason: 'The gateway rejected the whole generation.' }
    : { ...gateway, state: 'pending' };
}
