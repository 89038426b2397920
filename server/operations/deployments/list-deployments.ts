import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { toDeployment } from '../../deployments/deployment-rows.ts';
import { after, inOrder, pageOf } from '../page.ts';

export const listDeployments: Handler<operations['listDeployments'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context, 'read');
  const ofApi = query.api_id === undefined ? {} : { api_id: query.api_id };
  const page = await pageOf(
    query,
    (take, position) =>
      context.db.prisma.deployment.findMany({ where: { tenant_id: tenantId, ...ofApi, ...after(position) }, orderBy: inOrder, take }),
    toDeployment,
  );
  return { status: 200, body: page };
};
