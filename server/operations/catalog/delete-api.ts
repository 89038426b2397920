import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { record } from '../../audit/record.ts';
import { editable, toAuditedApi } from '../../catalog/api-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';
import { requireMatch } from '../entity-tag.ts';

/** Its deployments and the attachments of policies to it go with it, by foreign key. */
export const deleteApi: Handler<operations['deleteApi'], RequestContext> = async ({ path, headers }, context) => {
  const { tenantId } = requireOperator(context);
  await changeCatalog(context, tenantId, { kind: 'api', id: path.api_id }, async (tx) => {
    const current = await tx.api.findFirst({ where: { id: path.api_id, tenant_id: tenantId }, omit: { document: true, operations: true } });
    if (!current) throw notFound('API');
    requireMatch(headers, editable(current));
    await tx.api.delete({ where: { id: current.id } });
    await record(tx, context, { object: { kind: 'api', id: current.id, name: current.name }, before: toAuditedApi(current) });
  });
  return { status: 204 };
};
