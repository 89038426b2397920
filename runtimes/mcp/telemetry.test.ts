import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { tmpdir } from 'node:os';
import type { Duplex } from 'node:stream';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { startCollector } from '@stoa/lib/testing/collector.ts';
import type { CollectedSpan, Collector } from '@stoa/lib/testing/collector.ts';
import { ask, configOf, headersFor, legacyRevisions, modern, operations, rpc, send } from './doors/mcp/testing/fixture.ts';
import { checkClient } from './doors/grpc/testing/check-client.ts';
import { doors } from './doors/table.ts';
import { startRuntime } from './start.ts';
import type { Runtime } from './start.ts';
import { fakeConnection } from './testing/fake-connection.ts';
import { testOptions } from './workers/testing/options.ts';

const [legacy] = legacyRevisions;
const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${parentId}-01`;

/** An upstream that tells by which headers it was asked. */
async function startTelling(): Promise<{ server: Server; url: string; seen: IncomingHttpHeaders[] }> {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    const fails = request.url?.startsWith('/fail') === true;
    response.writeHead(fails ? 500 : 200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: 'o1', amount: 1 }));
  });
  return { server, url: await listen(server, { host: '127.0.0.1', port: 0 }), seen };
}

const started: Runtime[] = [];

type Given = { silent?: boolean; grpcListen?: string };

async function start(upstreamUrl: string, env: Record<string, string>, { silent = true, grpcListen }: Given = {}): Promise<Runtime> {
  const config = configOf([operations.getOrder, operations.failOrder], upstreamUrl);
  const options = testOptions({ STOA_WORKERS: '1', ...env });
  const log = silent ? { log: createLogger({ program: 'test', level: 'silent' }) } : {};
  const runtime = await startRuntime({
    ...options,
    ...log,
    doors: [doors.mcp, doors.rest, doors.authz, doors.grpc],
    grpcListen,
    connect: fakeConnection(config).connect,
  });
  started.push(runtime);
  return runtime;
}

describe('a runtime with a collector', () => {
  let collector: Collector;
  let upstream: Awaited<ReturnType<typeof startTelling>>;
  let url: string;
  let directory: string;
  let grpcListen: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'stoa-telemetry-'));
    grpcListen = `unix:${join(directory, 'link.sock')}`;
    [collector, upstream] = await Promise.all([startCollector(), startTelling()]);
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20for-the-collector',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      OTEL_METRIC_EXPORT_INTERVAL: '100',
      OTEL_BSP_SCHEDULE_DELAY: '10',
      OTEL_BLRP_SCHEDULE_DELAY: '10',
      STOA_INSTANCE_NAME: 'gw-1',
      STOA_LOG_LEVEL: 'warn',
    };
    ({ url } = await start(upstream.url, env, { silent: false, grpcListen }));
  });
  afterAll(async () => {
    await Promise.all(started.splice(0).map((runtime) => runtime.stop()));
    upstream.server.closeAllConnections();
    upstream.server.close();
    await collector.close();
    await rm(directory, { recursive: true });
  });

  const spanOf = (is: (span: CollectedSpan) => boolean): Promise<CollectedSpan> => collector.until(() => collector.spans.find(is));
  const childOf = (parent: CollectedSpan): Promise<CollectedSpan> => spanOf(({ parentSpanId }) => parentSpanId === parent.spanId);

  it.each([modern, legacy])(
    'tells of a call of a tool in revision %s by the names of the conventions, below the span that its _meta names',
    async (revision) => {
      const message = rpc(
        revision,
        'tools/call',
        { name: 'getOrder', arguments: { id: 'very-private' }, _meta: { traceparent, tracestate: 'vendor=1' } },
        `id-${revision}`,
      );
      const headers = { ...headersFor(revision, message), traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00`, 'mcp-session-id': 'session-1' };
      await send(`${url}/mcp`, { headers, body: JSON.stringify(message) });
      const span = await spanOf(({ attributes }) => attributes['jsonrpc.request.id'] === `id-${revision}`);
      expect(span).toMatchObject({ name: 'tools/call getOrder', kind: 2, traceId, parentSpanId: parentId, traceState: 'vendor=1' });
      expect(span.attributes).toMatchObject({
        'mcp.method.name': 'tools/call',
        'mcp.protocol.version': revision,
        'mcp.session.id': 'session-1',
        'gen_ai.tool.name': 'getOrder',
        'gen_ai.operation.name': 'execute_tool',
        'http.request.method': 'POST',
        'http.response.status_code': 200,
        'stoa.api.name': 'orders',
        'stoa.consumer.name': 'agent',
      });
      expect(span.status.code ?? 0).toBe(0);
      expect(span.resource).toMatchObject({ 'service.name': 'stoa-test', 'service.instance.id': 'gw-1', 'deployment.environment.name': 'test' });
      const child = await childOf(span);
      expect(child).toMatchObject({ name: 'GET /orders/{id}', kind: 3, traceId });
      expect(child.attributes).toMatchObject({
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'server.address': '127.0.0.1',
        'url.template': '/orders/{id}',
      });
      // The upstream goes on below it, and learns of no other trace.
      expect(upstream.seen.at(-1)).toMatchObject({ traceparent: `00-${traceId}-${child.spanId}-01`, tracestate: 'vendor=1' });
      expect(BigInt(child.startTimeUnixNano) >= BigInt(span.startTimeUnixNano)).toBe(true);
      expect(BigInt(child.endTimeUnixNano) <= BigInt(span.endTimeUnixNano)).toBe(true);
    },
  );

  it('tells nothing of arguments, keys and paths as they were asked for', async () => {
    const headers = { authorization: 'Bearer stoa_ck_agent-key', 'x-secret': 'very-secret' };
    await send(`${url}/apis/orders/orders/very-private?q=very-private`, { method: 'GET', headers });
    await spanOf(({ name }) => name === 'GET /apis/orders/orders/{id}');
    for (const { body } of collector.requests) expect(body.toString()).not.toMatch(/very-private|very-secret|stoa_ck/);
  });

  it('follows the headers of a request that names no span in its body, and begins a trace under the id of one that names none at all', async () => {
    await send(`${url}/authz`, {
      method: 'GET',
      headers: { traceparent: `00-${'3'.repeat(32)}-${'4'.repeat(16)}-01`, 'x-original-method': 'GET', 'x-original-uri': '/orders/1' },
    });
    expect(await spanOf(({ traceId: id }) => id === '3'.repeat(32))).toMatchObject({
      name: 'GET /authz',
      parentSpanId: '4'.repeat(16),
      attributes: { 'http.response.status_code': 401, 'http.route': '/authz', 'stoa.operation.id': 'getOrder' },
    });
    const { headers } = await send(`${url}/apis/orders/orders/1`, { method: 'GET', headers: { authorization: 'Bearer stoa_ck_agent-key' } });
    const id = String(headers['x-request-id']);
    const span = await spanOf(({ attributes }) => attributes['stoa.request.id'] === id);
    expect(span).toMatchObject({ traceId: id.replaceAll('-', ''), name: 'GET /apis/orders/orders/{id}' });
    expect(span.parentSpanId ?? '').toBe('');
    const child = await childOf(span);
    expect(upstream.seen.at(-1)).toMatchObject({ traceparent: `00-${span.traceId}-${child.spanId}-01` });
  });

  it('says what went wrong: a tool that failed, a tool that there is none of, a key that is none, a method that the caller made up', async () => {
    await ask(`${url}/mcp`, modern, 'tools/call', { name: 'failOrder', arguments: { id: '1' } });
    const failed = await spanOf(({ name }) => name === 'tools/call failOrder');
    expect(failed).toMatchObject({ attributes: { 'error.type': 'tool_error' }, status: { code: 2 } });
    expect(await childOf(failed)).toMatchObject({ attributes: { 'error.type': '500', 'http.response.status_code': 500 }, status: { code: 2 } });
    await ask(`${url}/mcp`, legacy, 'tools/call', { name: 'made-up-by-the-caller', arguments: {} });
    const unknown = await spanOf(({ attributes }) => attributes['rpc.response.status_code'] === '-32602');
    expect(unknown).toMatchObject({ name: 'tools/call', attributes: { 'error.type': '-32602' } });
    expect(unknown.attributes).not.toHaveProperty('gen_ai.tool.name');
    await send(`${url}/mcp`, { headers: { authorization: 'Bearer none' }, body: '{}' });
    expect(await spanOf(({ attributes }) => attributes['http.response.status_code'] === 401 && attributes['http.route'] === undefined)).toMatchObject(
      { kind: 2 },
    );
    await ask(`${url}/mcp`, legacy, 'made/up', {});
    expect(await spanOf(({ attributes }) => attributes['mcp.method.name'] === '_OTHER')).toMatchObject({ name: '_OTHER' });
  });

  it('tells of a question over gRPC, below the span of who asks or of the request that it is about', async () => {
    const client = checkClient(grpcListen);
    await client.check({
      method: 'GET',
      path: '/orders/1',
      headers: { authorization: 'Bearer stoa_ck_agent-key', traceparent: `00-${'7'.repeat(32)}-${'8'.repeat(16)}-01` },
    });
    client.close();
    expect(await spanOf(({ traceId: id }) => id === '7'.repeat(32))).toMatchObject({
      name: 'envoy.service.auth.v3.Authorization/Check',
      parentSpanId: '8'.repeat(16),
      attributes: { 'rpc.system.name': 'grpc', 'stoa.operation.id': 'getOrder', 'stoa.consumer.name': 'agent' },
    });
  });

  it('tells of a WebSocket when it has ended, and its upstream goes on with the trace', async () => {
    upstream.server.on('upgrade', (request, socket) => {
      upstream.seen.push(request.headers);
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    });
    const asked = { authorization: 'Bearer stoa_ck_agent-key', connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'x' };
    const sent = request(`${url}/apis/orders/orders/1`, {
      headers: { ...asked, traceparent: `00-${'9'.repeat(32)}-${'8'.repeat(16)}-01` },
      agent: false,
    }).end();
    const [, socket] = (await once(sent, 'upgrade')) as [unknown, Duplex];
    socket
      .on('error', () => undefined)
      .resume()
      .end();
    const span = await spanOf(({ traceId: id, kind }) => id === '9'.repeat(32) && kind === 2);
    expect(span).toMatchObject({ name: 'GET /apis/orders/orders/{id}', attributes: { 'http.response.status_code': 101 } });
    const child = await childOf(span);
    expect(child.attributes['http.response.status_code']).toBe(101);
    expect(upstream.seen.at(-1)).toMatchObject({ traceparent: `00-${'9'.repeat(32)}-${child.spanId}-01` });
  });

  it('measures every request, by names and never by values', async () => {
    const pointOf = (metric: string, attributes: object) =>
      collector.until(() =>
        collector.points.findLast(
          (point) => point.metric === metric && Object.entries(attributes).every(([name, value]) => point.attributes[name] === value),
        ),
      );
    await ask(`${url}/mcp`, modern, 'tools/list');
    expect(
      await pointOf('mcp.server.operation.duration', {
        'mcp.method.name': 'tools/call',
        'gen_ai.tool.name': 'getOrder',
        'mcp.protocol.version': modern,
      }),
    ).toMatchObject({ unit: 's' });
    await pointOf('mcp.server.operation.duration', { 'mcp.method.name': 'tools/call', 'error.type': 'tool_error' });
    await pointOf('mcp.server.operation.duration', { 'mcp.method.name': 'tools/list' });
    await pointOf('http.server.request.duration', { 'http.route': '/apis/orders/orders/{id}', 'http.response.status_code': 200 });
    await pointOf('http.client.request.duration', { 'url.template': '/orders/{id}', 'http.response.status_code': 200 });
    expect(collector.points.some(({ attributes }) => 'mcp.session.id' in attributes || 'jsonrpc.request.id' in attributes)).toBe(false);
    expect(collector.requests.every(({ headers }) => headers.authorization === 'Bearer for-the-collector')).toBe(true);
  });

  it('sends its log, and what a line says of a request is found by the trace of that', async () => {
    upstream.server.closeAllConnections();
    await new Promise((resolve) => upstream.server.close(resolve));
    await ask(`${url}/mcp`, modern, 'tools/call', {
      name: 'getOrder',
      arguments: { id: '1' },
      _meta: { traceparent: `00-${'5'.repeat(32)}-${'6'.repeat(16)}-01` },
    });
    const span = await spanOf(({ traceId: id, kind }) => id === '5'.repeat(32) && kind === 2);
    const record = await collector.until(() => collector.logs.find(({ traceId: id }) => id === '5'.repeat(32)));
    expect(record).toMatchObject({
      severityText: 'warn',
      severityNumber: 13,
      spanId: span.spanId,
      attributes: { tool: 'getOrder', code: 'ECONNREFUSED' },
    });
    expect(await childOf(span)).toMatchObject({ attributes: { 'error.type': 'ECONNREFUSED' } });
  });
});

