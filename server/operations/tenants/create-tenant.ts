import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { record } from '../../audit/record.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { inviteOwner } from '../../tenants/invite-owner.ts';
import { lockPlatform, ofTenant, requireFreeTenantName, toTenant } from '../../tenants/tenant-rows.ts';
import { within } from '../../tenants/within.ts';
import { present } from '../wire.ts';

export const createTenant: Handler<operations['createTenant'], RequestContext> = async ({ body }, context) => {
  const { name, limits = {} } = body;
  const made = await inTenant(context, async (tx) => {
    await lockPlatform(tx);
    await requireFreeTenantName(tx, name);
    const tenant = toTenant(await tx.tenant.create({ data: { name, limits }, ...ofTenant }));
    const { tenant_id: id } = tenant;
    // An external issuer says who belongs to it.
    const owner_link = context.external === undefined ? await within(tx, context, id, () => inviteOwner(tx, context, id)) : undefined;
    await record(tx, context, { object: { kind: 'tenant', id, name }, after: tenant });
    return { tenant, ...present({ owner_link }) };
  });
  return { status: 201, body: made };
};
