import type { ClientRequest, ObservedRequest } from '@stoa/lib/telemetry/model.ts';
import type { ProblemError } from '@stoa/generated/schemas.ts';
import { parseExactJson } from '@stoa/lib/exact-json.ts';
import type { Adaptation, BuiltRequest, Caller, ContentRule, KnownArguments, McpEra, Snapshot, ToolEntry } from '../model.ts';
import type { Cancellation } from '../upstream/cancellation.ts';
import type { SubjectToken } from '../upstream/proofs/prover.ts';
import { failureWord } from '../upstream/upstream.ts';
import type { UpstreamAnswer } from '../upstream/upstream.ts';
import { approvalRuleFor, requireApproval } from './approvals.ts';
import type { Granted } from './approvals.ts';
import type { DecidingEngine } from './admit.ts';
import { meteredAs, sendToServer, toolRequest } from './ask-server.ts';
import type { McpTalk } from './ask-server.ts';
import type { CallOutcome } from './call-outcome.ts';
import { inspectBody, inspectRequest } from './contents.ts';
import { withinChains } from './chain.ts';
import type { KeyIn } from './chain.ts';
import { refusalOf } from './may-call.ts';
import type { Calling, WouldBe } from './may-call.ts';
import { noteCall } from './note-call.ts';
import { callProtected } from './protect.ts';
import type { MadeAnswer } from './protect.ts';
import { toResult } from './result/to-result.ts';
import { toldUpstream } from './told-upstream.ts';
import type { TraceContext } from './told-upstream.ts';

export type ToolCall = Calling & {
  readonly toolName: string;
  readonly args: Record<string, unknown>;
  /** How the client talks with the server of a tool that has one of its own; without it only the answer comes back. */
  readonly talk?: McpTalk | undefined;
  /** Of which era the client is that is answered so; an older one when absent. */
  readonly era?: McpEra;
  /** What came beside the arguments. */
  readonly meta?: Record<string, unknown> | undefined;
  /** Whether there is an `ExactNumber` among them. */
  readonly holdsExact?: boolean;
  /** Ends the upstream request when the caller cancels. */
  readonly cancellation?: Cancellation | undefined;
  /** By which the log and the upstream know the request that the call came in. */
  readonly requestId: string;
  /** What the caller was recognised by; a token may be exchanged, where the upstream wants it. */
  readonly credential?: string | undefined;
  readonly trace?: TraceContext | undefined;
  /** Where requests are told of, that which the call came in. */
  readonly observed?: ObservedRequest | undefined;
};

const tokenOf = ({ caller: { token }, credential }: ToolCall): SubjectToken | undefined =>
  token === undefined || credential === undefined ? undefined : { text: credential, issuer: token.issuer };

/** The tools the caller may use, as the same array for the same snapshot and caller. */
export function listTools(snapshot: Snapshot, caller: Caller, keyIn?: KeyIn): readonly ToolEntry[] {
  return withinChains(snapshot, snapshot.visibleTools(caller.consumerId), caller, keyIn);
}

/** Decides on a tool call, makes it, and meters it. Never rejects. */
export function callTool(engine: DecidingEngine, call: ToolCall): Promise<CallOutcome> {
  return new Promise((resolve) => startCall(engine, call, resolve));
}

/**
 * The same for a door that is told of the outcome by `settle`, called once, at once or later from within other code's events: it must not throw.
 * A call through promises costs as much again as all that is decided on it.
 */
