import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const revokeGatewayKey: Handler<operations['revokeGatewayKey'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const revoked = await inTenant(
    context,
    (tx) => tx.$executeRaw`
      UPDATE gateway_key SET revoked_at = COALESCE(revoked_at, now()) WHERE id = ${path.key_id}::uuid AND tenant_id = ${tenantId}::uuid`,
  );
  if (revoked === 0) throw notFound('gateway key');
  await announceRevocation(context);
  return { status: 204 };
};
