import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { User } from '@stoa/generated/schemas.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { listMembers, toUser } from '../../identity/members.ts';
import type { MemberRow } from '../../identity/members.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { nameHolds, pageOf } from '../page.ts';

export const listUsers: Handler<operations['listUsers'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const page = await inTenant(context, (tx) =>
    pageOf<MemberRow & { id: string }, User>(
      query,
      async (take, after) => {
        const members = await listMembers(tx, { tenantId, search: nameHolds(query.search), after, take });
        return members.map((member) => ({ ...member, id: member.user_id }));
      },
      toUser,
    ),
  );
  return { status: 200, body: page };
};
