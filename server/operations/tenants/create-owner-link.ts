import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { record } from '../../audit/record.ts';
import type { RequestContext } from '../../context.ts';
import { conflict } from '../../errors.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { inviteOwner } from '../../tenants/invite-owner.ts';
import { lockTenant } from '../../tenants/tenant-rows.ts';
import { within } from '../../tenants/within.ts';

export const createOwnerLink: Handler<operations['createOwnerLink'], RequestContext> = async ({ path }, context) => {
  if (context.external !== undefined)
    throw conflict(
      'People come by their groups at the external issuer: give a group of it the role owner there, in STOA_OIDC_ROLES.',
      'external_issuer',
    );
  const body = await inTenant(context, async (tx) => {
    const { id, name } = await lockTenant(tx, path.tenant_id);
    const link = await within(tx, context, id, async () => {
      const owners = await tx.membership.count({ where: { tenant_id: id, roles: { has: 'owner' } } });
      if (owners > 0) throw conflict('The tenant has an owner, who invites others into it. The platform does not.', 'has_owner');
      return inviteOwner(tx, context, id);
    });
    await record(tx, context, { object: { kind: 'tenant', id, name }, detail: { expires_at: link.expires_at } });
    return link;
  });
  return { status: 201, body };
};
