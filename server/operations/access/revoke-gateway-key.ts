import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { toGatewayKey } from '../../access/key-rows.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const revokeGatewayKey: Handler<operations['revokeGatewayKey'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  await inTenant(context, async (tx) => {
    const key = await tx.gateway_key.findFirst({ where: { id: path.key_id, tenant_id: tenantId } });
    if (!key) throw notFound('gateway key');
    await tx.$executeRaw`UPDATE gateway_key SET revoked_at = now() WHERE id = ${key.id}::uuid AND revoked_at IS NULL`;
    const revoked = await tx.gateway_key.update({ where: { id: key.id }, data: { updated_by: makerOf(context.principal) } });
    const states = { before: toGatewayKey(key), after: toGatewayKey(revoked) };
    await record(tx, context, { object: { kind: 'gateway_key', id: key.id, name: key.name }, ...states });
  });
  await announceRevocation(context);
  return { status: 204 };
};
