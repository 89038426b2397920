import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { toEnvironment } from '../../approvals/environment-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { entityTag } from '../entity-tag.ts';

/** Every name is one of an environment, which demands nothing until somebody says so. */
export const getEnvironment: Handler<operations['getEnvironment'], RequestContext> = async ({ path: { environment } }, context) => {
  const { tenantId } = requireOperator(context);
  const where = { tenant_id_environment: { tenant_id: tenantId, environment } };
  const body = toEnvironment(environment, await inTenant(context, (tx) => tx.environment_setting.findUnique({ where })));
  return { status: 200, body, headers: entityTag(body) };
};
