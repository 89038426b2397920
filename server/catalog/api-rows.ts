import type { api } from '@stoa/generated/prisma/client.ts';
import type { Api, ApiLifecycle, Labels, Loss, OperationFilter } from '@stoa/generated/schemas.ts';
import { tokensOf } from '@stoa/lib/list-cost.ts';
import { makersOf } from '../audit/actor.ts';
import { present, toTimestamp } from '../operations/wire.ts';

/** What of a model's context all tools of one API may take before a warning says so. */
const tokensToWarnOf = 25_000;

/** A row without its large columns, and the number of tools in them. */
export type ApiSummaryRow = Omit<api, 'operations' | 'document'> & { tools: number; state?: Api['state'] };

export function toApiSummary(row: ApiSummaryRow): Api {
  const filter = row.operations_filter as OperationFilter | null;
  const tokens = tokensOf(row.list_bytes);
  return {
    api_id: row.id,
    name: row.name,
    title: row.title,
    version: row.version,
    ...(row.description === null ? {} : { description: row.description }),
    revision: row.revision,
    upstream_url: row.upstream_url,
    ...(row.given_upstream_url === null ? {} : { given_upstream_url: row.given_upstream_url }),
    has_upstream_auth: row.upstream_auth !== null,
    open_to_all_consumers: row.open_to_all_consumers,
    labels: row.labels as Labels,
    ...(row.lifecycle === null ? {} : { lifecycle: row.lifecycle as ApiLifecycle }),
    ...present({ state: row.state, team: row.team }),
    tools: row.tools,
    list_bytes: row.list_bytes,
    list_tokens: tokens,
    warnings: [...(row.warnings as string[]), ...costWarnings(row.tools, tokens)],
    ...(filter === null ? {} : { operations_filter: filter }),
    loss_report: row.loss_report as Loss[],
    created_at: toTimestamp(row.created_at),
    updated_at: toTimestamp(row.updated_at),
    ...makersOf(row),
  };
}

/** What the audit tells of an API: its revision stands for its document. */
export function toAuditedApi(row: Omit<api, 'operations' | 'document'>): object {
  const { tools: _tools, list_bytes: _bytes, list_tokens: _tokens, ...told } = toApiSummary({ ...row, tools: 0 });
  return told;
}

/** What an entity tag of an API names. The revision stands for its document and everything compiled from it. */
export function editable({
  id,
  revision,
  updated_at: updatedAt,
  open_to_all_consumers: isOpen,
  labels,
  lifecycle,
  team,
}: Pick<api, 'id' | 'revision' | 'updated_at' | 'open_to_all_consumers' | 'labels' | 'lifecycle' | 'team'>) {
  return { id, revision, updated_at: toTimestamp(updatedAt), open_to_all_consumers: isOpen, labels, ...present({ lifecycle, team }) };
}

function costWarnings(tools: number, tokens: number): string[] {
  if (tools === 0) return ['The API gives no tool: its document has no operation that can be called, or its filter takes none.'];
  if (tokens <= tokensToWarnOf) return [];
  const cost = `The list of the ${tools} tools takes about ${tokens} tokens of a model's context, more than ${tokensToWarnOf}`;
  return [`${cost}: take fewer operations with the filter \`operations: {include, exclude}\`, by tag, method, path or id.`];
}
