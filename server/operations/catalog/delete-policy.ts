import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';

export const deletePolicy: Handler<operations['deletePolicy'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context, 'write');
  await changeCatalog(context.db, tenantId, async (tx) => {
    const { count } = await tx.policy.deleteMany({ where: { id: path.policy_id, tenant_id: tenantId } });
    if (count === 0) throw notFound('policy');
  });
  return { status: 204 };
};
