import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { ClientRule } from '@stoa/generated/schemas.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const getClientRule: Handler<operations['getClientRule'], RequestContext> = async (_input, context) => {
  const { tenantId } = requireOperator(context);
  const { client_rule } = await inTenant(context, (tx) => tx.tenant.findUniqueOrThrow({ where: { id: tenantId }, select: { client_rule: true } }));
  // Stored only after the contract's enum was checked.
  return { status: 200, body: { admits: client_rule as ClientRule['admits'] } };
};
