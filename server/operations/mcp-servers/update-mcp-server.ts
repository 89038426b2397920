import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';
import { pendingOf } from '../../mcp-servers/definitions.ts';
import { credentialsToKeep, givenCredentials } from '../../mcp-servers/mcp-credentials.ts';
import { requireSoundMcpServer } from '../../mcp-servers/mcp-server-faults.ts';
import { requireFreePlace, saysTheSame, toColumns, toMcpServer } from '../../mcp-servers/mcp-server-rows.ts';
import { approveAdditions, undecidedOf } from '../../mcp-servers/report-rows.ts';
import { teamGiven } from '../../tenants/team-rows.ts';
import { entityTag, requireMatch } from '../entity-tag.ts';

export const updateMcpServer: Handler<operations['updateMcpServer'], RequestContext> = async ({ path, headers, query, body }, context) => {
  const { tenantId } = requireOperator(context);
  await requireSoundMcpServer(context.upstreams, body);
  const given = await givenCredentials(context.upstreams, body);
  const columns = toColumns(body);
  const id = path.mcp_server_id.toLowerCase();
  const edit = async (tx: Prisma.TransactionClient) => {
    const current = await tx.mcp_server.findFirst({ where: { id, tenant_id: tenantId } });
    if (!current) throw notFound('MCP server');
    const before = toMcpServer(current);
    requireMatch(headers, before);
    await requireFreePlace(tx, tenantId, id, columns);
    const wanted = { ...columns, ...(await teamGiven(tx, tenantId, body)) };
    const { sealed, isSame } = await credentialsToKeep(tx, context.keys, { id, tenantId }, body, given, current);
    const written =
      isSame && saysTheSame(current, wanted)
        ? current
        : await tx.mcp_server.update({
            where: { id },
            data: { ...wanted, credentials: sealed, updated_at: new Date(), updated_by: makerOf(context.principal) },
          });
    // What is served as new from now on is what a change is measured by.
    if (written.pinning === 'additive') await approveAdditions(tx, await undecidedOf(tx, id, await pendingOf(tx, id)));
    await record(tx, context, { object: { kind: 'mcp_server', id, name: written.name }, before, after: toMcpServer(written) });
    return written;
  };
  const server = toMcpServer(await changeCatalog(context, tenantId, { kind: 'mcp_server', id }, edit, query.dry_run === true));
  return { status: 200, body: server, headers: entityTag(server) };
};
