import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ValueType } from '@opentelemetry/api';
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  LogsExporterMetricsHelper,
  MetricsExporterMetricsHelper,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
  TraceExporterMetricsHelper,
} from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { Resource } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { AggregationTemporality, DataPointType, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { HistogramMetricData } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import { requestIdOf } from '../request-id.ts';
import { version } from '../version.ts';
import { Counted, exporterOf } from './delivery.ts';
import type { Outlet } from './delivery.ts';
import type { Durations } from './durations.ts';
import { recordOf } from './log-records.ts';
import { Measures } from './measures.ts';
import { setObserved } from './model.ts';
import type { Telemetry } from './model.ts';
import { Observed } from './observed-request.ts';
import type { Observer } from './observed-request.ts';
import { decoded, endpointsOf } from './settings.ts';
import type { Signal, TelemetrySettings } from './settings.ts';
import { Spans } from './spans.ts';
import type { TelemetryOptions } from './options.ts';

/** How long the end of a program waits for a collector. */
const stopMs = 3_000;
/** Telling of a collector that takes nothing once a batch would fill the log. */
const complaintsMs = 60_000;

/** A signal's way to the collector, and its end. */
type Closing = () => Promise<unknown>;

/** What `startTelemetry` loads where telemetry is switched on, and nobody else. */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  const { settings, proxies } = options;
  const endpoints = endpointsOf(settings);
  const resource = resourceOf(options);
  const gaveUp = giverUp(options);
  const closings: Closing[] = [];
  const measures = new Measures();
  const outletOf = (url: string): Outlet => ({ settings, proxies, url });
  const spans =
    endpoints.traces === undefined ? undefined : spansTo(outletOf(endpoints.traces), resource, (count, why) => gaveUp('traces', count, why));
  if (spans !== undefined) closings.push(() => spans.stop());
  if (endpoints.metrics !== undefined) closings.push(metricsTo(outletOf(endpoints.metrics), resource, measures));
  const logs = endpoints.logs === undefined ? undefined : logsTo(outletOf(endpoints.logs), resource, (count, why) => gaveUp('logs', count, why));
  if (logs !== undefined) closings.push(logs.close);
  const broke = (error: unknown): void => gaveUp('traces', 1, `a request could not be told of: ${String(error)}`);
  const observer: Observer = { measures, spans, scheme: options.scheme ?? 'http', broke };
  return {
    observe(request, response, startedAtMs = performance.now()) {
      const observed = new Observed(observer, { request, startedAtMs, requestId: () => requestIdOf(response) });
      setObserved(response, observed);
      response.once('close', () => observed.end(response.writableFinished ? response.statusCode : undefined));
      return observed;
    },
    observeCall(headers, system, method) {
      const id = randomUUID();
      return new Observed(observer, { request: { method, headers }, call: { system, method }, startedAtMs: performance.now(), requestId: () => id });
    },
    takeLogLine: logs?.take,
    async stop() {
      const ended = new AbortController();
      const late = delay(stopMs, undefined, { signal: ended.signal }).catch(() => undefined);
      await Promise.race([Promise.allSettled(closings.map((close) => close())), late]);
      ended.abort();
    },
  };
}

function resourceOf({ settings, program, instance }: TelemetryOptions): Resource {
  const own = Object.entries(settings.otelResourceAttributes).map(([name, value]): [string, string] => [name, decoded(value) ?? value]);
  return resourceFromAttributes({
    'service.name': program,
    'service.version': version,
    'service.instance.id': instance,
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'opentelemetry',
    ...Object.fromEntries(own),
    ...(settings.otelServiceName !== undefined && { 'service.name': settings.otelServiceName }),
  });
}

type GiveUp = (count: number, reason: string) => void;

/** Counts what is given up, and says so from time to time. */
function giverUp({ dropped, say }: TelemetryOptions): (signal: Exclude<Signal, 'metrics'>, count: number, reason: string) => void {
  let saidAtMs = -Infinity;
  return (signal, count, reason) => {
    dropped(signal, count);
    const nowMs = performance.now();
    if (nowMs - saidAtMs < complaintsMs) return;
    saidAtMs = nowMs;
    say({ signal, reason: reason.slice(0, 200) }, 'The collector does not take all that it is sent; the rest is given up and counted.');
  };
}

