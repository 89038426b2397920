import type { Cancellation } from '../upstream/cancellation.ts';
import type { CallOutcome, Refusal } from './call-outcome.ts';
import type { Engine } from '../engine.ts';
import { bearerToken, identify } from './identify.ts';
import type { MeteredOutcome } from '../metering/meter.ts';
import type { BuiltRequest, Caller, OperationEntry, Snapshot, ToolEntry } from '../model.ts';
import { toResult } from './result/to-result.ts';
import type { UpstreamAnswer } from '../upstream/upstream.ts';

export { bearerToken, identify } from './identify.ts';
export type { Caller, Snapshot, ToolEntry } from '../model.ts';

export type ToolCall = {
  readonly snapshot: Snapshot;
  readonly caller: Caller;
  readonly toolName: string;
  readonly args: Record<string, unknown>;
  /** Whether there is an `ExactNumber` among them. */
  readonly holdsExact?: boolean;
  /** Ends the upstream request when the caller cancels. */
  readonly cancellation?: Cancellation | undefined;
  readonly requestMeta?: RequestMeta | undefined;
};

/** W3C Trace Context of the incoming request, passed on to the upstream. */
export type RequestMeta = { readonly traceparent?: string | undefined; readonly tracestate?: string | undefined };

export type AuthorizeQuestion = {
  readonly snapshot: Snapshot;
  readonly method: string;
  /** Path and query of the original request, as it was sent. */
  readonly pathAndQuery: string;
  /** Headers of the original request, names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Size of the original request's body in bytes, where the gateway tells it. */
  readonly bodyBytes?: number | undefined;
};

export type AuthorizeVerdict =
  | { readonly kind: 'allowed'; readonly caller: Caller; readonly operation: OperationEntry }
  /** `hadCredential`: a key was presented, and it is not good. */
  | { readonly kind: 'unauthenticated'; readonly hadCredential: boolean }
  /** No such route, several of them, a path that hides its meaning, or an operation this caller may not use. */
  | { readonly kind: 'forbidden' }
  /** The decision failed for a reason of our own: deny, but do not say that the caller may not. */
  | { readonly kind: 'undecided' }
  | Refusal;

/** The tools the caller may use, as the same array for the same snapshot and caller. */
export function listTools(snapshot: Snapshot, caller: Caller): readonly ToolEntry[] {
  return snapshot.visibleTools(caller.consumerId);
}

/** Decides on a tool call, makes it, and meters it. Never rejects. */
export function callTool(engine: Engine, call: ToolCall): Promise<CallOutcome> {
  return new Promise((resolve) => startCall(engine, call, resolve));
}

/**
 * The same for a door that is told of the outcome by `settle`, called once, at once or later from within other code's events: it must not throw.
 * A call through promises costs as much again as all that is decided on it.
 */
export function startCall(engine: Engine, call: ToolCall, settle: (outcome: CallOutcome) => void): void {
  const startedAt = performance.now();
  const tool = call.snapshot.tools.get(call.toolName);
  const finish = (outcome: CallOutcome, requestBytes: number, responseBytes: number): void => {
    engine.meter.record({
      door: 'mcp',
      operation: tool?.operation,
      consumerId: call.caller.consumerId,
      keyId: call.caller.keyId,
      outcome: meteredAs(outcome, tool),
      durationMs: performance.now() - startedAt,
      requestBytes,
      responseBytes,
    });
    settle(outcome);
  };
  const fail = (error: unknown, requestBytes: number, responseBytes: number): void => {
    engine.log.error({ err: error, tool: call.toolName }, 'A tool call failed for a reason of our own.');
    finish({ kind: 'upstream_failed', reason: 'The gateway could not make the call.', timeout: false }, requestBytes, responseBytes);
  };
  let decision: Decision;
  try {
    decision = decide(engine, call, tool);
  } catch (error) {
    return fail(error, 0, 0);
  }
  if (decision.kind !== 'call') return finish(decision, 0, 0);
  const { request } = decision;
  const { operation } = decision.tool;
  engine.upstreams.call(operation, request, call.cancellation, (answer) => {
    const responseBytes = answer.kind === 'answered' ? answer.body.length : 0;
    let outcome: CallOutcome;
    try {
      outcome = outcomeOf(engine, answer, decision.tool);
    } catch (error) {
      return fail(error, request.bodyBytes, responseBytes);
    }
    finish(outcome, request.bodyBytes, responseBytes);
  });
}

