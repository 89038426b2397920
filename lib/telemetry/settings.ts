import { setting } from '../setting.ts';
import type { SettingsOf } from '../settings.ts';

const protocols = ['http/protobuf', 'http/json'] as const;
const exporters = ['otlp', 'none'] as const;
/** By the names of the OpenTelemetry specification, "Environment Variable Specification". */
const samplers = ['always_on', 'always_off', 'traceidratio', 'parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'] as const;

const endpointOf = (signal: string) =>
  setting.url({
    optional: true,
    blankIsAbsent: true,
    env: `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`,
    describe: `The whole URL that ${signal} go to, in place of one below OTEL_EXPORTER_OTLP_ENDPOINT.`,
  });
const exporterOf = (signal: string) =>
  setting.choice({
    choices: exporters,
    default: 'otlp',
    blankIsAbsent: true,
    env: `OTEL_${signal.toUpperCase()}_EXPORTER`,
    describe: `Whether ${signal} are sent, where there is an endpoint.`,
  });

/** Batches, as the specification names what makes them: of spans `BSP`, of log records `BLRP`. */
const delayOf = (processor: string, what: string, ms: number) =>
  setting.integer({
    default: ms,
    min: 10,
    max: 60_000,
    unit: 'ms',
    blankIsAbsent: true,
    env: `OTEL_${processor}_SCHEDULE_DELAY`,
    describe: `Milliseconds that ${what} wait for others, to be sent with them.`,
  });
const queueOf = (processor: string, what: string) =>
  setting.integer({
    default: 2048,
    min: 1,
    max: 65_536,
    blankIsAbsent: true,
    env: `OTEL_${processor}_MAX_QUEUE_SIZE`,
    describe: `How many ${what} may wait for the collector, those under way included. What is more is given up, and counted in /metrics.`,
  });

/** Settings of every program that tells of its requests by OpenTelemetry: spread them into its table, with `telemetryFault` among its rules. */
export const telemetrySettings = {
  otelExporterOtlpEndpoint: setting.url({
    optional: true,
    blankIsAbsent: true,
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    describe:
      'Base URL of an OpenTelemetry collector that takes OTLP over HTTP, such as http://127.0.0.1:4318: traces, metrics and logs go to /v1/traces, /v1/metrics and /v1/logs there. Without an endpoint ' +
      'there is no telemetry.',
  }),
  otelExporterOtlpTracesEndpoint: endpointOf('traces'),
  otelExporterOtlpMetricsEndpoint: endpointOf('metrics'),
  otelExporterOtlpLogsEndpoint: endpointOf('logs'),
  otelExporterOtlpHeaders: setting.secret({
    optional: true,
    blankIsAbsent: true,
    env: 'OTEL_EXPORTER_OTLP_HEADERS',
    check: (text) => (headersIn(text) === undefined ? 'must hold entries such as authorization=Bearer%20abc,x-tenant=a' : undefined),
    describe: 'Headers for the collector: name=value,name=value, values percent-encoded.',
  }),
  otelExporterOtlpProtocol: setting.choice({
    choices: protocols,
    default: 'http/protobuf',
    blankIsAbsent: true,
    env: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    describe: 'How what is sent is written.',
  }),
  otelExporterOtlpCompression: setting.choice({
    choices: ['none', 'gzip'],
    default: 'none',
    blankIsAbsent: true,
    env: 'OTEL_EXPORTER_OTLP_COMPRESSION',
    describe: 'Whether it is compressed.',
  }),
  otelExporterOtlpTimeout: setting.integer({
    default: 10_000,
    min: 100,
    max: 60_000,
    unit: 'ms',
    blankIsAbsent: true,
    env: 'OTEL_EXPORTER_OTLP_TIMEOUT',
    describe: 'Milliseconds that a batch may take to be delivered, with what is tried again.',
  }),
  otelServiceName: setting.string({
    optional: true,
    blankIsAbsent: true,
    env: 'OTEL_SERVICE_NAME',
    describe: 'As what this program is known to the collector (service.name); by default by its own name.',
  }),
  otelResourceAttributes: setting.labels({
    default: {},
    blankIsAbsent: true,
    env: 'OTEL_RESOURCE_ATTRIBUTES',
    describe: 'What else is to be known of this program, such as deployment.environment.name=production,service.namespace=payments.',
  }),
  otelTracesSampler: setting.choice({
    choices: samplers,
    default: 'parentbased_always_on',
    blankIsAbsent: true,
    env: 'OTEL_TRACES_SAMPLER',
    describe: 'Which requests are traced. Those that begin with parentbased_ follow the caller, where he says whether he traces.',
  }),
  otelTracesSamplerArg: setting.string({
    optional: true,
    blankIsAbsent: true,
    env: 'OTEL_TRACES_SAMPLER_ARG',
    describe: 'The part of the traces that a sampler by ratio takes, from 0 to 1; by default all.',
    matches: { pattern: /^(?:0(?:\.\d{1,9})?|1(?:\.0{1,9})?)$/, says: 'must be a part between 0 and 1, such as 0.01' },
  }),
  otelTracesExporter: exporterOf('traces'),
  otelMetricsExporter: exporterOf('metrics'),
  otelLogsExporter: exporterOf('logs'),
  otelBspScheduleDelay: delayOf('BSP', 'spans', 5000),
  otelBspMaxQueueSize: queueOf('BSP', 'spans'),
  otelBlrpScheduleDelay: delayOf('BLRP', 'lines of the log', 1000),
  otelBlrpMaxQueueSize: queueOf('BLRP', 'lines of the log'),
  otelMetricExportInterval: setting.integer({
    default: 60_000,
    min: 100,
    max: 3_600_000,
    unit: 'ms',
    blankIsAbsent: true,
    env: 'OTEL_METRIC_EXPORT_INTERVAL',
    describe: 'Milliseconds from one sending of metrics to the next.',
  }),
  otelSdkDisabled: setting.boolean({
    default: false,
    blankIsAbsent: true,
    env: 'OTEL_SDK_DISABLED',
    describe: 'Turns telemetry off, whatever the other settings say.',
  }),
};

