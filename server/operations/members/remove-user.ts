import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { lockMember, removeMember } from '../../identity/members.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const removeUser: Handler<operations['removeUser'], RequestContext> = async ({ path }, context) => {
  const by = requireOperator(context);
  await inTenant(context, async (tx) => removeMember(tx, await lockMember(tx, { tenantId: by.tenantId, userId: path.user_id }, by)));
  await announceRevocation(context);
  return { status: 204 };
};