export function startCall(engine: DecidingEngine, given: ToolCall, settle: (outcome: CallOutcome) => void): void {
  const startedAt = performance.now();
  const named = given.snapshot.tools.get(given.toolName);
  const { tool, call } = named?.adaptation === undefined ? { tool: named, call: given } : asOfItself(named.adaptation, given);
  if (call.observed !== undefined && tool !== undefined) tellOf(call.observed, tool, call.caller);
  const finish = (outcome: CallOutcome, requestBytes: number, responseBytes: number): void => {
    const metered = tool === undefined && outcome.kind === 'unknown_tool' ? 'unknown' : meteredAs(outcome);
    noteCall(engine, call, { operation: tool?.operation, outcome: metered, decided: outcome, startedAt, requestBytes, responseBytes });
    settle(outcome);
  };
  const fail = (error: unknown, requestBytes: number, responseBytes: number): void => {
    engine.log.error({ err: error, tool: call.toolName, ...call.observed?.ids() }, 'A tool call failed for a reason of our own.');
    finish({ kind: 'upstream_failed', reason: 'The gateway could not make the call.', timeout: false }, requestBytes, responseBytes);
  };
  const go = (decision: Decision): void => {
    if (decision.kind !== 'call') return finish(decision, 0, 0);
    const { request, asked, talk, granted } = decision;
    const { operation, remote } = decision.tool;
    if (remote !== undefined && talk !== undefined) {
      const { args } = call;
      const trace = asked?.headers ?? call.trace;
      const sent = { ...call, ...toolRequest(remote, talk, { args, body: request.body }), trace, talk, operation, cancellation: call.cancellation };
      return sendToServer(engine, sent, (outcome, bytes) => {
        asked?.end(undefined, outcome.kind === 'passed' ? undefined : outcome.kind);
        finish(outcome, request.bodyBytes, bytes);
      });
    }
    const by = { caller: call.caller, token: tokenOf(call), requestId: call.requestId };
    callProtected(engine, { operation, request, by, cancellation: call.cancellation }, (answer) => {
      if (asked !== undefined) tellAnswer(asked, answer);
      if (answer.kind === 'circuit_open' || answer.kind === 'upstream_busy') granted?.giveBack();
      const responseBytes = answer.kind === 'answered' ? answer.body.length : 0;
      let outcome: CallOutcome;
      try {
        outcome = outcomeOf(engine, answer, decision.tool, call.observed);
      } catch (error) {
        return fail(error, request.bodyBytes, responseBytes);
      }
      finish(outcome, request.bodyBytes, responseBytes);
    });
  };
  let decision: Decision | Promise<Decision>;
  try {
    decision = decide(engine, call, tool);
  } catch (error) {
    return fail(error, 0, 0);
  }
  if (decision instanceof Promise) decision.then(go, (error: unknown) => fail(error, 0, 0));
  else go(decision);
}

/** A call of a tool of a set as one of the tool itself: by what is decided on, limited and metered there. */
function asOfItself(adaptation: Adaptation, given: ToolCall): { tool: ToolEntry; call: AdaptedCall } {
  const { base, faultsOf, fill } = adaptation;
  return { tool: base, call: { ...given, args: fill(given.args), adaptation, ownFaults: faultsOf(given.args) } };
}

type AdaptedCall = ToolCall & { readonly adaptation?: Adaptation; readonly ownFaults?: readonly ProblemError[] };

function tellOf(observed: ObservedRequest, { name, operation }: ToolEntry, { consumerName: consumer }: Caller): void {
  observed.calls(name);
  observed.concerns(operation.api.name, operation.operationId, consumer);
}

/** A call that is to be made, or why it is not. */
type Decision =
  | {
      readonly kind: 'call';
      readonly tool: ToolEntry;
      readonly request: BuiltRequest;
      readonly asked: ClientRequest | undefined;
      readonly talk?: McpTalk;
      readonly granted: Granted | undefined;
    }
  | CallOutcome;

function decide(engine: DecidingEngine, call: AdaptedCall, tool: ToolEntry | undefined): Decision | Promise<Decision> {
  if (tool === undefined) return { kind: 'unknown_tool' };
  const refusal = refusalOf(engine, call, tool.operation, () => describe(tool, call));
  const decided = (made: Awaited<typeof refusal>): Decision | Promise<Decision> => {
    if ('refused' in made) return made.refused;
    const { request, faults } = made.described;
    return request === undefined ? { kind: 'invalid_arguments', errors: faults } : toMake(engine, call, tool, request);
  };
  return refusal instanceof Promise ? refusal.then(decided) : decided(refusal);
}

function describe(tool: ToolEntry, call: AdaptedCall): WouldBe & { readonly request: BuiltRequest | undefined } {
  const { request, faults } = requestOf(tool, call);
  return { request, faults, bodyBytes: request?.bodyBytes ?? 0, argumentsOf: (): KnownArguments => ({ values: call.args, unknown: [] }) };
}

