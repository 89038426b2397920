import { membersOf } from '@stoa/lib/json-members.ts';
import { parseExactJson } from '@stoa/lib/exact-json.ts';
import type { CallerSide } from '../federation/caller-sessions.ts';
import { paramsFor, resultFor } from '../federation/bridge.ts';
import type { ClientFacts } from '../federation/bridge.ts';
import { headersWantedBy, paramHeadersOf } from '../federation/param-headers.ts';
import type { McpAnswer, ServerAsk, ShownCaller } from '../federation/peer.ts';
import type { MeteredOutcome } from '../metering/meter.ts';
import type { McpEra, McpListed, OperationEntry } from '../model.ts';
import type { Cancellation } from '../upstream/cancellation.ts';
import type { DecidingEngine } from './admit.ts';
import type { CallOutcome } from './call-outcome.ts';
import { inspectBody } from './contents.ts';
import { answerInputs, inputRequiredIn } from './input-rounds.ts';
import { refusalOf } from './may-call.ts';
import type { Calling } from './may-call.ts';
import { noteCall } from './note-call.ts';
import { personOf } from './person.ts';
import { toldUpstream } from './told-upstream.ts';
import type { TellingOf } from './told-upstream.ts';

/** How a client talks with a server in the course of one request. */
export type McpTalk = {
  readonly era: McpEra;
  /** The parameters as the client sent them. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly facts?: ClientFacts | undefined;
  /** Where the server may ask the client something: which client. */
  readonly side?: CallerSide | undefined;
  /** Told of what the server tells meanwhile, as text. Must not throw. */
  readonly onNotification?: ((method: string, params: string | undefined) => void) | undefined;
  /** Told when the server has its client come back for the rest of the answer. Must not throw. */
  readonly onPoll?: (() => void) | undefined;
  /** Asked what the server asks its client; without it the server is refused. Must not throw. */
  readonly onAsk?: ((ask: ServerAsk) => void) | undefined;
};

/** A request to an MCP server that has been decided on. */
export type ToServer = Omit<TellingOf, 'trace'> &
  Pick<TellingOf, 'trace'> & {
    readonly operation: OperationEntry;
    readonly method: string;
    /** In the names of the server. */
    readonly params: Readonly<Record<string, unknown>>;
    /** What it is about, for a header. */
    readonly name: string | undefined;
    readonly headers?: readonly string[];
    readonly talk: McpTalk;
    readonly cancellation: Cancellation | undefined;
    /** What the caller was recognised by. */
    readonly credential?: string | undefined;
  };

const defaultTimeoutS = 60;

/** Rounds in which a server may ask for more. */
const maxRounds = 10;

/** Sends what was decided on, and looks through what comes back. `settle` is called once and must not throw. */
export function sendToServer(engine: DecidingEngine, asked: ToServer, settle: (outcome: CallOutcome, bytes: number) => void, rounds = 0): void {
  const { operation, talk, method } = asked;
  const { api } = operation;
  const looked = looker(engine, 'response', operation);
  const person = personOf({ caller: asked.caller, credential: asked.credential ?? '' });
  const by = shownCaller(asked);
  // A session in which a caller is shown is his own, whether he may be asked something or not.
  const side = by === undefined ? talk.side : { key: JSON.stringify([person]), owner: asked.caller.consumerId, capabilities: {}, ...talk.side, by };
  const onAsk = talk.onAsk && guardedAsk(engine, operation, talk.onAsk);
  const finish = (answer: McpAnswer, era: McpEra): void => {
    const bytes = 'text' in answer ? answer.text.length : 0;
    const inputs = answer.kind === 'result' && era === 'modern' && talk.era === 'legacy' ? inputRequiredIn(answer.text) : undefined;
    if (inputs === undefined) return settle(outcomeOf(engine, answer, { method, client: talk.era, era, looked, operation }), bytes);
    if (onAsk === undefined || rounds >= maxRounds) {
      const reason = 'The MCP server asks for something that this client cannot be asked for.';
      return settle({ kind: 'upstream_failed', reason, timeout: false }, bytes);
    }
    void answerInputs(inputs, asked.params, onAsk).then((next) => {
      if ('error' in next) settle({ kind: 'passed', error: next.error, isError: true }, bytes);
      else if (asked.cancellation?.isCancelled === true) settle({ kind: 'cancelled' }, bytes);
      else sendToServer(engine, { ...asked, params: next.params }, settle, rounds + 1);
    });
  };
  engine.federation.request(
    api.id,
    (era) => ({
      method,
      params: paramsFor(era, talk.era, asked.params, engine.federation.self, talk.facts),
      name: asked.name,
      person,
      by,
      headers: [...toldUpstream(asked), ...(era === 'modern' ? (asked.headers ?? []) : [])],
      timeoutMs: (api.mcp?.item.call_timeout_s ?? defaultTimeoutS) * 1000,
      cancellation: asked.cancellation,
      onNotification(told, params) {
        const shown = params === undefined ? undefined : looked(params);
        if (typeof shown !== 'object') talk.onNotification?.(told, shown);
      },
      onAsk,
      onPoll: talk.onPoll,
      settle(answer) {
        try {
          finish(answer, era);
        } catch (error) {
          engine.log.error({ err: error, server: api.name }, 'The answer of an MCP server could not be passed on for a reason of our own.');
          settle({ kind: 'upstream_failed', reason: 'The gateway could not pass on the answer.', timeout: false }, 0);
        }
      },
    }),
    side,
  );
}

