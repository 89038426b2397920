import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Session } from '@stoa/generated/schemas.ts';
import { sessionRights } from '../../access/session-rights.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { findUser } from '../../identity/users.ts';
import { optionalTimestamp, present } from '../wire.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const getSession: Handler<operations['getSession'], RequestContext> = async (_input, context) => {
  const principal = requireOperator(context);
  const { name, expiresAt, userId, tenantId, teams = [] } = principal;
  const [tenant, user] = await Promise.all([
    inTenant(context, (tx) => tx.tenant.findUniqueOrThrow({ where: { id: tenantId }, select: { name: true } })),
    userId === undefined ? undefined : findUser(context.db, userId),
  ]);
  return {
    status: 200,
    body: {
      ...sessionRights(principal),
      name,
      tenant: { tenant_id: tenantId, name: tenant.name },
      ...(teams.length > 0 && { teams: teams.map(({ team, roles }) => ({ team, roles: roles as Session['roles'] })) }),
      ...present({ user: user && { user_id: user.id, email: user.email }, expires_at: optionalTimestamp(expiresAt) }),
    },
  };
};
