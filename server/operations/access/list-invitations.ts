import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { sqlOf } from '../../database/sql.ts';
import { openInvitations, toOpenInvitation } from '../../identity/open-invitations.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { pageOf } from '../page.ts';

export const listInvitations: Handler<operations['listInvitations'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const page = await inTenant(context, (tx) =>
    pageOf(query, (take, position) => openInvitations(sqlOf(tx), tenantId, take, position), toOpenInvitation),
  );
  return { status: 200, body: page };
};
