import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { record } from '../../audit/record.ts';
import type { RequestContext } from '../../context.ts';
import { forgetUsers } from '../../database/unscoped/forget-users.ts';
import { conflict } from '../../errors.ts';
import { forgetTenant } from '../../tenants/forget-tenant.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { lockTenant, toTenant } from '../../tenants/tenant-rows.ts';
import { within } from '../../tenants/within.ts';
import { requireMatch } from '../entity-tag.ts';

export const deleteTenant: Handler<operations['deleteTenant'], RequestContext> = async ({ path, headers }, context) => {
  const members = await inTenant(context, async (tx) => {
    const before = toTenant(await lockTenant(tx, path.tenant_id));
    requireMatch(headers, before);
    if (before.platform) throw conflict('The tenant of the platform cannot be deleted: it makes the others.', 'platform_tenant');
    if (!before.suspended)
      throw conflict('The tenant is in use. Suspend it first (`PATCH` with `{"suspended": true}`), and delete it then.', 'not_suspended');
    const { tenant_id: id, name } = before;
    const recorded = { object: { kind: 'tenant' as const, id, name }, before };
    const forgotten = await within(tx, context, id, async () => {
      await record(tx, context, recorded, id);
      return forgetTenant(tx, id);
    });
    await record(tx, context, recorded);
    return forgotten;
  });
  await forgetUsers(context.db, members);
  await announceRevocation(context);
  return { status: 204 };
};
