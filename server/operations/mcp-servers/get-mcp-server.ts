import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { toldOf } from '../../catalog/credential-kinds.ts';
import { openedCredentials } from '../../catalog/upstream-credentials.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { countDefinitions } from '../../mcp-servers/definitions.ts';
import { toMcpServer } from '../../mcp-servers/mcp-server-rows.ts';
import { findMcpOutcome } from '../../mcp-servers/outcome.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { entityTag } from '../entity-tag.ts';

export const getMcpServer: Handler<operations['getMcpServer'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const { row, outcome, definitions } = await inTenant(context, async (tx) => {
    const found = await tx.mcp_server.findFirst({ where: { id: path.mcp_server_id, tenant_id: tenantId } });
    if (!found) throw notFound('MCP server');
    const counts = await countDefinitions(tx, [found.id]);
    return { row: found, outcome: await findMcpOutcome(tx, found), definitions: counts(found.id) };
  });
  const places = (await openedCredentials(context.keys, row, row.credentials)).map(toldOf);
  return { status: 200, body: { ...toMcpServer(row, places), definitions, ...outcome }, headers: entityTag(toMcpServer(row)) };
};
