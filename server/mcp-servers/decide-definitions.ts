import type { McpDefinitionsDecided, McpDefinitionsDecision } from '@stoa/generated/schemas.ts';
import { makerOf } from '../audit/actor.ts';
import { record } from '../audit/record.ts';
import { requireOperator } from '../context.ts';
import type { RequestContext } from '../context.ts';
import { changeCatalog } from '../deployments/change-catalog.ts';
import { notFound } from '../errors.ts';
import { decide, requireDistinct } from './decide.ts';
import type { McpVerdict } from './decide.ts';
import { countDefinitions } from './definitions.ts';

/** The audit names so many of them. */
const namedAtMost = 100;

/** What approving and rejecting have in common. */
export function decideMcpDefinitions(
  context: RequestContext,
  givenId: string,
  body: McpDefinitionsDecision,
  verdict: McpVerdict,
): Promise<McpDefinitionsDecided> {
  const { tenantId } = requireOperator(context);
  requireDistinct(body);
  const id = givenId.toLowerCase();
  return changeCatalog(context, tenantId, { kind: 'mcp_server', id }, async (tx) => {
    // Nobody reports, and so changes what is offered, until it is decided.
    await tx.$queryRaw`SELECT FROM mcp_server WHERE id = ${id}::uuid AND tenant_id = ${tenantId}::uuid FOR UPDATE`;
    const server = await tx.mcp_server.findFirst({ where: { id, tenant_id: tenantId } });
    if (!server) throw notFound('MCP server');
    const decided = await decide(tx, server, body, verdict, makerOf(context.principal));
    const definitions = (await countDefinitions(tx, [id]))(id);
    const named = decided.slice(0, namedAtMost).map(({ kind, name, sha256 }) => ({ kind, name: name.slice(0, 200), sha256 }));
    await record(tx, context, { object: { kind: 'mcp_server', id, name: server.name }, detail: { decided: decided.length, definitions: named } });
    return { decided: decided.length, definitions };
  });
}
