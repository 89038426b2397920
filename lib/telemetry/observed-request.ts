import { SpanStatusCode } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';
import { traceIdFrom } from '../request-id.ts';
import type { Attributes } from './durations.ts';
import type { Measures } from './measures.ts';
import type { UpstreamQuestion, ClientRequest, McpMessage, Observable, ObservedRequest, TraceIds } from './model.ts';
import type { Spans } from './spans.ts';
import { parentIn } from './trace-context.ts';
import type { RemoteParent } from './trace-context.ts';

/** What all requests of a program share. */
export type Observer = {
  readonly measures: Measures;
  /** Undefined where traces are not sent. */
  readonly spans: Spans | undefined;
  readonly scheme: 'http' | 'https';
  /** Told of an error of our own: no request fails by it. */
  broke(error: unknown): void;
};

/** How a request came, and by which id it is known. */
export type Arrival = {
  readonly request: Observable;
  /** What is called, where that is no HTTP request of its own. */
  readonly call?: { readonly system: string; readonly method: string };
  readonly startedAtMs: number;
  requestId(): string;
};

/** A method that a caller makes up is no attribute (semantic conventions, "http.request.method"). */
const httpMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE', 'QUERY']);
const maxIdChars = 128;
/** That a trace id is random is said by who made it (Trace Context Level 2). */
const randomFlag = 2;

/** One request that came in. What is not traced costs a decision by its trace id, and a place in each histogram. */
export class Observed implements ObservedRequest {
  readonly #observer: Observer;
  readonly #arrival: Arrival;
  readonly #startMs = Date.now();
  #route: string | undefined;
  #api: string | undefined;
  #operation: string | undefined;
  #consumer: string | undefined;
  #mcp: McpMessage | undefined;
  #tool: string | undefined;
  #error: string | undefined;
  #rpcCode: number | undefined;
  #span: Span | undefined;
  #parent: RemoteParent | undefined;
  #traceId: string | undefined;
  #hasEnded = false;

  constructor(observer: Observer, arrival: Arrival) {
    this.#observer = observer;
    this.#arrival = arrival;
  }

  isAt(route: string): void {
    this.#route = route;
  }

  concerns(api: string | undefined, operation: string, consumer?: string): void {
    this.#api = api;
    this.#operation = operation;
    this.#consumer = consumer;
  }

  isMcp(message: McpMessage): void {
    this.#mcp = message;
  }

  calls(tool: string): void {
    this.#tool = tool;
  }

  failed(error: string, rpcCode?: number): void {
    this.#error ??= error;
    this.#rpcCode ??= rpcCode;
  }

