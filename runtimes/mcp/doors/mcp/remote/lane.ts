import type { ServerResponse } from 'node:http';
import { refusalToGoOn, startRequest } from '../../../decide/ask-server.ts';
import { personOf } from '../../../decide/person.ts';
import { methodNotFound } from '../../../federation/pending.ts';
import type { McpRequestName, OperationEntry } from '../../../model.ts';
import { newest, revisionSaidIn } from '../../../revisions/revisions.ts';
import { answerOf, resultMembers } from '../call-result.ts';
import type { CallAnswer } from '../call-result.ts';
import { failToAnswer, registerCancellation, startToPerform, traceOf } from '../exchange.ts';
import type { Exchange } from '../exchange.ts';
import { keeperOf } from './context.ts';
import type { RemoteContext } from './context.ts';
import { invalidCursorMessage, toolResult } from '../hot-lane.ts';
import { errorCode, isObject, sendRpcError } from '../json-rpc.ts';
import { RemoteAnswer } from './answering.ts';
import { callingOf } from './calling.ts';
import { answerSubscription } from './changes.ts';
import { conversation, levels } from './conversation.ts';
import { tokenIn } from './held-calls.ts';
import type { KeptStream } from './kept-streams.ts';
import type { Waiting } from './held-calls.ts';
import { isListMethod, listPage } from './lists.ts';
import type { RemoteRequest } from './recognise-remote.ts';
import { ownerOfPrompt, ownerOfUri, visibleServers } from './visible.ts';

/** Answers a request that concerns MCP servers, after the same decisions as any call. */
export function answerRemote(context: RemoteContext, exchange: Exchange, request: RemoteRequest, response: ServerResponse): Promise<void> | void {
  const answer = new RemoteAnswer(response, request.id, revisionSaidIn(exchange.headers), keeping(context, exchange, request, response));
  const { method, params } = request;
  if (isListMethod(method)) return answerList(exchange, request, answer);
  // Whoever may see nothing of any server is told what he would be told if there were none.
  if (method !== 'tools/call' && visibleServers(exchange).length === 0) return refuseUnknown(context, exchange, answer, methodNotFound);
  if (method === 'logging/setLevel') {
    if (!levels.includes(String(params['level']))) {
      const message = `Invalid params: level must be one of ${levels.join(', ')}.`;
      return answer.error(JSON.stringify({ code: errorCode.invalidParams, message }));
    }
    context.clients.setLogLevel(exchange, params['level']);
    return answer.result('{}');
  }
  if (method === 'resources/subscribe' || method === 'resources/unsubscribe') return answerSubscription(context, exchange, request, answer);
  const deliver = (outcome: CallAnswer): void => {
    // From here an error has nobody else to go to.
    try {
      answerWith(context, exchange, request, outcome, answer, response);
    } catch (error) {
      failToAnswer(context, response, error);
    }
  };
  const token = tokenIn(params);
  if (token !== undefined) return goOn(context, exchange, request, { token, waiting: { answer, deliver } });
  const target = method === 'tools/call' ? toolOf(exchange, request) : targetOf(exchange, request);
  if (target === undefined) return refuseUnknown(context, exchange, answer, JSON.stringify(notThere(request)));
  const { talk, cancellation, settle } = conversation(context, exchange, request, { operation: target.operation, answer, deliver });
  if (method === 'tools/call') {
    const { name, arguments: args, _meta: meta } = params;
    const call = { id: request.id, name: String(name), args: isObject(args) ? args : {}, meta: isObject(meta) ? meta : undefined, talk };
    return startToPerform(context, exchange, call, cancellation, settle);
  }
  const forget = registerCancellation(context, exchange, request.id, cancellation);
  const { requestId, headers, credential } = exchange;
  const meta = params['_meta'];
  const trace = traceOf(isObject(meta) ? meta : undefined, headers);
  startRequest(context.engine, { ...callingOf(exchange), ...target, requestId, credential, cancellation, trace, method, talk }, (outcome) => {
    forget?.();
    settle(outcome.kind === 'unknown_tool' ? { kind: 'error', error: notThere(request) } : answerOf(target.name ?? method, outcome));
  });
}

/** The stream of an answer may be come back to by a client of an older revision that has a session; since 2026-07-28 a closed connection is a cancellation. */
function keeping(context: RemoteContext, exchange: Exchange, { era }: RemoteRequest, response: ServerResponse): (() => KeptStream) | undefined {
  if (era === 'modern' || !context.clients.hasSession(exchange)) return undefined;
  return () => {
    const stream = context.kept.begin(keeperOf(context, exchange), response, () => exchange.cancellation.cancel());
    exchange.outlives = () => stream.outlives();
    return stream;
  };
}