/** A call that is to be made, or why it is not. */
type Decision = { readonly kind: 'call'; readonly tool: ToolEntry; readonly request: BuiltRequest } | CallOutcome;

function decide(engine: Engine, call: ToolCall, tool: ToolEntry | undefined): Decision {
  if (tool === undefined || !call.snapshot.permits(call.caller.consumerId, tool.operation)) return { kind: 'unknown_tool' };
  const errors = tool.validate(call.args, call.holdsExact);
  if (errors.length > 0) return { kind: 'invalid_arguments', errors };
  const built = tool.buildRequest(call.args);
  if (!built.ok) return { kind: 'invalid_arguments', errors: built.errors };
  const refusal = admit(engine, call.snapshot, call.caller, tool.operation, built.request.bodyBytes);
  if (refusal !== undefined) return refusal;
  addTrace(built.request, call.requestMeta);
  return { kind: 'call', tool, request: built.request };
}

function outcomeOf(engine: Engine, answer: UpstreamAnswer, tool: ToolEntry): CallOutcome {
  switch (answer.kind) {
    case 'answered':
      return toResult(answer, tool);
    case 'cancelled':
      return { kind: 'cancelled' };
    case 'failed':
      // Not the error itself: that of a parser holds what the upstream sent.
      engine.log.warn({ code: codeOf(answer.cause), cause: answer.cause.message, tool: tool.name, api: tool.operation.api.name }, answer.reason);
      return { kind: 'upstream_failed', reason: answer.reason, timeout: answer.timeout };
  }
}

/**
 * Decides on a request that another gateway is going to make, by the same steps as `callTool`, and meters it. Never throws.
 * The route comes first only because the API says which header carries the key; a caller without a key learns nothing of it.
 */
export function authorizeRequest(engine: Engine, question: AuthorizeQuestion): AuthorizeVerdict {
  const startedAt = performance.now();
  const { operation, credentials, caller } = whoAsks(engine, question);
  let verdict: AuthorizeVerdict;
  try {
    verdict =
      caller === null ? { kind: 'unauthenticated', hadCredential: credentials.length > 0 } : decideOnRequest(engine, question, caller, operation);
  } catch (error) {
    engine.log.error({ err: error, operation: operation?.operationId }, 'A decision failed for a reason of our own.');
    verdict = { kind: 'undecided' };
  }
  const outcome = verdict.kind === 'allowed' ? 'ok' : verdict.kind === 'forbidden' && operation === undefined ? 'unknown' : verdict.kind;
  recordQuestion(engine, { operation, caller }, outcome, startedAt);
  return verdict;
}

/**
 * Meters a question that a door answers without a decision, for whoever's key came with it and the operation that it names. Without a
 * request that it tells of, for the key alone.
 */
export function meterUndecided(engine: Engine, question: Omit<AuthorizeQuestion, 'method' | 'pathAndQuery'> & Partial<AuthorizeQuestion>): void {
  const { method = '', pathAndQuery = '' } = question;
  recordQuestion(engine, whoAsks(engine, { ...question, method, pathAndQuery }), engine.ready ? 'forbidden' : 'undecided', performance.now());
}

function recordQuestion(
  engine: Engine,
  { operation, caller }: { operation: OperationEntry | undefined; caller: Caller | null },
  outcome: MeteredOutcome,
  startedAt: number,
): void {
  const durationMs = performance.now() - startedAt;
  const { consumerId, keyId } = caller ?? { consumerId: undefined, keyId: undefined };
  engine.meter.record({ door: 'authz', operation, consumerId, keyId, outcome, durationMs, requestBytes: 0, responseBytes: 0 });
}

