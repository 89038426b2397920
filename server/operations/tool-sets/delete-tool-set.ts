import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';
import { toToolSet } from '../../tool-sets/tool-set-rows.ts';
import { requireMatch } from '../entity-tag.ts';

/** Its subscriptions go with it, by foreign key. */
export const deleteToolSet: Handler<operations['deleteToolSet'], RequestContext> = async ({ path, headers }, context) => {
  const { tenantId } = requireOperator(context);
  const id = path.tool_set_id.toLowerCase();
  await changeCatalog(context, tenantId, { kind: 'tool_set', id }, async (tx) => {
    const current = await tx.tool_set.findFirst({ where: { id, tenant_id: tenantId } });
    if (!current) throw notFound('tool set');
    const before = toToolSet(current);
    requireMatch(headers, before);
    await tx.tool_set.delete({ where: { id } });
    await record(tx, context, { object: { kind: 'tool_set', id, name: current.name }, before });
  });
  return { status: 204 };
};