function spansTo(outlet: Outlet, resource: Resource, gaveUp: GiveUp): Spans {
  const serializer = outlet.settings.otelExporterOtlpProtocol === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer;
  const { otelBspMaxQueueSize: max, otelBspScheduleDelay: delayMs } = outlet.settings;
  const exporter = new Counted(exporterOf(outlet, serializer, 'otlp_http_span_exporter', TraceExporterMetricsHelper), max, gaveUp);
  const batches = new BatchSpanProcessor({ exporter, ...batching(outlet.settings, max, delayMs) });
  return new Spans(outlet.settings, resource, {
    onStart: () => undefined,
    onEnd: (span) => {
      if (exporter.take()) batches.onEnd(span);
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
  });
}

const batching = ({ otelExporterOtlpTimeout }: TelemetrySettings, max: number, delayMs: number) => ({
  maxQueueSize: max,
  maxExportBatchSize: Math.min(max, 512),
  scheduledDelayMillis: delayMs,
  // The exporter ends first, so that a batch is over once.
  exportTimeoutMillis: 2 * otelExporterOtlpTimeout,
});

function logsTo(outlet: Outlet, resource: Resource, gaveUp: GiveUp): { take(line: string): void; close: Closing } {
  const serializer = outlet.settings.otelExporterOtlpProtocol === 'http/json' ? JsonLogsSerializer : ProtobufLogsSerializer;
  const { otelBlrpMaxQueueSize: max, otelBlrpScheduleDelay: delayMs } = outlet.settings;
  const exporter = new Counted(exporterOf(outlet, serializer, 'otlp_http_log_exporter', LogsExporterMetricsHelper), max, gaveUp);
  const processors = [new BatchLogRecordProcessor({ exporter, ...batching(outlet.settings, max, delayMs) })];
  const provider = new LoggerProvider({ resource, processors, logRecordLimits: { attributeValueLengthLimit: 4_096, attributeCountLimit: 64 } });
  const logger = provider.getLogger('stoa', version);
  return {
    take(line) {
      const record = recordOf(line);
      if (record !== undefined && exporter.take()) logger.emit(record);
    },
    close: () => provider.shutdown(),
  };
}

function metricsTo(outlet: Outlet, resource: Resource, measures: Measures): Closing {
  const serializer = outlet.settings.otelExporterOtlpProtocol === 'http/json' ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  const startTime = timeNow();
  const reader = new PeriodicExportingMetricReader({
    exporter: exporterOf(outlet, serializer, 'otlp_http_metric_exporter', MetricsExporterMetricsHelper),
    exportIntervalMillis: outlet.settings.otelMetricExportInterval,
    metricProducers: [
      {
        collect() {
          const metrics = measures.all.map((durations) => histogramOf(durations, startTime)).filter(({ dataPoints }) => dataPoints.length > 0);
          const scopeMetrics = metrics.length === 0 ? [] : [{ scope: { name: 'stoa', version }, metrics }];
          return Promise.resolve({ resourceMetrics: { resource, scopeMetrics }, errors: [] });
        },
      },
    ],
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  return () => provider.shutdown();
}

function histogramOf({ name, description, bounds, series }: Durations, startTime: [number, number]): HistogramMetricData {
  const endTime = timeNow();
  return {
    descriptor: { name, description, unit: 's', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: [...series].map(({ attributes, counts, count, sum, min, max }) => ({
      startTime,
      endTime,
      attributes,
      value: { buckets: { boundaries: [...bounds], counts: [...counts] }, count, sum, min, max },
    })),
  };
}

/** Seconds and nanoseconds. */
function timeNow(): [number, number] {
  const ms = Date.now();
  return [Math.floor(ms / 1000), (ms % 1000) * 1e6];
}
