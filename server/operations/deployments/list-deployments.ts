import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { findStandings, toDeployment, unmatchedStanding } from '../../deployments/deployment-rows.ts';
import { after, inOrder, nameHolds, pageOf } from '../page.ts';
import { present } from '../wire.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const listDeployments: Handler<operations['listDeployments'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const ofApi = { ...present({ api_id: query.api_id, name: query.name }), api: nameHolds(query.search) };
  const page = await inTenant(context, (tx) =>
    pageOf(
      query,
      async (take, position) => {
        const rows = await tx.deployment.findMany({
          where: { tenant_id: tenantId, ...ofApi, ...after(position) },
          include: { api: { select: { name: true } } },
          orderBy: inOrder,
          take,
        });
        const standings = await findStandings(
          sqlOf(tx),
          rows.map(({ id }) => id),
        );
        return rows.map((row) => ({ ...row, ...(standings.get(row.id) ?? unmatchedStanding) }));
      },
      (row) => ({ ...toDeployment(row), api_name: row.api.name }),
    ),
  );
  return { status: 200, body: page };
};