/** Who calls, for a server that is shown it. */
function shownCaller({ operation, caller, credential, requestId }: ToServer): ShownCaller | undefined {
  const place = operation.api.mcp?.place;
  if (place?.kind !== 'http' || place.besideCallers === undefined) return undefined;
  const token = caller.token === undefined || credential === undefined ? undefined : { text: credential, issuer: caller.token.issuer };
  return { operation, caller, token, requestId };
}

type Looked = (text: string) => string | { reason: string };

function looker(engine: DecidingEngine, way: 'request' | 'response', { api }: OperationEntry): Looked {
  const rules = api.policies.contents[way];
  return (text) => {
    if (rules.length === 0) return text;
    const verdict = inspectBody(engine, way, rules, Buffer.from(text), 'application/json');
    return 'reason' in verdict ? verdict : verdict.body.toString('utf8');
  };
}

/** What a server asks goes the way of answers, and what it is answered that of requests: both are looked through. */
function guardedAsk(engine: DecidingEngine, operation: OperationEntry, onAsk: (ask: ServerAsk) => void): (ask: ServerAsk) => void {
  const [outwards, inwards] = [looker(engine, 'response', operation), looker(engine, 'request', operation)];
  const withheld = ({ reason }: { reason: string }): { error: string } => ({
    error: JSON.stringify({ code: -32603, message: `It is withheld: ${reason}.` }),
  });
  return ({ method, params, answer }) => {
    const shown = params === undefined ? undefined : outwards(params);
    if (typeof shown === 'object') return answer(withheld(shown));
    onAsk({
      method,
      params: shown,
      answer(reply) {
        if ('error' in reply) return answer(reply);
        const result = inwards(reply.result);
        answer(typeof result === 'object' ? withheld(result) : { result });
      },
    });
  };
}

type Passing = { method: string; client: McpEra; era: McpEra; operation: OperationEntry; looked: Looked };

function outcomeOf(engine: DecidingEngine, answer: McpAnswer, { method, client, era, looked, operation }: Passing): CallOutcome {
  switch (answer.kind) {
    case 'result':
    case 'error': {
      const shown = looked(answer.text);
      if (typeof shown === 'object') return { kind: 'answer_withheld', reason: shown.reason };
      if (answer.kind === 'error') return { kind: 'passed', error: shown, isError: true };
      return { kind: 'passed', result: resultFor(client, era, method, shown), isError: hasFailed(shown) };
    }
    case 'cancelled':
      return { kind: 'cancelled' };
    case 'refused': {
      engine.log.warn({ server: operation.api.name, status: answer.status, words: answer.words }, 'An MCP server refused a request.');
      const did = answer.status < 300 ? 'answered with something else than a message' : `refused the request with HTTP ${answer.status}`;
      return { kind: 'upstream_failed', reason: `The MCP server ${operation.api.name} ${did}.`, timeout: false };
    }
    case 'forgotten':
      return { kind: 'upstream_failed', reason: `The MCP server ${operation.api.name} forgot its session. Call again.`, timeout: false };
    case 'failed':
      engine.log.warn({ cause: answer.cause.message, server: operation.api.name }, answer.reason);
      return { kind: 'upstream_failed', reason: answer.reason, timeout: answer.timeout };
  }
}

/** Whether a result says so of itself. Nearly none does, and to look through a large one takes a while. */
const hasFailed = (result: string): boolean => /"isError"\s*:\s*true/.test(result) && membersOf(result)?.get('isError') === 'true';

