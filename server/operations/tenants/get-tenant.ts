import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { requireTenant, toTenant } from '../../tenants/tenant-rows.ts';
import { entityTag } from '../entity-tag.ts';

export const getTenant: Handler<operations['getTenant'], RequestContext> = async ({ path }, context) => {
  const body = toTenant(await inTenant(context, (tx) => requireTenant(tx, path.tenant_id)));
  return { status: 200, body, headers: entityTag(body) };
};
