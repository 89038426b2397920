/** One message of MCP. */
export type McpMessage = {
  readonly method: string;
  readonly id: string | undefined;
  readonly revision: string | undefined;
  readonly session: string | undefined;
  /** Where a `traceparent` may stand that goes before that of the headers. */
  readonly meta: Readonly<Record<string, unknown>> | undefined;
};

/** Who is asked on behalf of a request. */
export type UpstreamQuestion = { readonly method: string /** Scheme, host and port. */; readonly origin: string; readonly pathTemplate: string };

/** By what a line of the log is found beside its trace. */
export type TraceIds = { readonly trace_id?: string; readonly span_id?: string };

/** W3C Trace Context, as headers. */
export type TraceHeaders = { readonly traceparent: string; readonly tracestate?: string };

/** A question to an upstream, until it is answered. */
export type ClientRequest = {
  /** What the upstream is told; undefined where the trace goes on as it came. */
  readonly headers: TraceHeaders | undefined;
  /** `error` is a word for the kind of failure. The first call counts. */
  end(status: number | undefined, error?: string): void;
};

/** A request that came in, until it is answered. What it is about is said as the door learns it, in names: never an argument, a path as it was asked for, or a credential. */
export type ObservedRequest = {
  /** The form of the path, such as `/apis/orders/v1/orders/{id}`. */
  isAt(route: string): void;
  /** The API, the operation and the consumer, by name. */
  concerns(api: string | undefined, operation: string, consumer?: string): void;
  /** To be called before anything is asked of an upstream: what it is for is known by then. */
  isMcp(message: McpMessage): void;
  /** Which tool, of those that there are. */
  calls(tool: string): void;
  /** `error` is a word for the kind of failure, `rpcCode` that of JSON-RPC. */
  failed(error: string, rpcCode?: number): void;
  ask(asked: UpstreamQuestion): ClientRequest;
  ids(): TraceIds;
  /** For what has no response that closes. The first call counts. */
  end(status: number | undefined): void;
};

/** What a request has, from whichever server it comes. */
export type Observable = { readonly method?: string | undefined; readonly headers: Readonly<Record<string, string | string[] | undefined>> };
export type ObservableResponse = {
  readonly statusCode: number;
  readonly writableFinished: boolean;
  once(event: 'close', told: () => void): unknown;
};

export type Telemetry = {
  /** Begins to observe a request. Its response then has what `observedOf` finds, and ends it by its `close`. */
  observe(request: Observable, response: ObservableResponse, startedAtMs?: number): ObservedRequest;
  /** The same for a question that is asked otherwise than by HTTP: `system` is how (`grpc`), `method` what is called. */
  observeCall(headers: Observable['headers'], system: string, method: string): ObservedRequest;
  /** Takes lines of the log; undefined where they are not sent. */
  readonly takeLogLine: ((line: string) => void) | undefined;
  /** Sends what waits, within a bound. Never rejects. */
  stop(): Promise<void>;
};

const observed = Symbol('how its request is observed');

/** The request that `response` answers, where it is observed. */
export function observedOf(response: object): ObservedRequest | undefined {
  return (response as { [observed]?: ObservedRequest })[observed];
}

export function setObserved(response: object, request: ObservedRequest): void {
  (response as { [observed]?: ObservedRequest })[observed] = request;
}