it('a runtime without a collector has nothing of OpenTelemetry loaded', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'testing/loaded.ts')], { env: {} });
  expect(JSON.parse(stdout)).toEqual([]);
  const { stdout: switchedOn } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'testing/loaded.ts'), 'http://127.0.0.1:9'], {
    env: {},
  });
  expect(JSON.parse(switchedOn)).toContain('@opentelemetry/sdk-trace');
});

describe('a runtime whose collector', () => {
  let upstream: Awaited<ReturnType<typeof startTelling>>;
  beforeAll(async () => {
    upstream = await startTelling();
  });
  afterAll(async () => {
    upstream.server.closeAllConnections();
    upstream.server.close();
  });
  const callAll = async (url: string, calls: number): Promise<number> => {
    let good = 0;
    for (let call = 0; call < calls; call += 1) {
      const { message } = await ask(`${url}/mcp`, modern, 'tools/call', { name: 'getOrder', arguments: { id: '1' } });
      if ((message as { result?: { isError?: boolean } }).result?.isError !== true) good += 1;
    }
    return good;
  };
  const droppedOf = async (url: string): Promise<number> => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(/stoa_telemetry_dropped_total\{signal="traces"\} (\d+)/.exec(text)?.[1]);
  };

  it('is away answers all the same, counts what it gives up, and ends in time', async () => {
    const { url, stop } = await start(upstream.url, {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_EXPORTER_OTLP_TIMEOUT: '100',
      OTEL_BSP_SCHEDULE_DELAY: '10',
      OTEL_METRICS_EXPORTER: 'none',
    });
    expect(await callAll(url, 3)).toBe(3);
    await expect.poll(() => droppedOf(url), { timeout: 20_000 }).toBe(6);
    await stop();
  });

  it('never answers keeps so many spans and no more', async () => {
    const collector = await startCollector();
    collector.answer = () => undefined;
    const { url, stop } = await start(upstream.url, {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_MAX_QUEUE_SIZE: '10',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
    });
    // Two spans a call, of which ten wait.
    expect(await callAll(url, 20)).toBe(20);
    expect(await droppedOf(url)).toBe(30);
    const ended = stop();
    await collector.close();
    await ended;
  });

  it('is asked for a part of the traces alone gets none of the others, whose trace goes on as it came', async () => {
    const collector = await startCollector();
    const env = {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/own/path`,
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0',
    };
    const { url, stop } = await start(upstream.url, env);
    await ask(`${url}/mcp`, modern, 'tools/call', { name: 'getOrder', arguments: { id: '1' }, _meta: { traceparent, tracestate: 'a=b' } });
    expect(upstream.seen.at(-1)).toMatchObject({ traceparent, tracestate: 'a=b' });
    await stop();
    expect(collector.requests).toEqual([]);
    await collector.close();
  });

  it('takes Protocol Buffers is sent them, all that waits, before the runtime has ended', async () => {
    const collector = await startCollector();
    const { url, stop } = await start(upstream.url, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    await ask(`${url}/mcp`, modern, 'tools/call', { name: 'getOrder', arguments: { id: '1' } });
    await stop();
    const [traces, metrics] = ['/v1/traces', '/v1/metrics'].map((path) => collector.requests.find((request) => request.path === path));
    expect(traces?.headers['content-type']).toBe('application/x-protobuf');
    expect(traces?.body.includes('tools/call getOrder')).toBe(true);
    expect(metrics?.body.includes('mcp.server.operation.duration')).toBe(true);
    await collector.close();
  });
});

describe.runIf(process.platform === 'linux')('two workers with a collector', () => {
  const given: Record<string, string> = {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '10',
    OTEL_METRIC_EXPORT_INTERVAL: '100',
  };
  afterAll(() => {
    for (const name of [...Object.keys(given), 'OTEL_EXPORTER_OTLP_ENDPOINT']) Reflect.deleteProperty(process.env, name);
  });

  it('tell of their requests, each as an instance of its own, and send what waits before they end', async () => {
    const [collector, upstream] = await Promise.all([startCollector(), startTelling()]);
    given['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.url;
    Object.assign(process.env, given);
    const connection = fakeConnection();
    const log = createLogger({ program: 'test', level: 'silent' });
    const entry = new URL('./workers/testing/worker.ts', import.meta.url);
    const runtime = await startRuntime({ ...testOptions({ STOA_INSTANCE_NAME: 'two', ...given }), entry, log, connect: connection.connect });
    await connection.apply(configOf([operations.getOrder], upstream.url));
    const call = (): Promise<unknown> => ask(`${runtime.url}/mcp`, modern, 'tools/call', { name: 'getOrder', arguments: { id: '1' } });
    await call();
    const span = await collector.until(() => collector.spans.find(({ name }) => name === 'tools/call getOrder'));
    expect(span.resource['service.instance.id']).toMatch(/\/[12]$/);
    await call();
    await runtime.stop();
    expect(collector.spans.filter(({ name }) => name === 'tools/call getOrder')).toHaveLength(2);
    upstream.server.closeAllConnections();
    upstream.server.close();
    await collector.close();
  });
});
