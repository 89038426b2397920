import { requireGatewayKey } from '../context.ts';
import type { RequestContext } from '../context.ts';
import type { HeldGateway } from './holders.ts';
import { requireStanding } from './standing.ts';

/** The gateway that a call is about, with what is stored of its configuration, once the caller is known to be entitled to it. */
export async function requireHolder(context: RequestContext, gatewayId: string, leaseEpoch: number | undefined): Promise<HeldGateway> {
  const principal = requireGatewayKey(context);
  const gateway = await context.holders.load(gatewayId.toLowerCase());
  requireStanding(gateway, principal, leaseEpoch);
  return gateway;
}
