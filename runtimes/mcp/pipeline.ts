import type { ProblemError } from '@stoa/generated/schemas.ts';
import type { Engine } from './engine.ts';
import type { Caller, OperationEntry, Snapshot, ToolEntry } from './model.ts';

export type { Caller, Snapshot, ToolEntry } from './model.ts';

/** What became of a tool call. */
export type CallOutcome =
  /**
   * The upstream answered with `status`. `text` is the body as the upstream sent it, or a sentence with the body under it when
   * `isError`. `structured` is the parsed body when it is a JSON object; then `text` is its JSON, line feeds included.
   */
  | { readonly kind: 'result'; readonly isError: boolean; readonly text: string; readonly structured?: Record<string, unknown>; readonly status: number }
  /** No such tool, or none that this caller may use. */
  | { readonly kind: 'unknown_tool' }
  | { readonly kind: 'invalid_arguments'; readonly errors: readonly ProblemError[] }
  | { readonly kind: 'rate_limited'; readonly retryAfterS: number; readonly policy: string }
  | { readonly kind: 'too_large'; readonly maxBytes: number }
  | { readonly kind: 'cancelled' }
  /** No complete answer of the upstream; `reason` is a sentence for the caller. */
  | { readonly kind: 'upstream_failed'; readonly reason: string; readonly timeout: boolean };

export type ToolCall = {
  readonly snapshot: Snapshot;
  readonly caller: Caller;
  readonly toolName: string;
  readonly args: Record<string, unknown>;
  /** Ends the upstream request when the caller cancels. */
  readonly signal?: AbortSignal | undefined;
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
  /** Size of the original request's body where the gateway tells it. */
  readonly bodyBytes?: number | undefined;
};

export type AuthorizeVerdict =
  | { readonly kind: 'allowed'; readonly caller: Caller; readonly operation: OperationEntry }
  | { readonly kind: 'unauthenticated' }
  /** No such route, several of them, a path that hides its meaning, or an operation this caller may not use. */
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'rate_limited'; readonly retryAfterS: number; readonly policy: string }
  | { readonly kind: 'too_large'; readonly maxBytes: number };

/**
 * Who presents this consumer key; null for an unknown, expired or absent one. The key is looked up by its SHA-256, so that the time
 * taken says nothing about keys that exist.
 */
export declare function identify(snapshot: Snapshot, credential: string | null, nowMs: number): Caller | null;

/** The tools the caller may use, as the same array for the same snapshot and caller. */
export declare function listTools(snapshot: Snapshot, caller: Caller): readonly ToolEntry[];

/** Decides on a tool call, makes it, and meters it. Never rejects. */
export declare function callTool(engine: Engine, call: ToolCall): Promise<CallOutcome>;

/** Decides on a request that another gateway is going to make, by the same steps as `callTool`, and meters it. Never rejects. */
export declare function authorizeRequest(engine: Engine, question: AuthorizeQuestion): Promise<AuthorizeVerdict>;
