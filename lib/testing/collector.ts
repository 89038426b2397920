import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { listen } from '../listen.ts';

type Value = { stringValue?: string; intValue?: number | string; doubleValue?: number; boolValue?: boolean };
type Attribute = { key: string; value: Value };
type SpanJson = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  traceState?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  status: { code?: number };
};
type PointJson = { attributes: Attribute[]; count: number | string; sum: number; bucketCounts: (number | string)[]; explicitBounds: number[] };
type MetricJson = { name: string; unit: string; histogram?: { dataPoints: PointJson[]; aggregationTemporality: number } };
type RecordJson = { body: Value; severityNumber: number; severityText: string; traceId?: string; spanId?: string; attributes: Attribute[] };
type Scoped<Name extends string, Item> = { scope: object } & Record<Name, Item[]>;
type Body = {
  resourceSpans?: { resource: { attributes: Attribute[] }; scopeSpans: Scoped<'spans', SpanJson>[] }[];
  resourceMetrics?: { resource: { attributes: Attribute[] }; scopeMetrics: Scoped<'metrics', MetricJson>[] }[];
  resourceLogs?: { resource: { attributes: Attribute[] }; scopeLogs: Scoped<'logRecords', RecordJson>[] }[];
};

export type Plain = Readonly<Record<string, string | number | boolean | undefined>>;
export type CollectedSpan = Omit<SpanJson, 'attributes'> & { readonly attributes: Plain; readonly resource: Plain };
export type CollectedPoint = {
  readonly metric: string;
  readonly unit: string;
  readonly attributes: Plain;
  readonly count: number;
  readonly sum: number;
};
export type CollectedLog = Omit<RecordJson, 'attributes' | 'body'> & {
  readonly body: string | undefined;
  readonly attributes: Plain;
  readonly resource: Plain;
};
export type CollectedRequest = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: Buffer };

/** How a collector behaves: it answers 200 unless a test has a way of its own. */
type Answer = (response: ServerResponse) => void;

export type Collector = {
  readonly url: string;
  readonly requests: CollectedRequest[];
  readonly spans: CollectedSpan[];
  /** As last told, in the order of arrival. */
  readonly points: CollectedPoint[];
  readonly logs: CollectedLog[];
  answer: Answer;
  /** Resolves when there is what is looked for, at once or as soon as more has come. */
  until<T>(find: () => T | undefined): Promise<T>;
  close(): Promise<void>;
};

/** A small receiver of OTLP over HTTP (`/v1/traces`, `/v1/metrics`, `/v1/logs`), which reads what comes as JSON, compressed or not, and keeps the rest as it is. */
export async function startCollector(): Promise<Collector> {
  const requests: CollectedRequest[] = [];
  const [spans, points, logs]: [CollectedSpan[], CollectedPoint[], CollectedLog[]] = [[], [], []];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    void buffer(request).then((sent) => {
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
      requests.push({ path: request.url ?? '', headers: request.headers, body });
      if (request.headers['content-type'] === 'application/json') take(JSON.parse(body.toString()) as Body, { spans, points, logs });
      collector.answer(response);
      for (const look of [...waiting]) look();
    });
  });
  const url = await listen(server, { host: '127.0.0.1', port: 0 });
  const collector: Collector = {
    url,
    requests,
    spans,
    points,
    logs,
    answer: (response) => void response.end('{}'),
    until: <T>(find: () => T | undefined) =>
      new Promise<T>((resolve) => {
        const look = (): void => {
          const found = find();
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return collector;
}

function take({ resourceSpans = [], resourceMetrics = [], resourceLogs = [] }: Body, into: Pick<Collector, 'spans' | 'points' | 'logs'>): void {
  for (const { resource, scopeSpans } of resourceSpans)
    for (const { spans } of scopeSpans)
      for (const span of spans) into.spans.push({ ...span, attributes: plain(span.attributes), resource: plain(resource.attributes) });
  for (const { scopeMetrics } of resourceMetrics)
    for (const { metrics } of scopeMetrics)
      for (const { name: metric, unit, histogram } of metrics)
        for (const { attributes, count, sum } of histogram?.dataPoints ?? [])
          into.points.push({ metric, unit, attributes: plain(attributes), count: Number(count), sum });
  for (const { resource, scopeLogs } of resourceLogs)
    for (const { logRecords } of scopeLogs)
      for (const record of logRecords)
        into.logs.push({ ...record, body: record.body.stringValue, attributes: plain(record.attributes), resource: plain(resource.attributes) });
}

function plain(attributes: readonly Attribute[]): Plain {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? value.doubleValue ?? (value.intValue === undefined ? undefined : Number(value.intValue)),
    ]),
  );
}