function toMake(engine: DecidingEngine, call: ToolCall, tool: ToolEntry, built: BuiltRequest): Decision | Promise<Decision> {
  const { request: rules } = tool.operation.api.policies.contents;
  const inspected = rules.length === 0 ? { request: built } : inspectRequest(engine, rules, tool, call.args, built);
  if ('reason' in inspected) return { kind: 'content_refused', reason: inspected.reason };
  const { request } = inspected;
  const talking = tool.remote === undefined ? undefined : inspectTalk(engine, rules, call);
  if (talking !== undefined && 'reason' in talking) return { kind: 'content_refused', reason: talking.reason };
  const { operation } = tool;
  const made = (granted?: Granted): Decision => {
    const asked = call.observed?.ask(operation);
    request.headers.push(...toldUpstream({ ...call, trace: asked?.headers ?? call.trace }));
    return { kind: 'call', tool, request, asked, granted, ...talking };
  };
  // Last, for what is granted is used up.
  const rule = approvalRuleFor(operation);
  if (rule === undefined) return made();
  if (call.cancellation?.isCancelled === true) return { kind: 'cancelled' };
  return requireApproval(engine.approvals, rule, { tool, caller: call.caller, args: call.args }).then((verdict) =>
    verdict.kind === 'granted' ? made(verdict) : verdict,
  );
}

/** How an MCP server is talked with, once policies have looked into what comes beside the arguments: answers to what it asked, its own state, `_meta`. */
function inspectTalk(
  engine: DecidingEngine,
  rules: readonly ContentRule[],
  { args, meta, era = 'legacy', talk: given }: ToolCall,
): { talk: McpTalk } | { reason: string } {
  const talk: McpTalk = given ?? { era, params: { arguments: args, ...(meta !== undefined && { _meta: meta }) } };
  const { name, arguments: ofTool, ...beside } = talk.params;
  if (rules.length === 0 || Object.keys(beside).length === 0) return { talk };
  const body = Buffer.from(JSON.stringify(beside));
  const verdict = inspectBody(engine, 'request', rules, body, 'application/json');
  if ('reason' in verdict) return verdict;
  const kept = verdict.body === body ? beside : (parseExactJson(verdict.body.toString('utf8')).value as object);
  return { talk: { ...talk, params: { name, arguments: ofTool, ...kept } } };
}

/** What the upstream is to be sent, or what is wrong with the arguments. */
function requestOf(
  tool: ToolEntry,
  { args, holdsExact, adaptation, ownFaults = [] }: AdaptedCall,
): { request?: BuiltRequest; faults: readonly ProblemError[] } {
  if (ownFaults.length > 0) return { faults: ownFaults };
  const found = tool.validate(args, holdsExact);
  const faults = adaptation === undefined ? found : adaptation.withoutTaken(found);
  if (faults.length > 0) return { faults };
  const built = tool.buildRequest(args);
  return built.ok ? { request: built.request, faults } : { faults: adaptation?.withoutTaken(built.errors) ?? built.errors };
}

function tellAnswer(asked: ClientRequest, answer: MadeAnswer): void {
  if (answer.kind === 'answered') asked.end(answer.status);
  else asked.end(undefined, answer.kind === 'failed' || answer.kind === 'cancelled' ? failureWord(answer) : answer.kind);
}

function outcomeOf(engine: DecidingEngine, answer: MadeAnswer, tool: ToolEntry, observed: ObservedRequest | undefined): CallOutcome {
  switch (answer.kind) {
    case 'circuit_open':
    case 'upstream_busy':
      return answer;
    case 'answered':
      return toResultAsMayBe(engine, answer, tool);
    case 'cancelled':
      return { kind: 'cancelled' };
    case 'failed':
      // Not the error itself: that of a parser holds what the upstream sent.
      engine.log.warn(
        { code: codeOf(answer.cause), cause: answer.cause.message, tool: tool.name, api: tool.operation.api.name, ...observed?.ids() },
        answer.reason,
      );
      return { kind: 'upstream_failed', reason: answer.reason, timeout: answer.timeout };
  }
}

function toResultAsMayBe(engine: DecidingEngine, answer: Extract<UpstreamAnswer, { kind: 'answered' }>, tool: ToolEntry): CallOutcome {
  const rules = tool.operation.api.policies.contents.response;
  if (rules.length === 0) return toResult(answer, tool);
  const verdict = inspectBody(engine, 'response', rules, answer.body, answer.contentType);
  return 'reason' in verdict ? { kind: 'answer_withheld', reason: verdict.reason } : toResult({ ...answer, body: verdict.body }, tool);
}

function codeOf(error: Error): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
