import type { mcp_definition, mcp_server, Prisma } from '@stoa/generated/prisma/client.ts';
import type { McpDefinition, McpServerReport } from '@stoa/generated/schemas.ts';
import { canonicalHash } from '@stoa/lib/canonical-json.ts';
import { makerOf } from '../audit/actor.ts';
import { hiddenIn } from '../catalog/compile/hidden-words.ts';
import { bumpTenant } from '../deployments/bump-tenant.ts';
import { invalid } from '../errors.ts';
import { present } from '../operations/wire.ts';
import { forgetUnoffered, maxApproved, nameHash, sameThing } from './definitions.ts';
import type { DefinitionKey } from './definitions.ts';

type Tx = Prisma.TransactionClient;
type Gateway = { readonly id: string; readonly tenant_id: string };
type Known = Pick<mcp_definition, 'id' | 'kind' | 'name' | 'sha256' | 'name_hash' | 'state'>;

/** So many are hashed, or written, at once: between them others have their turn. */
const atOnce = 500;

const maxInfoCharacters = 4096;

/** What MCP lets names of tools be, with whatever stands before them. */
const maxToolName = 64;

/**
 * What a report says that is offered, one of each name. The hashes are made anew: approved is what was seen, whatever a runtime says of it.
 * @throws ApiError 400 where a hash is not that of its definition
 */
export async function judgedDefinitions({ definitions }: McpServerReport): Promise<McpDefinition[]> {
  const things = new Map<string, McpDefinition>();
  for (const [index, one] of definitions.entries()) {
    if (index % atOnce === atOnce - 1) await new Promise((resolve) => setImmediate(resolve));
    if (canonicalHash(one.definition) !== `sha256:${one.sha256}`)
      throw invalid([{ pointer: `/body/definitions/${index}/sha256`, message: 'is not the SHA-256 of the canonical JSON of its definition' }]);
    if (!things.has(sameThing(one))) things.set(sameThing(one), one);
  }
  return [...things.values()];
}

/**
 * Keeps what a gateway found at an MCP server in place of what it found before. Answers the definitions that `additive` let through by that, or that the tenant's
 * catalog has to be locked first, because there are some.
 */
export async function keepReport(
  tx: Tx,
  { gateway, mcpServerId, isCatalogLocked }: { gateway: Gateway; mcpServerId: string; isCatalogLocked: boolean },
  report: McpServerReport,
  offered: readonly McpDefinition[],
): Promise<Known[] | 'lock the catalog'> {
  // Two gateways may find the same for the first time at once.
  await tx.$queryRaw`SELECT FROM mcp_server WHERE id = ${mcpServerId}::uuid FOR UPDATE`;
  const server = await tx.mcp_server.findFirst({ where: { id: mcpServerId, tenant_id: gateway.tenant_id } });
  if (!server) return [];
  const before = await tx.mcp_report.findUnique({ where: { gateway_id_mcp_server_id: { gateway_id: gateway.id, mcp_server_id: mcpServerId } } });
  const known = await definitionsOf(tx, server, offered);
  const isNew = server.pinning === 'additive' ? await undecidedOf(tx, mcpServerId, known) : [];
  if (isNew.length > 0 && !isCatalogLocked) return 'lock the catalog';
  await approveAdditions(tx, isNew);
  const ids = known.map(({ id }) => id);
  const columns = {
    state: report.state,
    reason: report.reason ?? null,
    protocol_version: report.protocol_version ?? null,
    server_info: report.server_info === undefined ? null : boundedInfo(report.server_info),
    instructions: report.instructions ?? null,
    offered: ids,
  };
  await tx.mcp_report.upsert({
    where: { gateway_id_mcp_server_id: { gateway_id: gateway.id, mcp_server_id: mcpServerId } },
    create: { gateway_id: gateway.id, mcp_server_id: mcpServerId, tenant_id: gateway.tenant_id, ...columns },
    update: { ...columns, reported_at: new Date() },
  });
  const kept = new Set(ids);
  const left = (before?.offered ?? []).filter((id) => !kept.has(id));
  const waiting = await tx.mcp_definition.findMany({ where: { id: { in: left }, state: { not: 'approved' } }, select: { id: true } });
  await forgetUnoffered(
    tx,
    mcpServerId,
    waiting.map(({ id }) => id),
  );
  return isNew;
}

const identityOf = (one: DefinitionKey): string => `${one.sha256} ${sameThing(one)}`;

