import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireScope } from '../../access/principal.ts';
import { requireGatewayKey } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { decommissioned, forbidden } from '../../errors.ts';
import { unknownFieldsOf } from '../../fleet/contract-fields.ts';
import { leaseTtlS } from '../../fleet/interval-policy.ts';
import { register } from '../../fleet/register.ts';

export const registerGateway: Handler<operations['registerGateway'], RequestContext> = async ({ body }, context) => {
  const principal = requireGatewayKey(context);
  requireScope(principal, body);
  const { intervalS } = context.intervals;
  const unknownFields = unknownFieldsOf('RegisterRequest', body);
  const registered = await register(context.db.pool, principal, body, unknownFields, intervalS);
  if (!registered) throw await whyNot(context, principal.tenantId, body);
  const { keyId, publicKey } = context.keys.signing;
  return {
    status: 200,
    body: {
      gateway_id: registered.id,
      heartbeat_interval_s: intervalS,
      lease_epoch: registered.lease_epoch,
      lease_ttl_s: leaseTtlS(intervalS),
      signing_keys: [{ key_id: keyId, algorithm: 'ed25519', public_key: publicKey }],
    },
  };
};

async function whyNot(context: RequestContext, tenant_id: string, { environment, instance_name }: { environment: string; instance_name: string }) {
  const gateway = await context.db.prisma.gateway.findUnique({ where: { tenant_id_environment_instance_name: { tenant_id, environment, instance_name } } });
  return gateway?.revoked_at ? decommissioned() : forbidden(`This gateway key is not good for the instance ${instance_name}, which is of another mode.`);
}
