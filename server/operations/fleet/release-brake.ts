import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { tellOfBrake } from '../../fleet/presence.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const releaseBrake: Handler<operations['releaseBrake'], RequestContext> = async ({ path: { environment } }, context) => {
  const { tenantId, name } = requireOperator(context);
  const isReleased = await inTenant(context, async (tx) => {
    const released = await tx.$executeRaw`
      UPDATE presence_brake SET released_at = now() WHERE tenant_id = ${tenantId}::uuid AND environment = ${environment} AND released_at IS NULL`;
    if (released !== 1) return false;
    await tellOfBrake(sqlOf(tx), tenantId, environment);
    await record(tx, context, { object: { kind: 'brake', id: environment, name: environment } });
    return true;
  });
  if (!isReleased) throw notFound('brake');
  context.log.warn(
    { environment, token: name, request_id: context.requestId },
    'An operator released the brake: instances that stay silent are offline.',
  );
  return { status: 204 };
};
