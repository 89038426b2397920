import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

/** The browser sessions that come from a token, and unspent links to them, are revoked with it. */
export const revokeOperatorToken: Handler<operations['revokeOperatorToken'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const revoked = await inTenant(
    context,
    (tx) => tx.$executeRaw`
      UPDATE operator_token SET revoked_at = COALESCE(revoked_at, now())
      WHERE tenant_id = ${tenantId}::uuid AND (id = ${path.token_id}::uuid AND kind = 'token' OR issued_by = ${path.token_id}::uuid)`,
  );
  if (revoked === 0) throw notFound('operator token');
  await announceRevocation(context);
  return { status: 204 };
};
