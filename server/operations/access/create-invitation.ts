import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { rightsOf } from '@stoa/generated/permissions.ts';
import { requireAll } from '../../access/grant.ts';
import { conflict } from '../../errors.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { invite } from '../../identity/invitations.ts';
import { joinUrl } from '../../identity/paths.ts';
import { plainEmail } from '../../identity/users.ts';
import { present, toTimestamp } from '../wire.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { requireRoom } from '../../tenants/limits.ts';

export const createInvitation: Handler<operations['createInvitation'], RequestContext> = async ({ body }, context) => {
  const by = requireOperator(context);
  if (context.external !== undefined)
    throw conflict('People come by their groups at the external issuer: put the person into one that STOA_OIDC_ROLES names.', 'external_issuer');
  // A link is a credential: a token that its scopes narrow gives by it no more than it has itself.
  requireAll(rightsOf(body.roles), by, 'Who is invited cannot do more than who invites him');
  const { tenantId } = by;
  const email = body.email === undefined ? undefined : plainEmail(body.email);
  const { id, code, expiresAt } = await inTenant(context, async (tx) => {
    await requireRoom(tx, tenantId, 'people');
    const invited = await invite(sqlOf(tx), context.keys, { tenantId, roles: body.roles, email, invitedBy: makerOf(by) });
    const after = { roles: body.roles, email, expires_at: toTimestamp(invited.expiresAt) };
    await record(tx, context, { object: { kind: 'invitation', id: invited.id, ...present({ name: email }) }, after });
    return invited;
  });
  return { status: 201, body: { invitation_id: id, url: joinUrl(context.publicUrl(), code), expires_at: toTimestamp(expiresAt) } };
};
