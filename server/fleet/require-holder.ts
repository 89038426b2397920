import type { Labels } from '@stoa/generated/schemas.ts';
import { requireGatewayKey } from '../context.ts';
import type { RequestContext } from '../context.ts';
import type { ConfiguredGateway } from '../deployments/desired-states.ts';
import { requireStanding } from './standing.ts';
import type { Standing } from './standing.ts';

export type HeldGateway = ConfiguredGateway & Standing;

type Row = Standing & {
  id: string;
  labels: Labels;
  features: string[];
  generation: string | null;
  hash: string | null;
  tenant_revision: string | null;
  catalog_revision: string;
};

/** The gateway that a call is about, with the generation stored for it, once the caller is known to be entitled to it. */
export async function requireHolder(context: RequestContext, gatewayId: string, leaseEpoch: number | undefined): Promise<HeldGateway> {
  const principal = requireGatewayKey(context);
  const { rows } = await context.db.pool.query<Row>({
    name: 'find-holder',
    text: `SELECT g.id, g.tenant_id, g.environment, g.instance_name, g.gateway_mode, g.labels, g.features, g.lease_epoch, g.left_at, g.revoked_at, c.generation, c.hash, c.tenant_revision, t.revision AS catalog_revision
           FROM gateway g JOIN tenant t ON t.id = g.tenant_id LEFT JOIN gateway_config c ON c.gateway_id = g.id WHERE g.id = $1`,
    values: [gatewayId],
  });
  const [row] = rows;
  requireStanding(row, principal, leaseEpoch);
  const { generation, hash, tenant_revision, catalog_revision, ...gateway } = row;
  const stored = generation === null ? undefined : { generation: Number(generation), hash: hash ?? '', revision: BigInt(tenant_revision ?? -1) };
  return { ...gateway, stored, catalogRevision: BigInt(catalog_revision) };
}
