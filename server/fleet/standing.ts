import type { GatewayMode } from '@stoa/generated/schemas.ts';
import { requireScope, requireTeamOfKey } from '../access/principal.ts';
import type { GatewayKeyPrincipal } from '../access/principal.ts';
import { decommissioned, notFound, staleEpoch } from '../errors.ts';

/** What of a gateway decides whether a caller may speak for it. */
export type Standing = {
  tenant_id: string;
  environment: string;
  instance_name: string;
  team: string | null;
  gateway_mode: GatewayMode;
  lease_epoch: number;
  left_at: Date | null;
  revoked_at: Date | null;
};

/**
 * Refuses who may not speak for a gateway: it must exist in the key's tenant (404), the key must be good for it (403), it must not be
 * decommissioned (410) nor have left (404), and nobody newer may hold its lease (409). A caller that sends no epoch is never fenced.
 */
export function requireStanding(gateway: Standing | undefined, principal: GatewayKeyPrincipal, leaseEpoch: number | undefined): asserts gateway {
  if (!gateway || gateway.tenant_id !== principal.tenantId) throw notFound('gateway');
  requireScope(principal, gateway);
  requireTeamOfKey(principal, gateway);
  if (gateway.revoked_at) throw decommissioned();
  if (gateway.left_at) throw notFound('gateway');
  if (leaseEpoch !== undefined && leaseEpoch !== gateway.lease_epoch) throw staleEpoch();
}