/** Pages tell it of each gateway: of one that is long, with pictures in it say, the words alone are kept. */
function boundedInfo(info: Record<string, unknown>): string {
  const text = JSON.stringify(info);
  if (text.length <= maxInfoCharacters) return text;
  const words = ['name', 'title', 'version'].flatMap((member) => (typeof info[member] === 'string' ? [[member, info[member].slice(0, 256)]] : []));
  return JSON.stringify(Object.fromEntries(words));
}

/** The rows of what is offered; those that were not there are made. In statements of our own: Prisma takes milliseconds for each row of thousands. */
async function definitionsOf(tx: Tx, server: mcp_server, offered: readonly McpDefinition[]): Promise<Known[]> {
  const rows: Known[] = [];
  for (let from = 0; from < offered.length; from += atOnce) {
    const some = offered.slice(from, from + atOnce);
    const wanted = new Set(some.map(identityOf));
    const hashes = some.map(({ name }) => nameHash(name));
    const find = async () => {
      const named = await tx.$queryRaw<Known[]>`
        SELECT id, kind, name, sha256, name_hash, state FROM mcp_definition WHERE mcp_server_id = ${server.id}::uuid AND name_hash = ANY(${hashes})`;
      return named.filter((row) => wanted.has(identityOf(row)));
    };
    const found = await find();
    const known = new Set(found.map(identityOf));
    const missing = some.filter((one) => !known.has(identityOf(one)));
    await addDefinitions(tx, server, missing);
    rows.push(...(missing.length === 0 ? found : await find()));
  }
  return rows;
}

async function addDefinitions(tx: Tx, server: mcp_server, missing: readonly McpDefinition[]): Promise<void> {
  if (missing.length === 0) return;
  const column = (pick: (one: McpDefinition) => string) => missing.map(pick);
  await tx.$executeRaw`
    INSERT INTO mcp_definition (tenant_id, mcp_server_id, kind, name, name_hash, sha256, definition, warnings)
    SELECT ${server.tenant_id}::uuid, ${server.id}::uuid, kind, name, name_hash, sha256, definition, ARRAY(SELECT jsonb_array_elements_text(warnings::jsonb))
    FROM unnest(${column(({ kind }) => kind)}::text[], ${column(({ name }) => name)}::text[], ${column(({ name }) => nameHash(name))}::text[],
      ${column(({ sha256 }) => sha256)}::text[], ${column(({ definition }) => JSON.stringify(definition))}::text[],
      ${column((one) => JSON.stringify(warningsOf(server, one)))}::text[]) AS u (kind, name, name_hash, sha256, definition, warnings)`;
}

/**
 * Those that `additive` lets through: of each name under which nothing was decided yet the first, and no more than can be approved of one MCP server. What is beyond that waits
 * for a person; else one that offers other names every second would have them all kept.
 */
export async function undecidedOf(tx: Tx, mcpServerId: string, rows: readonly Known[]): Promise<Known[]> {
  const decided = await tx.mcp_definition.findMany({
    where: { mcp_server_id: mcpServerId, state: { in: ['approved', 'rejected'] } },
    select: { kind: true, name: true, state: true },
  });
  const things = new Set(decided.map(sameThing));
  const room = Math.max(0, maxApproved - decided.filter(({ state }) => state === 'approved').length);
  const undecided = new Map<string, Known>();
  for (const row of rows) if (!things.has(sameThing(row)) && !undecided.has(sameThing(row))) undecided.set(sameThing(row), row);
  return [...undecided.values()].slice(0, room);
}

/** What is new, and not changed, is let through by `additive`: from then on a change of it waits. */
export const approveAdditions = (tx: Tx, rows: readonly Known[]) =>
  tx.mcp_definition.updateMany({
    where: { id: { in: rows.map(({ id }) => id) } },
    data: { state: 'approved', decided_at: new Date(), decided_by: present(makerOf(undefined)) },
  });

/** Says that gateways are to be told what was let through. Part of the transaction that lets it through. */
export const bumpMcpServer = (tx: Tx, tenantId: string, id: string): Promise<void> => bumpTenant(tx, tenantId, { kind: 'mcp_server', id });

function warningsOf({ prefix }: mcp_server, { kind, name, definition }: McpDefinition): string[] {
  const isTooLong = kind === 'tool' && prefix.length + name.length > maxToolName;
  const tooLong = `Behind the prefix ${prefix} its name is longer than the ${maxToolName} characters that models take.`;
  return [...hiddenIn(`The ${kind.replace('_', ' ')} ${name.slice(0, 100)}`, definition), ...(isTooLong ? [tooLong] : [])];
}
