import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';
import { toMcpServer } from '../../mcp-servers/mcp-server-rows.ts';
import { requireMatch } from '../entity-tag.ts';

/** Its subscriptions, attachments, definitions and reports go with it, by foreign key. */
export const deleteMcpServer: Handler<operations['deleteMcpServer'], RequestContext> = async ({ path, headers }, context) => {
  const { tenantId } = requireOperator(context);
  const id = path.mcp_server_id.toLowerCase();
  await changeCatalog(context, tenantId, { kind: 'mcp_server', id }, async (tx) => {
    const current = await tx.mcp_server.findFirst({ where: { id, tenant_id: tenantId } });
    if (!current) throw notFound('MCP server');
    const before = toMcpServer(current);
    requireMatch(headers, before);
    await tx.mcp_server.delete({ where: { id } });
    await record(tx, context, { object: { kind: 'mcp_server', id, name: current.name }, before });
  });
  return { status: 204 };
};
