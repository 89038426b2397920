import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { record } from '../../audit/record.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { lockMember, removeMember, toUser } from '../../identity/members.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const removeUser: Handler<operations['removeUser'], RequestContext> = async ({ path }, context) => {
  const by = requireOperator(context);
  await inTenant(context, async (tx) => {
    const member = await lockMember(tx, { tenantId: by.tenantId, userId: path.user_id }, by);
    await removeMember(tx, member);
    const before = toUser(member);
    await record(tx, context, { object: { kind: 'user', id: before.user_id, name: before.name }, before });
  });
  await announceRevocation(context);
  return { status: 204 };
};
