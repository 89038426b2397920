import type { Prisma } from '@stoa/generated/prisma/client.ts';

export const configChannel = 'stoa_config';

/** What desired states are made of. What goes with a row by foreign key need not be named. */
export type CatalogKind =
  | 'api'
  | 'policy'
  | 'consumer'
  | 'consumer_key'
  | 'plan'
  | 'trusted_issuer'
  | 'mcp_server'
  | 'tool_set'
  | 'subscription'
  | 'deployment';
/** One of a kind, or several of it. */
export type CatalogChange = { kind: CatalogKind; id: string | readonly string[] };

/**
 * Says that desired states of a tenant may have changed, and what of the catalog did. Part of the transaction that changes it: config feeds on every
 * replica wake when it commits, and never before.
 */
export async function bumpTenant(tx: Prisma.TransactionClient, tenantId: string, { kind, id }: CatalogChange): Promise<void> {
  await tx.$executeRaw`
    WITH bumped AS (UPDATE tenant SET revision = revision + 1 WHERE id = ${tenantId}::uuid RETURNING id, revision)
    INSERT INTO catalog_change (tenant_id, revision, kind, ids) SELECT id, revision, ${kind}, ${[id].flat()}::uuid[] FROM bumped`;
  await tx.$executeRaw`SELECT pg_notify(${configChannel}, ${tenantId})`;
}
