import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { record } from '../../audit/record.ts';
import type { RequestContext } from '../../context.ts';
import { conflict } from '../../errors.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { lockTenant, ofTenant, requireFreeTenantName, toTenant } from '../../tenants/tenant-rows.ts';
import { within } from '../../tenants/within.ts';
import { entityTag, requireMatch } from '../entity-tag.ts';
import { present } from '../wire.ts';

export const editTenant: Handler<operations['editTenant'], RequestContext> = async ({ path, headers, body }, context) => {
  const { name, suspended, limits } = body;
  const tenant = await inTenant(context, async (tx) => {
    const current = await lockTenant(tx, path.tenant_id);
    const before = toTenant(current);
    requireMatch(headers, before);
    if (suspended === true && before.platform)
      throw conflict('The tenant of the platform cannot be suspended: nobody could resume it.', 'platform_tenant');
    if (name !== undefined && name !== current.name) await requireFreeTenantName(tx, name);
    const isOther = suspended !== undefined && suspended !== before.suspended;
    const data = { ...present({ name, limits }), ...(isOther && { suspended_at: suspended ? new Date() : null }) };
    const after = toTenant(await tx.tenant.update({ where: { id: current.id }, data, ...ofTenant }));
    const recorded = { object: { kind: 'tenant' as const, id: current.id, name: after.name }, before, after };
    // Those who are in it are told too.
    if (!before.platform) await within(tx, context, current.id, () => record(tx, context, recorded, current.id));
    await record(tx, context, recorded);
    return after;
  });
  // Every replica forgets the credentials that it knows, and asks anew.
  await announceRevocation(context);
  return { status: 200, body: tenant, headers: entityTag(tenant) };
};
