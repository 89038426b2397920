import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { rightsOf } from '@stoa/generated/permissions.ts';
import { requireAll } from '../../access/grant.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { sqlOf } from '../../database/sql.ts';
import { notFound } from '../../errors.ts';
import { takeBack, toOpenInvitation } from '../../identity/open-invitations.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { present } from '../wire.ts';

export const revokeInvitation: Handler<operations['revokeInvitation'], RequestContext> = async ({ path }, context) => {
  const by = requireOperator(context);
  await inTenant(context, async (tx) => {
    const row = await takeBack(sqlOf(tx), by.tenantId, path.invitation_id);
    if (!row) throw notFound('invitation');
    requireAll(rightsOf(row.roles), { rights: rightsOf(by.roles) }, 'An invitation that gives more than you have is revoked by others');
    await record(tx, context, { object: { kind: 'invitation', id: row.id, ...present({ name: row.email }) }, before: toOpenInvitation(row) });
  });
  return { status: 204 };
};
