import type { UsageReport, UsageSum } from '@stoa/generated/schemas.ts';
import { csv } from '@stoa/lib/csv.ts';
import { answered } from '../answered.ts';
import { findOne } from '../find.ts';
import { kindOf } from '../kinds.ts';
import { cellOf, table } from '../output/table.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions, OpenSession } from '../session.ts';
import { progress } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { timestamp } from '../timestamp.ts';

export type UsageOptions = GlobalOptions & {
  since?: string;
  until?: string;
  api?: string;
  consumer?: string;
  by?: string;
  interval?: 'hour' | 'day';
  output: 'table' | 'json' | 'csv';
};

/** Of calls that meant none. */
const noApi = '00000000-0000-0000-0000-000000000000';

/** What tells sums apart, in the order of its columns; for people by name where there is one. */
const told: readonly [title: string, of: (sum: UsageSum) => string | undefined][] = [
  ['START', ({ start }) => start],
  ['API', ({ api, api_id: id }) => api ?? (id === noApi ? '' : id)],
  ['OPERATION', ({ operation_id: id }) => id],
  ['CONSUMER', ({ consumer, consumer_id: id }) => consumer ?? id],
  ['GATEWAY', ({ gateway, gateway_id: id }) => gateway ?? id],
  ['DOOR', ({ door }) => door],
];

const counted: readonly [title: string, of: (sum: UsageSum) => number | undefined][] = [
  ['CALLS', ({ calls }) => calls],
  ['ERRORS', ({ errors }) => errors],
  ['DENIED', ({ denied }) => denied],
  ['P50_MS', ({ latency }) => latency?.p50_ms],
  ['P95_MS', ({ latency }) => latency?.p95_ms],
  ['P99_MS', ({ latency }) => latency?.p99_ms],
  ['REQUEST_BYTES', ({ request_bytes: bytes }) => bytes],
  ['RESPONSE_BYTES', ({ response_bytes: bytes }) => bytes],
];

/** Sums up metered calls. */
export async function usage(terminal: Terminal, options: UsageOptions): Promise<void> {
  const { by, interval, output } = options;
  const [from, to] = [timestamp('since', options.since), timestamp('until', options.until)];
  const session = await openSession(terminal, options);
  const [apiId, consumerId] = [await idOf(session, 'api', options.api), await idOf(session, 'consumer', options.consumer)];
  const query = {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(apiId !== undefined && { api_id: apiId }),
    ...(consumerId !== undefined && { consumer_id: consumerId }),
    ...(by !== undefined && { group_by: by }),
    ...(interval !== undefined && { interval }),
  };
  // Without `Accept: text/csv` it is no text.
  const report = (await answered(session.client.getUsage({ params: { query } }))) as UsageReport;
  if (output === 'json') return terminal.out(`${JSON.stringify(report, null, 2)}\n`);
  const columns = [...told.filter(([, of]) => report.items.some((sum) => of(sum) !== undefined)), ...counted];
  const titles = columns.map(([title]) => title);
  const rows = report.items.map((sum) => columns.map(([, of]) => cellOf(of(sum))));
  if (output === 'csv') return terminal.out(csv([titles.map((title) => title.toLowerCase()), ...rows]));
  if (rows.length === 0) return progress(terminal, `Nothing was called between ${report.from} and ${report.to}.`);
  terminal.out(table(titles, rows));
}

async function idOf({ client }: OpenSession, name: 'api' | 'consumer', word: string | undefined): Promise<string | undefined> {
  if (word === undefined) return undefined;
  const kind = kindOf(name);
  return String((await findOne(kind, client, word))[kind.id]);
}
