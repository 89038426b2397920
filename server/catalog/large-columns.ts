import { randomUUID } from 'node:crypto';
import { Prisma } from '@stoa/generated/prisma/client.ts';
import type { RequestContext } from '../context.ts';
import type { Sql } from '../database/sql.ts';
import { forgetUpload, upload } from '../database/unscoped/document-uploads.ts';
import { changeCatalog } from '../deployments/change-catalog.ts';
import { RawBody } from '../raw-body.ts';
import type { CompiledSource } from './compile/compile-source.ts';

/** Until their row takes them, the large columns have nothing to say. */
export const noLargeColumns = { document: {}, operations: [] };

/**
 * Runs a change of a tenant's catalog that stores a compiled API. Its document and operations go to the database beforehand, as bytes and
 * by a connection of their own, so that neither this thread nor those who wait for the catalog's lock wait for megabytes. `change` makes the
 * row, and says whether it is to be filled with them. In a dry run everything happens, and is undone.
 */
export async function publish<T extends { id: string }>(
  context: Pick<RequestContext, 'db' | 'principal'>,
  tenantId: string,
  apiId: string,
  { document, operations }: Pick<CompiledSource, 'document' | 'operations'>,
  isDryRun: boolean,
  change: (tx: Prisma.TransactionClient, uploadId: string) => Promise<{ row: T; isRevised: boolean }>,
): Promise<T> {
  const { db } = context;
  const uploadId = randomUUID();
  try {
    await upload(db, { id: uploadId, tenantId, document, operations });
    const fill = async (tx: Prisma.TransactionClient): Promise<T> => {
      const { row, isRevised } = await change(tx, uploadId);
      if (!isRevised) return row;
      await tx.$executeRaw`
        UPDATE api SET document = u.document, operations = u.operations FROM ${uploaded(uploadId)} u WHERE api.id = ${row.id}::uuid`;
      return row;
    };
    return await changeCatalog(context, tenantId, { kind: 'api', id: apiId }, fill, isDryRun);
  } finally {
    await forgetUpload(db, uploadId);
  }
}

/** The large columns of an upload, its parts together, as a table of one row. */
const uploaded = (id: string): Prisma.Sql => Prisma.sql`(
  SELECT convert_from(string_agg(document, ''::bytea ORDER BY part), 'UTF8')::jsonb AS document,
    convert_from(string_agg(operations, ''::bytea ORDER BY part), 'UTF8')::jsonb AS operations
  FROM document_upload WHERE id = ${id}::uuid)`;

/** Which of the large columns of an API an upload has as well; operations in any order, for the database keeps no order of members. */
export async function sameLargeColumns(
  tx: Prisma.TransactionClient,
  apiId: string,
  uploadId: string,
): Promise<{ document: boolean; operations: boolean }> {
  const [same] = await tx.$queryRaw<{ document: boolean; operations: boolean }[]>`
    SELECT api.document = u.document AS document,
      (SELECT array_agg(o ORDER BY o) FROM jsonb_array_elements(api.operations) o)
        IS NOT DISTINCT FROM (SELECT array_agg(o ORDER BY o) FROM jsonb_array_elements(u.operations) o) AS operations
    FROM api, ${uploaded(uploadId)} u WHERE api.id = ${apiId}::uuid`;
  return same ?? { document: false, operations: false };
}

export type LargeColumns = { document: string; operations: string; tools: number };

const largeColumns = 'document::text AS document, operations::text AS operations, jsonb_array_length(operations) AS tools';

/** The large columns of an API, or of one revision of it, as the JSON that the database keeps, for this thread to pass on unread. */
export async function largeColumnsOf(sql: Sql, apiId: string, revision?: number): Promise<LargeColumns | undefined> {
  // The newest revision is kept with the API, the others apart; it may become one of those at any time.
  const { rows } = await sql.query<LargeColumns>(
    `SELECT ${largeColumns} FROM api WHERE id = $1::uuid AND ($2::int IS NULL OR revision = $2)
     UNION ALL SELECT ${largeColumns} FROM api_revision WHERE api_id = $1::uuid AND revision = $2`,
    [apiId, revision ?? null],
  );
  return rows[0];
}

/** The JSON of `summary` with the large columns in it. It is typed as what its text says. */
export function withLargeColumns<T extends object>(summary: T, { operations, document }: LargeColumns): T {
  const text = new RawBody([`${JSON.stringify(summary).slice(0, -1)},"operations":`, operations, ',"document":', document, '}']);
  return text as unknown as T;
}

/** The JSON of `summary` with operations that are kept nowhere: those of a dry run, which nothing else tells. */
export function withOperations<T extends object>(summary: T, operations: Uint8Array): T {
  return new RawBody([`${JSON.stringify(summary).slice(0, -1)},"operations":`, operations, '}']) as unknown as T;
}
