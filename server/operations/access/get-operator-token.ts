import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { toOperatorToken } from '../../access/key-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const getOperatorToken: Handler<operations['getOperatorToken'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const row = await inTenant(context, (tx) => tx.operator_token.findFirst({ where: { id: path.token_id, tenant_id: tenantId, kind: 'token' } }));
  if (!row) throw notFound('operator token');
  return { status: 200, body: toOperatorToken(row) };
};
