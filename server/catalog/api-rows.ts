import type { api } from '@stoa/generated/prisma/client.ts';
import type { Api, ApiOperation, Loss } from '@stoa/generated/schemas.ts';
import { toTimestamp } from '../operations/wire.ts';

/** A row without its large columns, and the number of tools in them. */
export type ApiSummaryRow = Omit<api, 'operations' | 'document'> & { tools: number };

export function toApiSummary(row: ApiSummaryRow): Api {
  return {
    api_id: row.id,
    name: row.name,
    title: row.title,
    version: row.version,
    ...(row.description === null ? {} : { description: row.description }),
    revision: row.revision,
    upstream_url: row.upstream_url,
    has_upstream_auth: row.upstream_auth !== null,
    open_to_all_consumers: row.open_to_all_consumers,
    tools: row.tools,
    loss_report: row.loss_report as Loss[],
    created_at: toTimestamp(row.created_at),
    updated_at: toTimestamp(row.updated_at),
  };
}

/** What an entity tag of an API names. The revision stands for its document and everything compiled from it. */
export function editable({
  id,
  revision,
  updated_at: updatedAt,
  open_to_all_consumers: isOpen,
}: Pick<api, 'id' | 'revision' | 'updated_at' | 'open_to_all_consumers'>) {
  return { id, revision, updated_at: toTimestamp(updatedAt), open_to_all_consumers: isOpen };
}

/** As on the API's own page: with its operations and its document. */
export function toApi(row: api): Api {
  // Stored by publishing only, which compiles operations of this shape.
  const operations = row.operations as unknown as ApiOperation[];
  return { ...toApiSummary({ ...row, tools: operations.length }), operations, document: row.document as NonNullable<Api['document']> };
}
