import { describe, expect, it } from 'vitest';
import { defineSettings } from '../settings.ts';
import { endpointsOf, headersIn, telemetryFault, telemetrySettings } from './settings.ts';

const definition = defineSettings({ name: 'test', version: '0.0.0', description: 'A program.' }, telemetrySettings, telemetryFault);
const load = (env: Record<string, string>) => definition.load({ argv: [], env });
const faultsOf = (env: Record<string, string>) =>
  definition.judge({ argv: [], env }).verdicts.flatMap((verdict) => ('fault' in verdict ? [verdict.fault] : []));
const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://collector:4318';

describe('where telemetry goes', () => {
  it('is nowhere without an endpoint, where it is disabled, or where it is blank', () => {
    expect(endpointsOf(load({}))).toEqual({});
    expect(endpointsOf(load({ OTEL_EXPORTER_OTLP_ENDPOINT: '' }))).toEqual({});
    expect(endpointsOf(load({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: 'true' }))).toEqual({});
  });

  it('is below the endpoint for each signal, but for those with one of their own, and those that are left out', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `${OTEL_EXPORTER_OTLP_ENDPOINT}/`,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces/x',
      OTEL_LOGS_EXPORTER: 'none',
    };
    expect(endpointsOf(load(env))).toEqual({ traces: 'https://traces/x', metrics: 'http://collector:4318/v1/metrics' });
  });
});

describe('a setting for telemetry', () => {
  it('that nobody reads stops the start, but for those of agents and of other languages', () => {
    expect(faultsOf({ OTEL_EXPORTER_OTLP_HEADER: 'a=b' })).toEqual([
      expect.stringMatching(/^OTEL_EXPORTER_OTLP_HEADER is not a setting .*OTEL_EXPORTER_OTLP_HEADERS\?/),
    ]);
    expect(faultsOf({ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5' })).toHaveLength(1);
    expect(faultsOf({ OTEL_PYTHON_LOG_LEVEL: 'x', OTEL_PROPAGATORS: 'tracecontext', OTEL_RESOURCE_ATTRIBUTES_POD_NAME: 'a' })).toEqual([]);
  });

  it('without effect stops it, too', () => {
    expect(faultsOf({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER_ARG: '0.1' })).toEqual([expect.stringContaining('OTEL_TRACES_SAMPLER')]);
    expect(faultsOf({ OTEL_EXPORTER_OTLP_HEADERS: 'a=b' })).toEqual([expect.stringContaining('OTEL_EXPORTER_OTLP_ENDPOINT')]);
    expect(faultsOf({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' })).toEqual([]);
  });

  it('that is none of what the specification knows is refused by name, a secret without its value', () => {
    const faults = faultsOf({
      OTEL_EXPORTER_OTLP_ENDPOINT,
      OTEL_TRACES_SAMPLER: 'jaeger_remote',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_HEADERS: 'Bearer hidden',
    });
    expect(faults.map((fault) => fault.split(' ', 1)[0])).toEqual([
      'OTEL_EXPORTER_OTLP_HEADERS',
      'OTEL_EXPORTER_OTLP_PROTOCOL',
      'OTEL_TRACES_SAMPLER',
    ]);
    expect(faults.join()).not.toContain('hidden');
  });

  it('of headers is percent-decoded, and cannot make two headers of one', () => {
    expect(headersIn('Authorization=Bearer%20a%3D, x-b=1')).toEqual({ authorization: 'Bearer a=', 'x-b': '1' });
    for (const wrong of ['', 'a', '=b', 'a b=c', 'a=%0d%0ax: y', 'a=%zz']) expect(headersIn(wrong)).toBeUndefined();
  });
});
