import type { AnyResponse } from '@stoa/lib/quick/any.ts';
import { SERVER_INFO_META_KEY } from '@modelcontextprotocol/server';
import type { InputRequiredResult } from '@modelcontextprotocol/server';
import { showsUrls } from './approval-answer.ts';
import { resultMembers } from './call-result.ts';
import type { CallAnswer } from './call-result.ts';
import { failToAnswer, listTtlMs, startToPerform } from './exchange.ts';
import type { DoorContext, Exchange } from './exchange.ts';
import { prefersStream } from './accept.ts';
import { errorCode, sendEvent, sendJson, sendRpcError } from './json-rpc.ts';
import type { Era, HotRequest } from './recognise.ts';
import { listedTo } from './search/search-tools.ts';
import { pageOf } from './tool-list.ts';

export const invalidCursorMessage = 'Invalid cursor: start again without one.';

/** Answers a recognised request with one JSON document, without the SDK, whose server costs eight times as much. */
export function answerHot(context: DoorContext, exchange: Exchange, request: HotRequest, response: AnyResponse): void {
  if (request.method === 'tools/list') return answerList(context, exchange, request, response);
  startToPerform(context, exchange, request, exchange.cancellation, (answer) => {
    // From here an error has nobody else to go to.
    try {
      answerCall(context, exchange, request, answer, response);
    } catch (error) {
      failToAnswer(context, response, error);
    }
  });
}

function answerCall(
  context: DoorContext,
  exchange: Exchange,
  request: Extract<HotRequest, { method: 'tools/call' }>,
  answer: CallAnswer,
  response: AnyResponse,
): void {
  if (answer.kind === 'none') return endWithoutAnswer(response);
  if (answer.kind === 'scopes_missing') {
    const headers = { 'www-authenticate': exchange.challenge(answer.scopes) };
    return sendRpcError(response, 403, answer.error, { id: request.id, headers });
  }
  if (answer.kind === 'raw') {
    const told = answer.error === undefined ? `"result":${answer.result ?? '{}'}` : `"error":${answer.error}`;
    return sendJson(response, 200, `{"jsonrpc":"2.0","id":${JSON.stringify(request.id)},${told}}`);
  }
  if (answer.kind === 'error') return sendRpcError(response, 200, answer.error, { id: request.id });
  const headers = exchange.retryAfterS === undefined ? undefined : { 'retry-after': String(exchange.retryAfterS) };
  if (answer.asks !== undefined && request.era === 'modern' && showsUrls(request.meta))
    return sendJson(response, 200, askingFor(context, request, answer.asks));
  sendResult(exchange, request, response, envelope(request, resultMembers(answer.result), tail(context, request.era, answer.meta)), headers);
}

function answerList(context: DoorContext, exchange: Exchange, request: Extract<HotRequest, { method: 'tools/list' }>, response: AnyResponse): void {
  const page = pageOf(listedTo(exchange), request.cursor, request.era);
  if (page === undefined) {
    return sendRpcError(response, 200, { code: errorCode.invalidParams, message: invalidCursorMessage }, { id: request.id });
  }
  const cache = request.era === 'modern' ? `,"ttlMs":${listTtlMs},"cacheScope":"private"` : '';
  const end = `${cache}${tail(context, request.era)}},"jsonrpc":"2.0","id":${JSON.stringify(request.id)}}`;
  sendResult(exchange, request, response, Buffer.concat([Buffer.from('{"result":{'), page.bytes, Buffer.from(end)]));
}

/** Either form is an answer; an older client that prefers a stream has one. */
function sendResult(
  { headers: { accept } }: Exchange,
  { era }: HotRequest,
  response: AnyResponse,
  body: string | Buffer,
  headers?: Record<string, string>,
): void {
  if (era === 'legacy' && prefersStream(accept)) return sendEvent(response, body.toString(), headers);
  sendJson(response, 200, body, headers);
}

/**
 * What a client that cancelled is sent: the end of a stream without a response in it, since it expects none (MCP 2025-11-25
 * "Cancellation: behavior requirements") and a JSON body would have to be one.
 */
export function endWithoutAnswer(response: AnyResponse): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(200, ['content-type', 'text/event-stream', 'cache-control', 'no-cache, no-transform', 'content-length', '0']);
  response.end('');
}

function envelope(request: HotRequest, members: string, end: string): string {
  return `{"result":{${members}${end}},"jsonrpc":"2.0","id":${JSON.stringify(request.id)}}`;
}

/** What a client of 2026-07-28 is asked for before there is a result. */
function askingFor({ serverInfo }: DoorContext, { id }: HotRequest, asks: InputRequiredResult): string {
  return JSON.stringify({ result: { ...asks, _meta: { [SERVER_INFO_META_KEY]: serverInfo } }, jsonrpc: '2.0', id });
}

/** A result of ours as an object. */
export const toolResult = (context: DoorContext, era: Era, members: string): string => `{${members}${tail(context, era)}}`;

/** What 2026-07-28 adds to every result. */
function tail(context: DoorContext, era: Era, meta?: Readonly<Record<string, unknown>>): string {
  if (era === 'legacy') return meta === undefined ? '' : `,"_meta":${JSON.stringify(meta)}`;
  return `,"resultType":"complete","_meta":${JSON.stringify({ ...meta, [SERVER_INFO_META_KEY]: context.serverInfo })}`;
}
