import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { editableOf, findMember, toUser } from '../../identity/members.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { entityTag } from '../entity-tag.ts';

export const getUser: Handler<operations['getUser'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const user = toUser(await inTenant(context, (tx) => findMember(tx, { tenantId, userId: path.user_id })));
  return { status: 200, body: user, headers: entityTag(editableOf(user)) };
};
