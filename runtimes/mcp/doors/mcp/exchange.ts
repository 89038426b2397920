import type { IncomingHttpHeaders } from 'node:http';
import type { Implementation } from '@modelcontextprotocol/server';
import type { AnyResponse } from '@stoa/lib/quick/any.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { requestIdOf } from '@stoa/lib/request-id.ts';
import { observedOf } from '@stoa/lib/telemetry/model.ts';
import type { ObservedRequest } from '@stoa/lib/telemetry/model.ts';
import type { Engine } from '../../engine.ts';
import type { Cancellation } from '../../upstream/cancellation.ts';
import type { AddressOf } from '../../decide/admit.ts';
import type { CallOutcome } from '../../decide/call-outcome.ts';
import type { KeyIn } from '../../decide/chain.ts';
import type { Possession } from '../../decide/proofs/possession.ts';
import type { CredentialChain } from '../../decide/credential-chain.ts';
import { startCall } from '../../decide/call-tool.ts';
import { personOf } from '../../decide/person.ts';
import type { Caller, Snapshot } from '../../model.ts';
import type { McpTalk } from '../../decide/ask-server.ts';
import type { TraceContext } from '../../decide/told-upstream.ts';
import { answerOf } from './call-result.ts';
import type { CallAnswer } from './call-result.ts';
import { lifecycleMeta } from './lifecycle-meta.ts';
import type { Cancellations } from './cancellations.ts';
import { errorCode, sendRpcError } from './json-rpc.ts';
import type { RequestId } from './json-rpc.ts';
import { revisionSaidIn } from '../../revisions/revisions.ts';
import { exposedCall } from './search/search-tools.ts';
import type { ToolFinder } from './search/tool-finder.ts';

/** What all exchanges of one door share. */
export type DoorContext = {
  readonly engine: Engine;
  readonly serverInfo: Implementation;
  readonly cancellations: Cancellations;
  /** Told what a client of an older revision says when it begins, and which session id it is given. */
  readonly sessionBegun: (sessionId: string, exchange: Exchange, params: unknown) => void;
  readonly log: Logger;
  /** Whose a credential is, by key or by a token that was judged. */
  readonly whoIs: (snapshot: Snapshot, credential: string, proven: Possession) => Caller | null;
  /** Which credentials let in. */
  readonly chain: CredentialChain;
  readonly finder: ToolFinder;
};

/** What a request presents. */
export type PresentedHere = {
  readonly credential: string | null;
  readonly proven: Possession;
  readonly headers: IncomingHttpHeaders;
};

/** Who calls, and what stands for him: the credential that he came by. */
export type Chosen = { readonly caller: Caller; readonly credential: string };

/** One admitted HTTP request: who asks, and what there was to ask for when it began. */
export type Exchange = {
  readonly snapshot: Snapshot;
  readonly caller: Caller;
  readonly credential: string;
  readonly headers: IncomingHttpHeaders;
  readonly requestId: string;
  /** Where requests are told of. */
  readonly observed: ObservedRequest | undefined;
  readonly addressOf: AddressOf;
  /** Finds a key that came beside a token. */
  readonly keyIn: KeyIn;
  /** What to say to a client whose token lacks scopes. */
  readonly challenge: (scopes: readonly string[]) => string;
  /** Whether there is an `ExactNumber` in the body. */
  readonly holdsExact: boolean;
  /** Cancelled when the client goes away, and by a cancellation of a single request. */
  readonly cancellation: Cancellation;
  /** Whether its client may come back when the connection breaks: then it is cancelled later, or not. */
  outlives?: (() => boolean) | undefined;
  /** Seconds of the longest limit met, for the `Retry-After` header. */
  retryAfterS: number | undefined;
  /** The client cancelled and expects no answer. */
  cancelled: boolean;
  /** What the token lacked for a call. */
  missingScopes: readonly string[] | undefined;
};

export type Call = {
  readonly id: RequestId;
  readonly name: string;
  readonly args: Record<string, unknown>;
  readonly meta: Record<string, unknown> | undefined;
  /** How the client talks with the server of the tool, where it has one. */
  readonly talk?: McpTalk;
};

/** How long a client may keep a list (MCP 2026-07-28 `ttlMs`). Short, so that a revoked tool is not shown for long without a subscription. */
export const listTtlMs = 10_000;

/** Sends one call through the pipeline: the only place of the MCP door that does, whatever the era, lane or batch (lesson 22). */
export function performCall(context: DoorContext, exchange: Exchange, call: Call, cancellation = exchange.cancellation): Promise<CallAnswer> {
  return new Promise((resolve) => startToPerform(context, exchange, call, cancellation, resolve));
}