/** A client of 2026-07-28 brings what it was asked for, and is decided on once more. */
async function goOn(
  context: RemoteContext,
  exchange: Exchange,
  request: RemoteRequest,
  { token, waiting }: { token: string; waiting: Waiting },
): Promise<void> {
  const { params } = request;
  const held = context.held.find(token, personOf(exchange));
  if (held === undefined) {
    const message = 'Invalid or expired requestState: begin anew, without it.';
    return waiting.answer.error(JSON.stringify({ code: errorCode.invalidParams, message, data: { reason: 'invalid_request_state' } }));
  }
  // The entry of today: that of the beginning may not be served any more.
  const { api, operationId } = held.operation;
  const operation = exchange.snapshot.mcpServers.get(api.id)?.operations.find((each) => each.operationId === operationId) ?? held.operation;
  const refused = await refusalToGoOn(context.engine, callingOf(exchange), operation, params['inputResponses']);
  if (refused !== undefined) {
    held.cancellation.cancel();
    return waiting.deliver(answerOf(String(params['name'] ?? request.method), refused));
  }
  exchange.cancellation.tell(held.cancellation);
  held.bring(params['inputResponses']);
  held.attach(waiting);
}

/** What is not there for a caller counts as a call of something unknown. */
function refuseUnknown({ engine }: RemoteContext, { caller, addressOf }: Exchange, answer: RemoteAnswer, error: string): void {
  const nothing = { operation: undefined, durationMs: 0, requestBytes: 0, responseBytes: 0 };
  engine.meter.record({ door: 'mcp', outcome: 'unknown', consumerId: caller.consumerId, keyId: caller.keyId, ...nothing, addressOf });
  answer.error(error);
}

function answerList(exchange: Exchange, { method, params, era }: RemoteRequest, answer: RemoteAnswer): void {
  const page = listPage(exchange, method, params['cursor'], era);
  if (page === undefined) return answer.error(JSON.stringify({ code: errorCode.invalidParams, message: invalidCursorMessage }));
  answer.result(page);
}

type Target = { readonly operation: OperationEntry; readonly params: Readonly<Record<string, unknown>>; readonly name: string | undefined };

function toolOf({ snapshot }: Exchange, { params }: RemoteRequest): Target | undefined {
  const tool = snapshot.tools.get(String(params['name']));
  return tool && { operation: tool.operation, params, name: tool.name };
}

/** Whom a request is for, and what it says in his names; undefined where there is nobody that the caller may know of. */
function targetOf(exchange: Exchange, { method, params }: RemoteRequest): Target | undefined {
  const servers = (request: McpRequestName) => visibleServers(exchange, request);
  if (method === 'resources/read') {
    const uri = String(params['uri']);
    const owner = ownerOfUri(servers('resources/read'), uri);
    return owner && { operation: owner.mcp.requests['resources/read'], params, name: uri };
  }
  if (method === 'prompts/get') {
    const owner = ownerOfPrompt(servers('prompts/get'), String(params['name']));
    const name = owner?.prompt.ownName;
    return owner && { operation: owner.server.mcp.requests['prompts/get'], params: { ...params, name }, name };
  }
  const ref = isObject(params['ref']) ? params['ref'] : {};
  const completing = servers('completion/complete');
  if (ref['type'] === 'ref/resource') {
    const owner = ownerOfUri(completing, String(ref['uri']));
    return owner && { operation: owner.mcp.requests['completion/complete'], params, name: undefined };
  }
  const owner = ownerOfPrompt(completing, String(ref['name']));
  const renamed = { ...params, ref: { ...ref, name: owner?.prompt.ownName } };
  return owner && { operation: owner.server.mcp.requests['completion/complete'], params: renamed, name: undefined };
}

function notThere({ method, era, params }: RemoteRequest): { code: number; message: string; data?: object } {
  if (method !== 'resources/read') return { code: errorCode.invalidParams, message: 'There is nothing of this name.' };
  return { code: newest[era].resourceNotFound, message: 'Resource not found', data: { uri: String(params['uri']).toWellFormed().slice(0, 2048) } };
}

function answerWith(
  context: RemoteContext,
  exchange: Exchange,
  { id, method, era }: RemoteRequest,
  outcome: CallAnswer,
  answer: RemoteAnswer,
  response: ServerResponse,
): void {
  switch (outcome.kind) {
    case 'none':
      return answer.nothing();
    case 'raw':
      return outcome.error === undefined ? answer.result(outcome.result ?? '{}') : answer.error(outcome.error);
    case 'error':
      return answer.error(JSON.stringify(outcome.error));
    case 'scopes_missing':
      if (!response.headersSent)
        return sendRpcError(response, 403, outcome.error, { id, headers: { 'www-authenticate': exchange.challenge(outcome.scopes) } });
      return answer.error(JSON.stringify(outcome.error));
    case 'result': {
      const headers = outcome.retryAfterS === undefined ? undefined : { 'retry-after': String(outcome.retryAfterS) };
      if (method === 'tools/call') return answer.result(toolResult(context, era, resultMembers(outcome.result)), headers);
      // Only a tool has results that say what went wrong: everything else has errors.
      const [first] = outcome.result.content;
      const message = first?.type === 'text' ? first.text : 'The request failed.';
      const code = outcome.retryAfterS === undefined ? errorCode.internal : errorCode.server;
      return answer.error(JSON.stringify({ code, message }), headers);
    }
  }
}
