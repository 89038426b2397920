import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { toOperatorToken } from '../../access/key-rows.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

/** The browser sessions that come from a token, and unspent links to them, are revoked with it. */
export const revokeOperatorToken: Handler<operations['revokeOperatorToken'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  await inTenant(context, async (tx) => {
    const token = await tx.operator_token.findFirst({ where: { id: path.token_id, tenant_id: tenantId, kind: 'token' } });
    if (!token) throw notFound('operator token');
    const { id, name } = token;
    await tx.$executeRaw`UPDATE operator_token SET revoked_at = now() WHERE (id = ${id}::uuid OR issued_by = ${id}::uuid) AND revoked_at IS NULL`;
    const revoked = await tx.operator_token.update({ where: { id }, data: { updated_by: makerOf(context.principal) } });
    const states = { before: toOperatorToken(token), after: toOperatorToken(revoked) };
    await record(tx, context, { object: { kind: 'operator_token', id, name }, ...states });
  });
  await announceRevocation(context);
  return { status: 204 };
};
