import type { RequestContext } from '../context.ts';
import { requireGatewayKey } from '../context.ts';
import { requireScope } from '../access/principal.ts';
import { decommissioned, notFound, staleEpoch } from '../errors.ts';
import type { Labels } from '@stoa/generated/schemas.ts';
import type { ConfiguredGateway } from '../deployments/desired-states.ts';

/**
 * The gateway that a call is about, once the caller is known to be entitled to it: its key is good for the instance (403), the
 * instance exists and has not left (404) nor been decommissioned (410), and nobody newer holds the lease (409). A caller that sends no epoch
 * is never fenced.
 */
export async function requireHolder(context: RequestContext, gatewayId: string, leaseEpoch: number | undefined): Promise<ConfiguredGateway> {
  const principal = requireGatewayKey(context);
  const gateway = await context.db.prisma.gateway.findFirst({ where: { id: gatewayId, tenant_id: principal.tenantId } });
  if (!gateway) throw notFound('gateway');
  requireScope(principal, gateway);
  if (gateway.revoked_at) throw decommissioned();
  if (gateway.left_at) throw notFound('gateway');
  if (leaseEpoch !== undefined && leaseEpoch !== gateway.lease_epoch) throw staleEpoch();
  return { ...gateway, labels: gateway.labels as Labels };
}
