import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { ofTenant, toTenant } from '../../tenants/tenant-rows.ts';
import { after, inOrder, nameHolds, pageOf } from '../page.ts';

/** The tenant of the platform sees every tenant; to others the database would show their own alone. */
export const listTenants: Handler<operations['listTenants'], RequestContext> = async ({ query }, context) => {
  const page = await inTenant(context, (tx) =>
    pageOf(
      query,
      (take, position) => tx.tenant.findMany({ where: { ...nameHolds(query.search), ...after(position) }, orderBy: inOrder, take, ...ofTenant }),
      toTenant,
    ),
  );
  return { status: 200, body: page };
};
