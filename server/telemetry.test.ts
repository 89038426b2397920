import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCollector } from '@stoa/lib/testing/collector.ts';
import type { CollectedSpan, Collector } from '@stoa/lib/testing/collector.ts';
import { startTestControlPlane } from './testing/test-control-plane.ts';
import type { TestControlPlane } from './testing/test-control-plane.ts';

let collector: Collector;
let plane: TestControlPlane;
beforeAll(async () => {
  collector = await startCollector();
  plane = await startTestControlPlane({
    STOA_LOG_LEVEL: 'silent',
    STOA_METRICS_TOKEN: 'm'.repeat(32),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '10',
    OTEL_METRIC_EXPORT_INTERVAL: '100',
  });
});
afterAll(async () => {
  await plane.close();
  await collector.close();
});

const spanOf = (is: (span: CollectedSpan) => boolean): Promise<CollectedSpan> => collector.until(() => collector.spans.find(is));

it('a Control Plane with a collector tells of its requests, by their operation and never by their path or their body', async () => {
  const headers = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
  await plane.request('GET', '/v1/gateways?mode=sidecar&label=very-private', { headers });
  expect(await spanOf(({ traceId }) => traceId === 'a'.repeat(32))).toMatchObject({
    name: 'GET /v1/gateways',
    kind: 2,
    parentSpanId: 'b'.repeat(16),
    attributes: { 'http.request.method': 'GET', 'http.route': '/v1/gateways', 'stoa.operation.id': 'listGateways' },
    resource: { 'service.name': 'stoa-control-plane' },
  });
  const made = await plane.request('POST', '/v1/consumers', { body: { name: 'very-private' } });
  expect(made.status).toBe(201);
  const id = String(made.headers.get('x-request-id'));
  expect(await spanOf(({ traceId }) => traceId === id.replaceAll('-', ''))).toMatchObject({
    name: 'POST /v1/consumers',
    attributes: { 'http.response.status_code': 201 },
  });
  await plane.request('GET', '/nothing/very-private');
  expect(await spanOf(({ attributes }) => attributes['http.response.status_code'] === 404)).toMatchObject({ name: 'GET' });
  await collector.until(() =>
    collector.points.find(({ metric, attributes }) => metric === 'http.server.request.duration' && attributes['http.route'] === '/v1/consumers'),
  );
  for (const { body } of collector.requests) expect(body.toString()).not.toMatch(/very-private|stoa_op_/);
  expect(collector.spans.some(({ attributes }) => attributes['http.route'] === '/healthz')).toBe(false);
});

it('says in its metrics how much of it no collector took', async () => {
  const response = await fetch(`${plane.url}/metrics`, { headers: { authorization: `Bearer ${'m'.repeat(32)}` } });
  expect(await response.text()).toMatch(/^stoa_telemetry_dropped\{signal="traces"\} 0$/m);
});
