import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { toldOf } from '../../tool-sets/check-tools.ts';
import { toToolSet } from '../../tool-sets/tool-set-rows.ts';
import { entityTag } from '../entity-tag.ts';

export const getToolSet: Handler<operations['getToolSet'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const { set, told } = await inTenant(context, async (tx) => {
    const row = await tx.tool_set.findFirst({ where: { id: path.tool_set_id, tenant_id: tenantId } });
    if (!row) throw notFound('tool set');
    const found = toToolSet(row);
    return { set: found, told: await toldOf(tx, tenantId, found) };
  });
  return { status: 200, body: { ...set, ...told }, headers: entityTag(set) };
};
