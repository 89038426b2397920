import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { record } from '../../audit/record.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { lockServiceAccount, toServiceAccount } from '../../access/service-account-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const deleteServiceAccount: Handler<operations['deleteServiceAccount'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  await inTenant(context, async (tx) => {
    const current = await lockServiceAccount(tx, tenantId, path.service_account_id);
    await tx.operator_token.delete({ where: { id: current.id } });
    await record(tx, context, { object: { kind: 'service_account', id: current.id, name: current.name }, before: toServiceAccount(current) });
  });
  await announceRevocation(context);
  return { status: 204 };
};
