import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';

/** Its deployments and the attachments of policies to it go with it, by foreign key. */
export const deleteApi: Handler<operations['deleteApi'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context, 'write');
  await changeCatalog(context.db, tenantId, async (tx) => {
    const { count } = await tx.api.deleteMany({ where: { id: path.api_id, tenant_id: tenantId } });
    if (count === 0) throw notFound('API');
  });
  return { status: 204 };
};