/** The same for who is told of the answer by `settle`, which must not throw. */
export function startToPerform(
  context: DoorContext,
  exchange: Exchange,
  asked: Call,
  cancellation: Cancellation,
  settle: (answer: CallAnswer) => void,
): void {
  // Whoever talks with a server calls the tool that is meant already.
  const exposed = asked.talk === undefined ? exposedCall(context.finder, exchange, asked) : undefined;
  if (exposed !== undefined && 'answer' in exposed) return answerWith(context, exposed.answer, settle);
  const call = exposed?.call ?? asked;
  const forget = registerCancellation(context, exchange, call.id, cancellation);
  const { snapshot, caller, holdsExact, addressOf, keyIn, requestId, credential, observed } = exchange;
  const trace = traceOf(call.meta, exchange.headers);
  const settled = (outcome: CallOutcome): void => {
    forget?.();
    const told = answerOf(call.name, outcome);
    const meta = told.kind === 'result' ? lifecycleMeta(snapshot.tools.get(call.name)?.definition) : undefined;
    const answer = meta === undefined ? told : { ...told, meta };
    if (observed !== undefined) tellOutcome(observed, answer);
    if (answer.kind === 'none') exchange.cancelled = true;
    if (answer.kind === 'scopes_missing') exchange.missingScopes = answer.scopes;
    if (answer.kind === 'result' && answer.retryAfterS !== undefined) {
      exchange.retryAfterS = Math.max(exchange.retryAfterS ?? 0, answer.retryAfterS);
    }
    settle(answer);
  };
  startCall(
    context.engine,
    {
      snapshot,
      caller,
      toolName: call.name,
      args: call.args,
      addressOf,
      keyIn,
      holdsExact,
      cancellation,
      requestId,
      credential,
      trace,
      observed,
      talk: call.talk,
      era: revisionSaidIn(exchange.headers).era,
      meta: call.meta,
    },
    settled,
  );
}

function answerWith({ log }: DoorContext, answer: CallAnswer | Promise<CallAnswer>, settle: (answer: CallAnswer) => void): void {
  if (!(answer instanceof Promise)) return settle(answer);
  answer.then(settle, (error: unknown) => {
    log.error({ err: error }, 'A search for tools failed for a reason of our own.');
    settle({ kind: 'error', error: { code: errorCode.internal, message: 'The gateway could not search.' } });
  });
}

/** What is done about an error of our own, wherever it comes up. */
export function failToAnswer({ log }: DoorContext, response: AnyResponse, error: unknown): void {
  log.error({ err: error, request_id: requestIdOf(response), ...observedOf(response)?.ids() }, 'The MCP door failed to answer a request.');
  sendRpcError(response, 500, { code: errorCode.internal, message: 'Internal server error' });
}

/** As the semantic conventions of MCP have it: an answer that says that the tool failed is an error, too. */
function tellOutcome(observed: ObservedRequest, answer: CallAnswer): void {
  if (answer.kind === 'none') observed.failed('cancelled');
  else if (answer.kind === 'raw') tellRaw(observed, answer);
  else if (answer.kind !== 'result') observed.failed(String(answer.error.code), answer.error.code);
  else if (answer.result.isError === true) observed.failed('tool_error');
}

/** What an MCP server answered: an error of JSON-RPC, or a result that may say of itself that it is one. */
function tellRaw(observed: ObservedRequest, { error, isError }: Extract<CallAnswer, { kind: 'raw' }>): void {
  const { code } = error === undefined ? {} : (JSON.parse(error) as { code?: unknown });
  if (error !== undefined) observed.failed(String(code), typeof code === 'number' ? code : undefined);
  else if (isError) observed.failed('tool_error');
}

/** The session id of a client of an older revision: our nonce, or whatever it made of it. */
export function sessionIdOf(headers: IncomingHttpHeaders): string | undefined {
  const value = headers['mcp-session-id'];
  return typeof value === 'string' && /^[\x21-\x7e]{1,128}$/.test(value) ? value : undefined;
}

export function registerCancellation(
  context: DoorContext,
  exchange: Exchange,
  requestId: RequestId,
  cancellation: Cancellation,
): (() => void) | undefined {
  const sessionId = sessionIdOf(exchange.headers);
  if (sessionId === undefined) return undefined;
  return context.cancellations.register({ person: personOf(exchange), sessionId, requestId }, cancellation);
}

/** W3C Trace Context: `_meta` names the span of this call (MCP 2026-07-28 "_meta"), the header only that of the HTTP request. */
export function traceOf(meta: Record<string, unknown> | undefined, headers: IncomingHttpHeaders): TraceContext {
  return typeof meta?.['traceparent'] === 'string' ? meta : headers;
}
