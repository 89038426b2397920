import type { UsageSum } from '@stoa/generated/schemas.ts';
import { quantileMs } from '@stoa/lib/latency-buckets.ts';
import type { Sql } from '../database/sql.ts';
import { nobody } from './add-usage.ts';

export type Dimension = 'api' | 'operation' | 'consumer' | 'door' | 'gateway';
export type UsageQuestion = {
  readonly tenantId: string;
  readonly from: Date;
  readonly to: Date;
  readonly apiId: string | undefined;
  readonly consumerId: string | undefined;
  readonly groupBy: ReadonlySet<Dimension>;
  readonly interval: 'hour' | 'day' | undefined;
};

export const dimensions: readonly Dimension[] = ['api', 'operation', 'consumer', 'door', 'gateway'];

/** What tells the sums apart by a dimension: columns of `usage_sum`, and where the name is found. */
const partsOf: Readonly<Record<Dimension, { columns: readonly string[]; name?: string; from?: string }>> = {
  // What MCP servers are called counts beside APIs, under their own ids.
  api: {
    columns: ['api_id'],
    name: 'coalesce(api.name, mcp_server.name) AS api',
    from: `LEFT JOIN api ON api.id = s.api_id AND api.tenant_id = $1
      LEFT JOIN mcp_server ON mcp_server.id = s.api_id AND mcp_server.tenant_id = $1`,
  },
  operation: { columns: ['operation_id'] },
  consumer: {
    columns: ['consumer_id'],
    name: 'consumer.name AS consumer',
    from: 'LEFT JOIN consumer ON consumer.id = s.consumer_id AND consumer.tenant_id = $1',
  },
  door: { columns: ['door'] },
  gateway: {
    columns: ['gateway_id'],
    name: 'gateway.instance_name AS gateway',
    from: 'LEFT JOIN gateway ON gateway.id = s.gateway_id AND gateway.tenant_id = $1',
  },
};

type Row = Omit<UsageSum, 'latency' | 'start'> & { start?: Date; latency: number[] | null };

/** The sums, of which there are at most `limit`. */
export async function sumsOf(sql: Sql, question: UsageQuestion, limit: number): Promise<UsageSum[]> {
  const { tenantId, from, to, apiId, consumerId } = question;
  const { rows } = await sql.query<Row>(textOf(question, limit), [tenantId, from, to, apiId ?? null, consumerId ?? null]);
  return rows.map(sumOf);
}

/** An operation is one of an API: its name alone says little. */
function textOf({ groupBy, interval }: UsageQuestion, limit: number): string {
  const parts = dimensions.filter((each) => groupBy.has(each) || (each === 'api' && groupBy.has('operation'))).map((each) => partsOf[each]);
  const keys = [...(interval === undefined ? [] : ['start']), ...parts.flatMap(({ columns }) => columns)];
  const names = parts.flatMap(({ name }) => (name === undefined ? [] : [`, ${name}`])).join('');
  const joins = parts.flatMap(({ from }) => (from === undefined ? [] : [from])).join(' ');
  return `WITH s AS (
    SELECT ${keys.map((key) => `${key}, `).join('')}sum(calls)::float8 AS calls, sum(errors)::float8 AS errors, sum(denied)::float8 AS denied,
      round(sum(duration_ms)::numeric, 1)::float8 AS duration_ms, sum(request_bytes)::float8 AS request_bytes, sum(response_bytes)::float8 AS response_bytes,
      CASE WHEN bool_and(latency IS NOT NULL) THEN sum_counts(latency)::float8[] END AS latency
    FROM (SELECT *${interval === undefined ? '' : `, date_trunc('${interval}', window_start, 'UTC') AS start`} FROM usage_sum
      WHERE tenant_id = $1 AND window_start >= $2 AND window_start < $3 AND ($4::uuid IS NULL OR api_id = $4) AND ($5::uuid IS NULL OR consumer_id = $5)) u
    ${keys.length === 0 ? 'HAVING count(*) > 0' : `GROUP BY ${keys.join(', ')}`})
  SELECT s.*${names} FROM s ${joins} ORDER BY ${[...(interval === undefined ? [] : ['s.start']), 's.calls DESC', ...keys.map((key) => `s.${key}`)].join(', ')} LIMIT ${limit}`;
}

function sumOf({ start, consumer_id: consumerId, latency, ...sum }: Row): UsageSum {
  const named = Object.fromEntries(Object.entries(sum).filter(([, value]) => value !== null)) as Omit<UsageSum, 'latency'>;
  return {
    ...(start !== undefined && { start: start.toISOString() }),
    ...named,
    ...(consumerId !== undefined && consumerId !== nobody && { consumer_id: consumerId }),
    ...(latency?.some((count) => count > 0) && { latency: latencyOf(latency) }),
  };
}

const latencyOf = (counts: readonly number[]): NonNullable<UsageSum['latency']> => ({
  p50_ms: toMicroseconds(quantileMs(counts, 0.5)),
  p95_ms: toMicroseconds(quantileMs(counts, 0.95)),
  p99_ms: toMicroseconds(quantileMs(counts, 0.99)),
});

const toMicroseconds = (ms: number): number => Math.round(ms * 1000) / 1000;
