import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { toApiSummary } from '../../catalog/api-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { findApiStates } from '../../deployments/deployment-rows.ts';
import { after, inOrder, labelsFit, nameHolds, pageOf } from '../page.ts';
import { sqlOf } from '../../database/sql.ts';
import { present } from '../wire.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const listApis: Handler<operations['listApis'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const conditions = [...(query.name === undefined ? [] : [{ name: query.name }]), nameHolds(query.search), ...labelsFit(query.label)];
  const page = await inTenant(context, (tx) =>
    pageOf(
      query,
      async (take, position) => {
        const rows = await tx.api.findMany({
          where: { tenant_id: tenantId, ...present({ team: query.team }), AND: conditions, ...after(position) },
          orderBy: inOrder,
          take,
          omit: { document: true, operations: true },
        });
        // Counted in the database: the operations of a page of APIs may be hundreds of megabytes.
        const counts = await tx.$queryRaw<{ id: string; tools: number }[]>`
      SELECT id, jsonb_array_length(operations) AS tools FROM api WHERE id = ANY(${rows.map((row) => row.id)}::uuid[])`;
        const tools = new Map(counts.map((count) => [count.id, count.tools]));
        const states = await findApiStates(
          sqlOf(tx),
          rows.map(({ id }) => id),
        );
        return rows.map((row) => ({ ...row, tools: tools.get(row.id) ?? 0, state: states.get(row.id) ?? ('undeployed' as const) }));
      },
      toApiSummary,
    ),
  );
  return { status: 200, body: page };
};
