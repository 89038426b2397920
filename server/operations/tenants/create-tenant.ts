import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { record } from '../../audit/record.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { inviteOwner } from '../../tenants/invite-owner.ts';
import { lockPlatform, ofTenant, requireFreeTenantName, toTenant } from '../../tenants/tenant-rows.ts';
import { within } from '../../tenants/within.ts';

export const createTenant: Handler<operations['createTenant'], RequestContext> = async ({ body }, context) => {
  const { name, limits = {} } = body;
  const made = await inTenant(context, async (tx) => {
    await lockPlatform(tx);
    await requireFreeTenantName(tx, name);
    const tenant = toTenant(await tx.tenant.create({ data: { name, limits }, ...ofTenant }));
    await record(tx, context, { object: { kind: 'tenant', id: tenant.tenant_id, name }, after: tenant });
    // An external issuer says who belongs to it.
    if (context.external !== undefined) return { tenant };
    return { tenant, owner_link: await within(tx, context, tenant.tenant_id, () => inviteOwner(tx, context, tenant.tenant_id)) };
  });
  return { status: 201, body: made };
};
