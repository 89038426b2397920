import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { McpServer } from '@stoa/generated/schemas.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { sqlOf } from '../../database/sql.ts';
import { countDefinitions } from '../../mcp-servers/definitions.ts';
import { toMcpServer } from '../../mcp-servers/mcp-server-rows.ts';
import { findMcpStates } from '../../mcp-servers/outcome.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { after, inOrder, labelsFit, nameHolds, pageOf } from '../page.ts';
import { present } from '../wire.ts';

export const listMcpServers: Handler<operations['listMcpServers'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const page = await inTenant(context, (tx) =>
    pageOf(
      query,
      async (take, position) => {
        const rows = await tx.mcp_server.findMany({
          where: {
            tenant_id: tenantId,
            ...present({ team: query.team }),
            AND: [nameHolds(query.search), ...labelsFit(query.label)],
            ...after(position),
          },
          orderBy: inOrder,
          take,
        });
        const ids = rows.map(({ id }) => id);
        const counts = await countDefinitions(tx, ids);
        const states = await findMcpStates(sqlOf(tx), ids);
        return rows.map((row) => ({ ...row, told: { definitions: counts(row.id), ...states.get(row.id) } }));
      },
      ({ told, ...row }): McpServer => ({ ...toMcpServer(row), ...told }),
    ),
  );
  return { status: 200, body: page };
};