export type TelemetrySettings = SettingsOf<typeof telemetrySettings>;

/** Settings that would have no effect. */
export function telemetryFault(settings: TelemetrySettings): string | undefined {
  const { otelTracesSampler: sampler, otelTracesSamplerArg: part, otelExporterOtlpHeaders: headers } = settings;
  if (part !== undefined && !sampler.endsWith('traceidratio'))
    return 'OTEL_TRACES_SAMPLER_ARG has no effect with this OTEL_TRACES_SAMPLER: set that to traceidratio or parentbased_traceidratio, or remove it.';
  if (headers !== undefined && !settings.otelSdkDisabled && Object.keys(endpointsOf(settings)).length === 0)
    return 'OTEL_EXPORTER_OTLP_HEADERS has no effect without OTEL_EXPORTER_OTLP_ENDPOINT: set that too, or remove it.';
  return undefined;
}

export const signals = ['traces', 'metrics', 'logs'] as const;
export type Signal = (typeof signals)[number];

/** Where each signal goes; none where it is not sent. */
export function endpointsOf(settings: TelemetrySettings): Partial<Record<Signal, string>> {
  if (settings.otelSdkDisabled) return {};
  const base = settings.otelExporterOtlpEndpoint;
  const own = {
    traces: settings.otelExporterOtlpTracesEndpoint,
    metrics: settings.otelExporterOtlpMetricsEndpoint,
    logs: settings.otelExporterOtlpLogsEndpoint,
  };
  const exporter = { traces: settings.otelTracesExporter, metrics: settings.otelMetricsExporter, logs: settings.otelLogsExporter };
  return Object.fromEntries(
    signals.flatMap((signal) => {
      const endpoint = own[signal] ?? (base === undefined ? undefined : `${base}/v1/${signal}`);
      return endpoint === undefined || exporter[signal] === 'none' ? [] : [[signal, endpoint]];
    }),
  );
}

const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const headerValue = /^[\t\x20-\x7e]*$/;

/** Undefined for what is no list of headers. */
export function headersIn(text: string): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  for (const entry of text.split(',')) {
    const at = entry.indexOf('=');
    const name = entry.slice(0, Math.max(0, at)).trim().toLowerCase();
    const value = decoded(entry.slice(at + 1).trim());
    if (!headerName.test(name) || value === undefined || !headerValue.test(value)) return undefined;
    headers[name] = value;
  }
  return headers;
}

/** Percent-decoded, as values of headers and of attributes are written there; undefined for what is not. */
export function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
