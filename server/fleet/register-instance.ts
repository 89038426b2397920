import type { RegisterReply, RegisterRequest } from '@stoa/generated/schemas.ts';
import { requireScope, requireTeamOfKey } from '../access/principal.ts';
import type { GatewayKeyPrincipal } from '../access/principal.ts';
import type { RequestContext, ServerContext } from '../context.ts';
import { decommissioned, forbidden, overloaded } from '../errors.ts';
import type { ApiError } from '../errors.ts';
import { leaseTtlS } from './interval-policy.ts';
import { admitRegistration } from '../database/unscoped/admit-registration.ts';

/** Registers an instance with a key that must be good for it. */
export async function registerInstance(context: RequestContext, principal: GatewayKeyPrincipal, request: RegisterRequest): Promise<RegisterReply> {
  requireScope(principal, request);
  await admitRegistration(context.db, principal.tenant?.limits ?? {}, {
    tenantId: principal.tenantId,
    environment: request.environment,
    instanceName: request.instance_name,
  });
  const { intervalS } = context.intervals;
  const { id: signing_keys_id, all, newest } = context.keys.signing;
  const registered = await context.registrations.write(principal, request, { signal: context.signal, signingKey: newest.keyId });
  if (!registered) throw await whyNot(context, principal, request);
  const { environment, instance_name, gateway_mode, labels = {}, features } = request;
  context.desired.settle({ id: registered.id, tenant_id: principal.tenantId, environment, instance_name, gateway_mode, labels, features });
  return {
    gateway_id: registered.id,
    heartbeat_interval_s: intervalS,
    lease_epoch: registered.lease_epoch,
    lease_ttl_s: leaseTtlS(intervalS),
    features: ['config_base', 'dry_run'],
    signing_keys: all.map(({ keyId, publicKey }) => ({ key_id: keyId, algorithm: 'ed25519', public_key: publicKey })),
    signing_keys_id,
  };
}

/** Why the instance that stands there already was not given out. */
async function whyNot(context: ServerContext, principal: GatewayKeyPrincipal, { environment, instance_name }: RegisterRequest): Promise<ApiError> {
  const { tenantId, modes } = principal;
  const { rows } = await context.db.pool.query<{ revoked_at: Date | null; gateway_mode: string; team: string | null }>(
    'SELECT revoked_at, gateway_mode, team FROM gateway WHERE tenant_id = $1 AND environment = $2 AND instance_name = $3',
    [tenantId, environment, instance_name],
  );
  const [gateway] = rows;
  if (gateway?.revoked_at) return decommissioned();
  if (gateway && modes.length > 0 && !modes.includes(gateway.gateway_mode)) {
    return forbidden(
      `The instance ${instance_name} is registered as ${gateway.gateway_mode}, which this gateway key is not good for. Use another name, or a key that is.`,
    );
  }
  if (gateway) requireTeamOfKey(principal, { instance_name, team: gateway.team });
  // What stood in the way is gone since.
  return overloaded(1);
}