function whoAsks(engine: Engine, question: AuthorizeQuestion) {
  const { snapshot, method, pathAndQuery } = question;
  const queryAt = pathAndQuery.indexOf('?');
  const route =
    queryAt < 0
      ? snapshot.matchRoute(method, pathAndQuery)
      : snapshot.matchRoute(method, pathAndQuery.slice(0, queryAt), pathAndQuery.slice(queryAt + 1));
  const operation = route.kind === 'match' ? route.operation : undefined;
  const credentials = credentialsOf(question, operation);
  const caller = credentials.map((credential) => identify(snapshot, credential, engine.now())).find((found) => found !== null) ?? null;
  return { operation, credentials, caller };
}

function decideOnRequest(
  engine: Engine,
  { snapshot, bodyBytes }: AuthorizeQuestion,
  caller: Caller,
  operation: OperationEntry | undefined,
): AuthorizeVerdict {
  if (operation === undefined || !snapshot.permits(caller.consumerId, operation)) return { kind: 'forbidden' };
  return admit(engine, snapshot, caller, operation, bodyBytes ?? 0) ?? { kind: 'allowed', caller, operation };
}

/**
 * What may be the consumer key. Where no operation says which header carries it, that of any API does: whoever has a good key is told that
 * there is nothing, not that the key is none.
 */
function credentialsOf({ snapshot, headers }: AuthorizeQuestion, operation: OperationEntry | undefined): string[] {
  const choices = operation === undefined ? [...snapshot.keyHeaders.map((name) => [name]), []] : [operation.api.policies.keyHeaders];
  return choices.map((names) => credentialOf(headers, names)).filter((credential) => credential !== null);
}

/** The consumer key in one of the headers named, else in `Authorization`. Headers that state an identity are never looked at (lesson 31). */
function credentialOf(headers: AuthorizeQuestion['headers'], names: readonly string[]): string | null {
  for (const name of names) {
    const value = headers[name];
    if (typeof value === 'string' && value !== '') return name === 'authorization' ? (bearerToken(value) ?? value) : value;
  }
  const { authorization } = headers;
  return typeof authorization === 'string' ? bearerToken(authorization) : null;
}

/** The steps between access and the upstream, the same for every door (lesson 22): limits by identity, then the size of the request. */
function admit(engine: Engine, snapshot: Snapshot, caller: Caller, { api }: OperationEntry, bodyBytes: number): Refusal | undefined {
  const { maxRequestBytes } = api.policies;
  const limits = snapshot.limitsOf(caller.consumerId, api);
  if (limits.length > 0) {
    const verdict = engine.limits.consume(limits, caller.consumerId);
    if (!verdict.allowed) return { kind: 'rate_limited', retryAfterS: verdict.retryAfterS, policy: verdict.policy };
  }
  return maxRequestBytes !== undefined && bodyBytes > maxRequestBytes ? { kind: 'too_large', maxBytes: maxRequestBytes } : undefined;
}

function codeOf(error: Error): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function addTrace({ headers }: BuiltRequest, meta: RequestMeta | undefined): void {
  if (meta?.traceparent === undefined || !/^[0-9a-f-]{55}$/.test(meta.traceparent)) return;
  headers.push('traceparent', meta.traceparent);
  if (meta.tracestate !== undefined && /^[\x20-\x7e]{1,512}$/.test(meta.tracestate)) headers.push('tracestate', meta.tracestate);
}

function meteredAs(outcome: CallOutcome, tool: ToolEntry | undefined): MeteredOutcome {
  switch (outcome.kind) {
    case 'result':
      return outcome.status >= 500 ? 'upstream_error' : outcome.status >= 300 ? 'client_error' : 'ok';
    case 'unknown_tool':
      return tool === undefined ? 'unknown' : 'forbidden';
    case 'upstream_failed':
      return 'upstream_error';
    default:
      return outcome.kind;
  }
}
