import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { digestOf, pendingOf, withContext } from '../../mcp-servers/definitions.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { after, inOrder, pageOf } from '../page.ts';

export const listMcpDefinitions: Handler<operations['listMcpDefinitions'], RequestContext> = async ({ path, query }, context) => {
  const { tenantId } = requireOperator(context);
  const { state = 'pending' } = query;
  const body = await inTenant(context, async (tx) => {
    const server = await tx.mcp_server.findFirst({ where: { id: path.mcp_server_id, tenant_id: tenantId }, select: { id: true } });
    if (!server) throw notFound('MCP server');
    const page = await pageOf(
      query,
      (take, position) => tx.mcp_definition.findMany({ where: { mcp_server_id: server.id, state, ...after(position) }, orderBy: inOrder, take }),
      (row) => row,
    );
    const items = await withContext(tx, server.id, page.items);
    return { ...page, items, pending_sha256: digestOf(await pendingOf(tx, server.id)) };
  });
  return { status: 200, body };
};
