import { requireGatewayKey } from '../context.ts';
import { badCredential } from '../errors.ts';
import { bearerOf } from '../http/authenticate.ts';
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

/** The same after the caller has waited: a key that was revoked meanwhile, or whose tenant was suspended, is told nothing more. */
export async function requireHolderStill(context: RequestContext, gatewayId: string, leaseEpoch: number | undefined): Promise<HeldGateway> {
  const principal = await context.authenticator.authenticate(bearerOf(context.authorization) ?? '');
  if (principal?.kind !== 'gateway_key') throw badCredential('The credential expired or was revoked while its caller waited.');
  const gateway = await context.holders.load(gatewayId.toLowerCase());
  requireStanding(gateway, principal, leaseEpoch);
  return gateway;
}