/** What a call of a tool sends: the client's parameters, with the server's own name and the arguments as they may go on. */
export function toolRequest(
  remote: McpListed,
  { params }: McpTalk,
  { args: given, body }: { readonly args: Readonly<Record<string, unknown>>; readonly body: string | Buffer | undefined },
): Pick<ToServer, 'method' | 'params' | 'name' | 'headers'> {
  // Text is what the arguments made; what policies changed are bytes.
  const args = Buffer.isBuffer(body) ? (parseExactJson(body.toString('utf8')).value as Record<string, unknown>) : given;
  const hasArguments = params['arguments'] !== undefined || Object.keys(args).length > 0;
  return {
    method: 'tools/call',
    params: { ...params, name: remote.ownName, ...(hasArguments && { arguments: args }) },
    name: remote.ownName,
    headers: paramHeadersOf(headersWantedBy({ remote }), args),
  };
}

/** A request of another kind than a call of a tool. */
export type ServerRequest = Calling &
  Pick<ToServer, 'method' | 'params' | 'name' | 'talk' | 'cancellation' | 'requestId' | 'trace' | 'credential'> & {
    readonly operation: OperationEntry;
  };

/** Decides on it by the same steps as on a call of a tool, makes it, and meters it. `settle` is called once and must not throw. */
export function startRequest(engine: DecidingEngine, request: ServerRequest, settle: (outcome: CallOutcome) => void): void {
  const startedAt = performance.now();
  const { operation, params } = request;
  const { _meta: _, ...asked } = params;
  const body = Buffer.from(JSON.stringify(asked));
  const finish = (outcome: CallOutcome, responseBytes = 0): void => {
    noteCall(engine, request, { operation, outcome: meteredAs(outcome), decided: outcome, startedAt, requestBytes: body.length, responseBytes });
    settle(outcome);
  };
  const fail = (error: unknown): void => {
    engine.log.error({ err: error, operation: operation.toolName }, 'A request to an MCP server failed for a reason of our own.');
    finish({ kind: 'upstream_failed', reason: 'The gateway could not make the request.', timeout: false });
  };
  const go = (decision: { readonly refused: CallOutcome } | { readonly described: unknown }): void => {
    if ('refused' in decision) return finish(decision.refused);
    const rules = operation.api.policies.contents.request;
    const whole = rules.length === 0 ? body : Buffer.from(JSON.stringify(params));
    const verdict = rules.length === 0 ? { body: whole } : inspectBody(engine, 'request', rules, whole, 'application/json');
    if ('reason' in verdict) return finish({ kind: 'content_refused', reason: verdict.reason });
    const kept: Readonly<Record<string, unknown>> =
      verdict.body === whole ? params : (parseExactJson(verdict.body.toString('utf8')).value as Record<string, unknown>);
    // The header says what the body says, and nothing that was masked there.
    const name = request.name === undefined ? undefined : String(kept['uri'] ?? kept['name']);
    sendToServer(engine, { ...request, params: kept, name }, finish);
  };
  try {
    const decision = refusalOf(engine, request, operation, () => ({
      faults: [],
      bodyBytes: body.length,
      argumentsOf: () => ({ values: asked, unknown: [] }),
    }));
    if (decision instanceof Promise) decision.then(go).catch(fail);
    else go(decision);
  } catch (error) {
    fail(error);
  }
}

/** The outcome of a call as it is metered, for one that is known to mean something. */
export function meteredAs(outcome: CallOutcome): MeteredOutcome {
  switch (outcome.kind) {
    case 'result':
      return outcome.status >= 500 ? 'upstream_error' : outcome.status >= 300 ? 'client_error' : 'ok';
    case 'passed':
      return outcome.isError ? 'client_error' : 'ok';
    case 'unknown_tool':
      return 'forbidden';
    case 'upstream_failed':
    case 'circuit_open':
    case 'upstream_busy':
      return 'upstream_error';
    case 'approval_needed':
      return 'unapproved';
    case 'unapproved':
      return outcome.why === 'unavailable' ? 'undecided' : 'unapproved';
    case 'answer_withheld':
      return 'content_refused';
    case 'address_refused':
    case 'not_permitted':
    case 'time_refused':
    case 'scopes_missing':
      return 'forbidden';
    case 'uncounted':
      return 'undecided';
    default:
      return outcome.kind;
  }
}

/** Whether somebody may go on with what he began, by the same decisions once more; undefined where he may. */
export async function refusalToGoOn(
  engine: DecidingEngine,
  calling: Calling,
  operation: OperationEntry,
  given: unknown,
): Promise<CallOutcome | undefined> {
  const bodyBytes = Buffer.byteLength(JSON.stringify(given) ?? '');
  const decision = await refusalOf(engine, calling, operation, () => ({
    faults: [],
    bodyBytes,
    argumentsOf: () => ({ values: {}, unknown: ['arguments'] }),
  }));
  return 'refused' in decision ? decision.refused : undefined;
}
