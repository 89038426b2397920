import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { ofPerson, toPersonalToken } from '../../access/personal-tokens.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const revokePersonalToken: Handler<operations['revokePersonalToken'], RequestContext> = async ({ path }, context) => {
  const by = requireOperator(context);
  await inTenant(context, async (tx) => {
    const token = await tx.operator_token.findFirst({ where: { ...ofPerson(by), id: path.token_id } });
    if (!token) throw notFound('personal access token');
    const { id, name } = token;
    await tx.$executeRaw`UPDATE operator_token SET revoked_at = now() WHERE id = ${id}::uuid AND revoked_at IS NULL`;
    const revoked = await tx.operator_token.update({ where: { id }, data: { updated_by: makerOf(by) } });
    const states = { before: toPersonalToken(token), after: toPersonalToken(revoked) };
    await record(tx, context, { object: { kind: 'operator_token', id, name }, ...states });
  });
  await announceRevocation(context);
  return { status: 204 };
};
