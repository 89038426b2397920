import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { ToolDifferences } from '@stoa/generated/schemas.ts';

/** The contract's bound on each of the lists. */
const maxNames = 1000;

type Row = { name: string; change: 'added' | 'removed' | 'changed' };

/** How the tools of one revision of an API differ from those of another, or from none. Compared where they are: operations may have megabytes. */
export async function toolDifferences(
  tx: Prisma.TransactionClient,
  apiId: string,
  before: number | undefined,
  after: number,
): Promise<ToolDifferences> {
  const rows = await tx.$queryRaw<Row[]>`
    WITH revisions AS (
      SELECT revision, operations FROM api WHERE id = ${apiId}::uuid UNION ALL SELECT revision, operations FROM api_revision WHERE api_id = ${apiId}::uuid),
    one AS (SELECT o->'tool'->>'name' AS name, o FROM revisions, jsonb_array_elements(operations) o WHERE revision = ${before ?? 0}::int),
    other AS (SELECT o->'tool'->>'name' AS name, o FROM revisions, jsonb_array_elements(operations) o WHERE revision = ${after}::int)
    SELECT name, CASE WHEN one.o IS NULL THEN 'added' WHEN other.o IS NULL THEN 'removed' ELSE 'changed' END AS change
    FROM one FULL JOIN other USING (name) WHERE one.o IS DISTINCT FROM other.o ORDER BY name`;
  const named = (change: Row['change']): string[] => rows.filter((row) => row.change === change).map(({ name }) => name);
  const [added, removed, changed] = [named('added'), named('removed'), named('changed')];
  return { added: added.slice(0, maxNames), removed: removed.slice(0, maxNames), changed: changed.slice(0, maxNames) };
}