  ids(): TraceIds {
    try {
      this.#settle();
    } catch (error) {
      this.#observer.broke(error);
    }
    const spanId = this.#span?.spanContext().spanId;
    return { ...(this.#traceId !== undefined && { trace_id: this.#traceId }), ...(spanId !== undefined && { span_id: spanId }) };
  }

  ask(asked: UpstreamQuestion): ClientRequest {
    const { measures, spans } = this.#observer;
    const startedAtMs = performance.now();
    let span: Span | undefined;
    try {
      this.#settle();
      if (this.#span !== undefined) span = spans?.child(this.#span, `${asked.method} ${asked.pathTemplate}`, this.#timeOf(startedAtMs));
    } catch (error) {
      this.#observer.broke(error);
    }
    let hasEnded = false;
    const end = (status: number | undefined, failure?: string): void => {
      if (hasEnded) return;
      hasEnded = true;
      const error = failure ?? (status !== undefined && status >= 400 ? String(status) : undefined);
      const endedAtMs = performance.now();
      const attributes = (): Attributes => ({
        'http.request.method': asked.method,
        ...placeOf(asked.origin),
        'url.template': asked.pathTemplate,
        ...(status !== undefined && { 'http.response.status_code': status }),
        ...(error !== undefined && { 'error.type': error }),
      });
      try {
        measures.client.add([asked.origin, asked.pathTemplate, asked.method, status, error], (endedAtMs - startedAtMs) / 1000, attributes);
        if (span !== undefined) finish(span, attributes(), error, this.#timeOf(endedAtMs));
      } catch (broken) {
        this.#observer.broke(broken);
      }
    };
    return { headers: span === undefined ? undefined : this.#headersOf(span), end };
  }

  end(status: number | undefined): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    try {
      this.#measureAndTell(status);
    } catch (error) {
      this.#observer.broke(error);
    }
  }

  #measureAndTell(status: number | undefined): void {
    const { measures } = this.#observer;
    const { call, startedAtMs } = this.#arrival;
    const endedAtMs = performance.now();
    const seconds = (endedAtMs - startedAtMs) / 1000;
    const mcp = this.#mcp;
    const httpError = status === undefined ? 'cancelled' : status >= 500 ? String(status) : undefined;
    const error = this.#error ?? httpError ?? (mcp !== undefined && status !== undefined && status >= 400 ? String(status) : undefined);
    const own = mcp === undefined ? error : httpError;
    const method = methodOf(this.#arrival.request.method);
    const route = this.#route;
    const transport = (): Attributes => (call === undefined ? this.#httpAttributes(method, route, status, own) : rpcAttributes(call, own));
    (call === undefined ? measures.http : measures.rpc).add([call?.method ?? route, method, status, own], seconds, transport);
    const operation = (): Attributes => this.#mcpAttributes(mcp as McpMessage, error);
    if (mcp !== undefined) measures.mcp.add([this.#tool, mcp.method, mcp.revision, this.#rpcCode, error], seconds, operation);
    this.#settle();
    if (this.#span === undefined) return;
    this.#span.updateName(this.#nameOf(method, route));
    finish(
      this.#span,
      { ...transport(), ...(mcp !== undefined && { ...operation(), ...identityOf(mcp) }), ...this.#ownAttributes() },
      error,
      this.#timeOf(endedAtMs),
    );
  }

  /** Decides, once, whether the request is traced: as late as can be, because of MCP the parent stands in the body. */
  #settle(): void {
    if (this.#traceId !== undefined) return;
    const { meta } = this.#mcp ?? {};
    this.#parent = parentIn(typeof meta?.['traceparent'] === 'string' ? meta : this.#arrival.request.headers);
    this.#traceId = this.#parent?.traceId ?? traceIdFrom(this.#arrival.requestId());
    this.#span = this.#observer.spans?.begin(this.#parent, this.#traceId, this.#startMs);
  }

  #headersOf(span: Span): ClientRequest['headers'] {
    const { traceId, spanId } = span.spanContext();
    const tracestate = this.#parent?.tracestate;
    const flags = 1 | ((this.#parent?.flags ?? 0) & randomFlag);
    return { traceparent: `00-${traceId}-${spanId}-0${flags}`, ...(tracestate !== undefined && { tracestate }) };
  }

  /** All times of a request by one clock, which does not jump. */
  #timeOf(ms: number): number {
    return this.#startMs + ms - this.#arrival.startedAtMs;
  }

  #nameOf(method: string, route: string | undefined): string {
    if (this.#mcp !== undefined) return this.#tool === undefined ? this.#mcp.method : `${this.#mcp.method} ${this.#tool}`;
    const { call } = this.#arrival;
    if (call !== undefined) return call.method;
    return route === undefined ? (method === '_OTHER' ? 'HTTP' : method) : `${method} ${route}`;
  }

  #httpAttributes(method: string, route: string | undefined, status: number | undefined, error: string | undefined): Attributes {
    return {
      'http.request.method': method,
      'url.scheme': this.#observer.scheme,
      ...(route !== undefined && { 'http.route': route }),
      ...(status !== undefined && { 'http.response.status_code': status }),
      ...(error !== undefined && { 'error.type': error }),
    };
  }

  #mcpAttributes({ method, revision }: McpMessage, error: string | undefined): Attributes {
    return {
      'mcp.method.name': method,
      'network.transport': 'tcp',
      'network.protocol.name': 'http',
      ...(revision !== undefined && { 'mcp.protocol.version': revision }),
      ...(method === 'tools/call' && { 'gen_ai.operation.name': 'execute_tool' }),
      ...(this.#tool !== undefined && { 'gen_ai.tool.name': this.#tool }),
      ...(this.#rpcCode !== undefined && { 'rpc.response.status_code': String(this.#rpcCode) }),
      ...(error !== undefined && { 'error.type': error }),
    };
  }

  #ownAttributes(): Attributes {
    const [api, operation, consumer] = [this.#api, this.#operation, this.#consumer];
    return {
      'stoa.request.id': this.#arrival.requestId(),
      ...(api !== undefined && { 'stoa.api.name': api }),
      ...(operation !== undefined && { 'stoa.operation.id': operation }),
      ...(consumer !== undefined && { 'stoa.consumer.name': consumer }),
    };
  }
}

function identityOf({ id, session }: McpMessage): Attributes {
  return { ...(id !== undefined && { 'jsonrpc.request.id': id.slice(0, maxIdChars) }), ...(session !== undefined && { 'mcp.session.id': session }) };
}

function rpcAttributes({ system, method }: { system: string; method: string }, error: string | undefined): Attributes {
  return { 'rpc.system.name': system, 'rpc.method': method, ...(error !== undefined && { 'error.type': error }) };
}

function finish(span: Span, attributes: Attributes, error: string | undefined, endMs: number): void {
  span.setAttributes(attributes);
  if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(endMs);
}

const methodOf = (method = ''): string => (httpMethods.has(method) ? method : '_OTHER');

const places = new Map<string, Attributes>();
const maxPlaces = 1000;

function placeOf(origin: string): Attributes {
  const known = places.get(origin);
  if (known !== undefined) return known;
  const { hostname, port, protocol } = new URL(origin);
  const place = {
    'server.address': hostname,
    'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
    'url.scheme': protocol.slice(0, -1),
  };
  if (places.size >= maxPlaces) places.clear();
  places.set(origin, place);
  return place;
}
