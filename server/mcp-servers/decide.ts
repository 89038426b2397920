import { Prisma } from '@stoa/generated/prisma/client.ts';
import type { mcp_server } from '@stoa/generated/prisma/client.ts';
import type { Maker, McpDefinitionsDecision } from '@stoa/generated/schemas.ts';
import { ApiError, conflict, invalid } from '../errors.ts';
import { digestOf, forgetUnoffered, maxApproved, nameHash, pendingOf, sameThing } from './definitions.ts';
import type { DefinitionKey } from './definitions.ts';

type Tx = Prisma.TransactionClient;
type Found = DefinitionKey & { id: string; name_hash: string; state: string };
export type McpVerdict = 'approved' | 'rejected';

/**
 * Decides on definitions as they were seen. Answers those that are in another state by it.
 * @throws ApiError 409 where something is no longer as it was seen; then nothing is decided
 */
export async function decide(tx: Tx, server: mcp_server, body: McpDefinitionsDecision, verdict: McpVerdict, by: Maker): Promise<DefinitionKey[]> {
  const named = await seen(tx, server.id, body);
  const changed = named.filter(({ state }) => state !== verdict);
  if (verdict === 'approved') await approve(tx, server.id, changed, by);
  else await reject(tx, server, changed, by);
  return changed;
}

async function seen(tx: Tx, mcpServerId: string, { all, definitions = [] }: McpDefinitionsDecision): Promise<Found[]> {
  if (all === undefined) return asSeen(tx, mcpServerId, definitions);
  const pending = await pendingOf(tx, mcpServerId);
  if (digestOf(pending) === all) return pending;
  throw conflict('What is pending is not what it was: read the list again, and decide on that.', 'changed_meanwhile');
}

async function asSeen(tx: Tx, mcpServerId: string, refs: readonly DefinitionKey[]): Promise<Found[]> {
  const rows = await tx.mcp_definition.findMany({
    where: { mcp_server_id: mcpServerId, name_hash: { in: refs.map(({ name }) => nameHash(name)) } },
    select: { id: true, kind: true, name: true, sha256: true, name_hash: true, state: true },
  });
  const errors = refs.flatMap((ref, index) => {
    const here = rows.filter((row) => sameThing(row) === sameThing(ref));
    if (here.some(({ sha256 }) => sha256 === ref.sha256)) return [];
    const now = here.filter(({ state }) => state === 'pending').map(({ sha256 }) => sha256);
    const message = now.length === 0 ? 'is not offered' : `is offered otherwise now: ${now.slice(0, 3).join(', ')}`;
    return [{ pointer: `/body/definitions/${index}`, message }];
  });
  if (errors.length > 0)
    throw new ApiError(409, 'What the MCP server offers is not what was seen: read the list again, and decide on that.', {
      code: 'changed_meanwhile',
      errors,
    });
  return rows.filter((row) => refs.some((ref) => ref.sha256 === row.sha256 && sameThing(ref) === sameThing(row)));
}

async function approve(tx: Tx, mcpServerId: string, rows: readonly Found[], by: Maker): Promise<void> {
  requireOneOfEach(rows);
  const before = await tx.mcp_definition.findMany({
    where: { mcp_server_id: mcpServerId, state: 'approved', name_hash: { in: rows.map(({ name_hash: hash }) => hash) } },
    select: { id: true, kind: true, name: true },
  });
  const things = new Set(rows.map(sameThing));
  const replaced = before.filter((row) => things.has(sameThing(row))).map(({ id }) => id);
  // Where a gateway still finds it, it waits again; elsewhere it is forgotten.
  await tx.mcp_definition.updateMany({ where: { id: { in: replaced } }, data: { state: 'pending', decided_at: null, decided_by: Prisma.DbNull } });
  await forgetUnoffered(tx, mcpServerId, replaced);
  await mark(tx, rows, 'approved', by);
  if ((await tx.mcp_definition.count({ where: { mcp_server_id: mcpServerId, state: 'approved' } })) > maxApproved)
    throw conflict(`Of one MCP server at most ${maxApproved} definitions can be approved. Reject some.`, 'too_many_definitions');
}

/** Gateways may find different things under one name: which of them is served, somebody has to say. */
function requireOneOfEach(rows: readonly Found[]): void {
  const names = rows.map(sameThing);
  const twice = rows.find((row, index) => names.indexOf(sameThing(row)) !== index);
  if (twice === undefined) return;
  throw conflict(
    `Gateways find different descriptions of the ${twice.kind} ${twice.name.slice(0, 100)}: approve one of them, by its hash.`,
    'ambiguous_definition',
  );
}

async function reject(tx: Tx, { id, pinning }: mcp_server, rows: readonly Found[], by: Maker): Promise<void> {
  const served = rows.filter(({ state }) => state === 'approved');
  if (served.length > 0 && pinning !== 'manual')
    throw conflict(
      `With the pinning ${pinning} it would be served again as new: only with \`manual\` an approval can be taken back. Change \`pinning\` first.`,
      'served_without_approval',
    );
  await mark(tx, rows, 'rejected', by);
  // What is not offered any more waits for nobody.
  await forgetUnoffered(
    tx,
    id,
    served.map((row) => row.id),
  );
}

const mark = (tx: Tx, rows: readonly Found[], state: McpVerdict, by: Maker) =>
  tx.mcp_definition.updateMany({ where: { id: { in: rows.map(({ id }) => id) } }, data: { state, decided_at: new Date(), decided_by: by } });

/** @throws ApiError 400 for a definition that is named twice */
export function requireDistinct({ definitions = [] }: McpDefinitionsDecision): void {
  const keys = definitions.map((ref) => `${ref.sha256} ${sameThing(ref)}`);
  const errors = keys.flatMap((key, index) =>
    keys.indexOf(key) === index ? [] : [{ pointer: `/body/definitions/${index}`, message: 'is there twice' }],
  );
  if (errors.length > 0) throw invalid(errors);
}
