import { randomUUID } from 'node:crypto';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { credentialsToKeep, givenCredentials } from '../../mcp-servers/mcp-credentials.ts';
import { requireSoundMcpServer } from '../../mcp-servers/mcp-server-faults.ts';
import { requireBelowMost, requireFreePlace, toColumns, toMcpServer } from '../../mcp-servers/mcp-server-rows.ts';
import { requireRoom } from '../../tenants/limits.ts';
import { teamGiven } from '../../tenants/team-rows.ts';
import { entityTag } from '../entity-tag.ts';

export const createMcpServer: Handler<operations['createMcpServer'], RequestContext> = async ({ query, body }, context) => {
  const { tenantId } = requireOperator(context);
  await requireSoundMcpServer(context.upstreams, body);
  const given = await givenCredentials(context.upstreams, body);
  const columns = toColumns(body);
  const id = randomUUID();
  const create = async (tx: Prisma.TransactionClient) => {
    await requireRoom(tx, tenantId, 'mcp_servers');
    await requireBelowMost(tx, tenantId);
    await requireFreePlace(tx, tenantId, id, columns);
    const team = await teamGiven(tx, tenantId, body);
    const { sealed } = await credentialsToKeep(tx, context.keys, { id, tenantId }, body, given);
    const by = { created_by: makerOf(context.principal), updated_by: makerOf(context.principal) };
    const created = await tx.mcp_server.create({ data: { id, tenant_id: tenantId, ...columns, ...team, credentials: sealed, ...by } });
    await record(tx, context, { object: { kind: 'mcp_server', id, name: created.name }, after: toMcpServer(created) });
    return created;
  };
  const server = toMcpServer(await changeCatalog(context, tenantId, { kind: 'mcp_server', id }, create, query.dry_run === true));
  return { status: 201, body: server, headers: entityTag(server) };
};
