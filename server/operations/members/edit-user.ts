import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { record } from '../../audit/record.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeMember, editableOf, lockMember, toUser } from '../../identity/members.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { entityTag, requireMatch } from '../entity-tag.ts';

export const editUser: Handler<operations['editUser'], RequestContext> = async ({ path, body, headers }, context) => {
  const by = requireOperator(context);
  const user = await inTenant(context, async (tx) => {
    const member = await lockMember(tx, { tenantId: by.tenantId, userId: path.user_id }, by);
    requireMatch(headers, editableOf(toUser(member)));
    const changed = toUser(await changeMember(tx, member, body, by));
    await record(tx, context, { object: { kind: 'user', id: changed.user_id, name: changed.name }, before: toUser(member), after: changed });
    return changed;
  });
  await announceRevocation(context);
  return { status: 200, body: user, headers: entityTag(editableOf(user)) };
};
