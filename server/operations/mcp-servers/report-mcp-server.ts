import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { record } from '../../audit/record.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { requireHolder } from '../../fleet/require-holder.ts';
import { bumpMcpServer, judgedDefinitions, keepReport } from '../../mcp-servers/report-rows.ts';
import { asTenant } from '../../tenants/in-tenant.ts';

export const reportMcpServer: Handler<operations['reportMcpServer'], RequestContext> = async ({ path, body }, context) => {
  const gateway = await requireHolder(context, path.gateway_id, body.lease_epoch);
  const id = path.mcp_server_id.toLowerCase();
  const current = await context.desired.current(gateway);
  // Of what it is not given it has nothing to say.
  if (current?.content.items.some(({ entry }) => entry.id === `mcp_server:${id}`) !== true)
    throw notFound("MCP server in the gateway's configuration");
  const offered = await judgedDefinitions(body);
  const keep = (isCatalogLocked: boolean) =>
    asTenant(context.db, gateway.tenant_id, async (tx) => {
      if (isCatalogLocked) await bumpMcpServer(tx, gateway.tenant_id, id);
      const added = await keepReport(tx, { gateway, mcpServerId: id, isCatalogLocked }, body, offered);
      if (added === 'lock the catalog' || added.length === 0) return added;
      const detail = { decided: added.length, pinning: 'additive' };
      await record(tx, context, { object: { kind: 'mcp_server', id }, detail }, gateway.tenant_id);
      return added;
    });
  // Whoever changes the catalog locks it before anything in it: so does this, where it lets something through.
  if ((await keep(false)) === 'lock the catalog') await keep(true);
  return { status: 204 };
};
