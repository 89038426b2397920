import type { api, api_revision, Prisma } from '@stoa/generated/prisma/client.ts';
import type { ApiRevision, OperationFilter } from '@stoa/generated/schemas.ts';
import { present, toTimestamp } from '../operations/wire.ts';

/** How many revisions of an API are kept besides those that are pinned. */
const maxRevisions = 100;

/** Keeps an API as it is, before an update makes the next revision of it. The database copies: a document may have tens of megabytes. */
export async function keepRevision(tx: Prisma.TransactionClient, apiId: string): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO api_revision (api_id, tenant_id, revision, name, title, version, description, document, upstream_url, upstream_auth, operations, loss_report, operations_filter, revised_at)
    SELECT id, tenant_id, revision, name, title, version, description, document, upstream_url, upstream_auth, operations, loss_report, operations_filter, revised_at
    FROM api WHERE id = ${apiId}::uuid`;
  await tx.$executeRaw`
    DELETE FROM api_revision r USING api a
    WHERE r.api_id = ${apiId}::uuid AND a.id = r.api_id AND r.revision <= a.revision - ${maxRevisions}::int
      AND NOT EXISTS (SELECT FROM deployment d WHERE d.api_id = r.api_id AND d.revision = r.revision)`;
}

/** Whether an API has a revision that can be pinned, the newest included. */
export async function hasRevision(tx: Prisma.TransactionClient, { id, revision: newest }: Pick<api, 'id' | 'revision'>, revision: number) {
  if (revision === newest) return true;
  return (await tx.api_revision.count({ where: { api_id: id, revision } })) > 0;
}

export type RevisionSummaryRow = Omit<api_revision, 'document' | 'operations' | 'loss_report' | 'upstream_auth'> & {
  has_upstream_auth: boolean;
  tools: number;
  newest: boolean;
};

/** The revisions of an API that are kept, newest first from `from` on, `take` at most. */
export async function findRevisions(tx: Prisma.TransactionClient, apiId: string, take: number, from?: number): Promise<RevisionSummaryRow[]> {
  return tx.$queryRaw<RevisionSummaryRow[]>`
    SELECT * FROM (
      SELECT id AS api_id, revision, name, title, version, description, upstream_url, operations_filter, revised_at,
        upstream_auth IS NOT NULL AS has_upstream_auth, jsonb_array_length(operations) AS tools, true AS newest FROM api WHERE id = ${apiId}::uuid
      UNION ALL
      SELECT api_id, revision, name, title, version, description, upstream_url, operations_filter, revised_at,
        upstream_auth IS NOT NULL, jsonb_array_length(operations), false FROM api_revision WHERE api_id = ${apiId}::uuid) kept
    WHERE ${from ?? null}::int IS NULL OR revision <= ${from ?? null}::int
    ORDER BY revision DESC LIMIT ${take}::int`;
}

/** One revision of an API, if it is kept. */
export async function findRevision(tx: Prisma.TransactionClient, apiId: string, revision: number): Promise<RevisionSummaryRow | undefined> {
  const [next] = await findRevisions(tx, apiId, 1, revision);
  return next?.revision === revision ? next : undefined;
}

export function toRevision({ description, operations_filter: filter, revised_at: revisedAt, ...row }: RevisionSummaryRow): ApiRevision {
  return { ...row, ...present({ description, operations_filter: filter as OperationFilter | null }), revised_at: toTimestamp(revisedAt) };
}
