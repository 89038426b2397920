import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { rightsOf } from '@stoa/generated/permissions.ts';
import { requireAll } from '../../access/grant.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { sqlOf } from '../../database/sql.ts';
import { belongsElsewhere } from '../../database/unscoped/belongs-elsewhere.ts';
import { about, conflict } from '../../errors.ts';
import { endResetLinks, invite } from '../../identity/invitations.ts';
import { lockMember, rolesWithThoseOfTeams, toUser } from '../../identity/members.ts';
import { joinUrl } from '../../identity/paths.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { toTimestamp } from '../wire.ts';

const goodForMs = 60 * 60 * 1000;

export const createResetLink: Handler<operations['createResetLink'], RequestContext> = async ({ path }, context) => {
  const by = requireOperator(context);
  const { tenantId } = by;
  // By another role than that of the tenant, which sees no other.
  const isElsewhere = await belongsElsewhere(context.db, path.user_id, tenantId);
  const { code, expiresAt } = await inTenant(context, async (tx) => {
    const member = await lockMember(tx, { tenantId, userId: path.user_id }, by);
    const { email, issuer, name } = toUser(member);
    if (issuer !== 'embedded') throw conflict('This person signs in at another issuer, which keeps the password.', 'external_issuer');
    if (isElsewhere)
      throw conflict(
        'This person belongs to other tenants as well, and whoever has the link would be let in there: the person changes the password at /account, or comes by another account.',
        'other_tenants',
      );
    const roles = await rolesWithThoseOfTeams(tx, member);
    about({ kind: 'user', id: path.user_id, name }, () =>
      requireAll(rightsOf(roles), by, 'Whoever lets somebody sign in anew could do so in his place'),
    );
    await endResetLinks(sqlOf(tx), path.user_id);
    const given = { tenantId, roles, email, userId: path.user_id, invitedBy: makerOf(by), goodForMs };
    const made = await invite(sqlOf(tx), context.keys, given);
    await record(tx, context, { object: { kind: 'user', id: path.user_id, name }, after: { expires_at: toTimestamp(made.expiresAt) } });
    return made;
  });
  return { status: 201, body: { url: joinUrl(context.publicUrl(), code), expires_at: toTimestamp(expiresAt) } };
};
