import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const setClientRule: Handler<operations['setClientRule'], RequestContext> = async ({ body }, context) => {
  const { tenantId } = requireOperator(context);
  await inTenant(context, async (tx) => {
    const where = { id: tenantId };
    const { name, client_rule } = await tx.tenant.findUniqueOrThrow({ where, select: { name: true, client_rule: true } });
    await tx.tenant.update({ where, data: { client_rule: body.admits } });
    await record(tx, context, { object: { kind: 'tenant', id: tenantId, name }, before: { admits: client_rule }, after: body });
  });
  return { status: 200, body };
};
