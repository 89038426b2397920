import type { UsageSum } from '@stoa/generated/schemas.ts';
import { csv } from '@stoa/lib/csv.ts';

/** Columns in their order; those that no sum has are left out. */
const columns: readonly [name: string, of: (sum: UsageSum) => string | number | undefined][] = [
  ['start', ({ start }) => start],
  ['api_id', ({ api_id: id }) => id],
  ['api', ({ api }) => api],
  ['operation_id', ({ operation_id: id }) => id],
  ['consumer_id', ({ consumer_id: id }) => id],
  ['consumer', ({ consumer }) => consumer],
  ['gateway_id', ({ gateway_id: id }) => id],
  ['gateway', ({ gateway }) => gateway],
  ['door', ({ door }) => door],
  ['calls', ({ calls }) => calls],
  ['errors', ({ errors }) => errors],
  ['denied', ({ denied }) => denied],
  ['duration_ms', ({ duration_ms: duration }) => duration],
  ['request_bytes', ({ request_bytes: bytes }) => bytes],
  ['response_bytes', ({ response_bytes: bytes }) => bytes],
  ['p50_ms', ({ latency }) => latency?.p50_ms],
  ['p95_ms', ({ latency }) => latency?.p95_ms],
  ['p99_ms', ({ latency }) => latency?.p99_ms],
];

export function usageCsv(sums: readonly UsageSum[]): string {
  const present = columns.filter(([, of], at) => at >= firstOfSums || sums.some((sum) => of(sum) !== undefined));
  return csv([present.map(([name]) => name), ...sums.map((sum) => present.map(([, of]) => cellOf(of(sum))))]);
}

const firstOfSums = columns.findIndex(([name]) => name === 'calls');

/** Spreadsheets compute what begins like a formula: names come from documents and people. */
function cellOf(value: string | number | undefined): string {
  const text = String(value ?? '');
  return typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
