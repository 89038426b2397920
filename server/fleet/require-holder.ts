import type { GatewayMode, Labels } from '@stoa/generated/schemas.ts';
import { requireScope } from '../access/principal.ts';
import type { GatewayKeyPrincipal } from '../access/principal.ts';
import { requireGatewayKey } from '../context.ts';
import type { RequestContext } from '../context.ts';
import type { ConfiguredGateway } from '../deployments/desired-states.ts';
import { decommissioned, notFound, staleEpoch } from '../errors.ts';

/** What of a gateway decides whether a caller may speak for it. */
export type Standing = {
  tenant_id: string;
  environment: string;
  instance_name: string;
  gateway_mode: GatewayMode;
  lease_epoch: number;
  left_at: Date | null;
  revoked_at: Date | null;
};
export type HeldGateway = ConfiguredGateway & Standing;

/**
 * Refuses who may not speak for a gateway: it must exist in the key's tenant (404), the key must be good for it (403), it must not be
 * decommissioned (410) nor have left (404), and nobody newer may hold its lease (409). A caller that sends no epoch is never fenced.
 */
export function requireStanding(gateway: Standing | undefined, principal: GatewayKeyPrincipal, leaseEpoch: number | undefined): asserts gateway {
  if (!gateway || gateway.tenant_id !== principal.tenantId) throw notFound('gateway');
  requireScope(principal, gateway);
  if (gateway.revoked_at) throw decommissioned();
  if (gateway.left_at) throw notFound('gateway');
  if (leaseEpoch !== undefined && leaseEpoch !== gateway.lease_epoch) throw staleEpoch();
}

type Row = Standing & {
  id: string;
  labels: Labels;
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
    text: `SELECT g.id, g.tenant_id, g.environment, g.instance_name, g.gateway_mode, g.labels, g.lease_epoch, g.left_at, g.revoked_at, c.generation, c.hash, c.tenant_revision, t.revision AS catalog_revision
           FROM gateway g JOIN tenant t ON t.id = g.tenant_id LEFT JOIN gateway_config c ON c.gateway_id = g.id WHERE g.id = $1`,
    values: [gatewayId],
  });
  const [row] = rows;
  requireStanding(row, principal, leaseEpoch);
  const { generation, hash, tenant_revision, catalog_revision, ...gateway } = row;
  const stored = generation === null ? undefined : { generation: Number(generation), hash: hash ?? '', revision: BigInt(tenant_revision ?? -1) };
  return { ...gateway, stored, catalogRevision: BigInt(catalog_revision) };
}
