import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import {
  ProtocolError,
  ProtocolErrorCode,
  Server,
  WebStandardStreamableHTTPServerTransport,
  createMcpHandler,
  isInitializeRequest,
  isLegacyRequest,
} from '@modelcontextprotocol/server';
import type { AuthInfo, CallToolResult, InputRequiredResult, ListToolsResult, ServerEvent } from '@modelcontextprotocol/server';
import { parseExactJson } from '@stoa/lib/exact-json.ts';
import type { Steps } from '@stoa/lib/slices.ts';
import { Cancellation } from '../../upstream/cancellation.ts';
import { showsUrls } from './approval-answer.ts';
import type { CallAnswer } from './call-result.ts';
import { ownId, withOwnIds, withStandInIds } from './exact-ids.ts';
import { listTtlMs, performCall } from './exchange.ts';
import type { DoorContext, Exchange } from './exchange.ts';
import { endWithoutAnswer, invalidCursorMessage } from './hot-lane.ts';
import { errorCode, idOf, isObject, sendRpcError } from './json-rpc.ts';
import type { JsonRpcError, RequestId } from './json-rpc.ts';
import type { RefusedRequest } from './malformed.ts';
import { revisionNames, revisionSaidIn } from '../../revisions/revisions.ts';
import { listedTo } from './search/search-tools.ts';
import type { Streams } from './streams.ts';
import { SubscriptionBus } from './subscription-bus.ts';
import { introduce } from './remote/hello.ts';
import { pageOf } from './tool-list.ts';

/** Everything that is not hot, served by the MCP SDK: `initialize`, `server/discover`, subscriptions, batches, and every refusal. */
export type SdkLane = {
  /** Serves a POST whose body was read and parsed. The answers to `refused`, which were part of a batch, are sent with those to the rest of it. */
  answer(
    exchange: Exchange,
    message: unknown,
    request: IncomingMessage,
    response: ServerResponse,
    refused?: readonly RefusedRequest[],
  ): Promise<void>;
  /** Tells the subscriptions of 2026-07-28 of the callers concerned of a change. */
  changed(event: ServerEvent, concerns: (credential: string) => boolean): Steps<void>;
  /** Tells every subscriber that its stream ends. Calls go on. */
  endSubscriptions(): Promise<void>;
};

export function createSdkLane(context: DoorContext, streams: Streams, options: { keepAliveMs: number; maxStreams: number }): SdkLane {
  const onerror = (error: Error): void => context.log.debug({ err: error }, 'An MCP request was refused.');
  const { keepAliveMs, maxStreams } = options;
  // The revisions before 2026-07-28 are ours to route, because the SDK's own fallback answers them as event streams only.
  const bus = new SubscriptionBus();
  const handle = () =>
    createMcpHandler(({ authInfo }) => createServer(context, authInfo?.extra?.['exchange'] as Exchange), {
      legacy: 'reject',
      onerror,
      bus,
      keepAliveMs,
      maxSubscriptions: maxStreams,
    });
  const modern = handle();
  // Closing a handler cuts off what it has in flight: subscriptions shall end at a shutdown, calls shall not.
  const subscriptions = handle();
  return {
    async answer(exchange, given, request, response, refused = []) {
      const message = exchange.holdsExact ? withStandInIds(given) : given;
      const { cancellation, credential } = exchange;
      const webRequest = toWebRequest(request, cancellation.signal);
      const handler = isObject(message) && message['method'] === 'subscriptions/listen' ? subscriptions : modern;
      const answered = (await isLegacyRequest(webRequest, message))
        ? await serveLegacy(context, exchange, webRequest, message)
        : await bus.openedBy(credential, () => handler.fetch(webRequest, { authInfo: authInfoOf(exchange), parsedBody: message }));
      // For whoever has gone meanwhile it is given up by `write`, and 'close' comes no more.
      if (isEventStream(answered) && !response.destroyed) {
        response.on(
          'close',
          streams.register(credential, () => cancellation.cancel()),
        );
      }
      // See endWithoutAnswer; a batch is still owed the answers of its other requests.
      if (exchange.cancelled && !Array.isArray(message)) return endWithoutAnswer(response);
      if (exchange.missingScopes !== undefined && !Array.isArray(message)) return refuseScopes(exchange, exchange.missingScopes, message, response);
      if (exchange.retryAfterS !== undefined) answered.headers.set('retry-after', String(exchange.retryAfterS));
      // Returned, not awaited: a stream may last for days, and must not keep the snapshot alive that it began with.
      return write(await inOurWords(answered, refused, exchange.holdsExact), response);
    },
    changed: (event, concerns) => bus.changed(event, concerns),
    endSubscriptions: () => subscriptions.close(),
  };
}

function refuseScopes(exchange: Exchange, scopes: readonly string[], message: unknown, response: ServerResponse): Promise<void> {
  const error = { code: errorCode.server, message: `Forbidden: the token needs these scopes: ${scopes.join(' ')}.` };
  sendRpcError(response, 403, error, { id: idOf(message), headers: { 'www-authenticate': exchange.challenge(scopes) } });
  return Promise.resolve();
}

const emptyLists: Readonly<Record<string, { [list: string]: [] }>> = {
  'resources/list': { resources: [] },
  'resources/templates/list': { resourceTemplates: [] },
  'prompts/list': { prompts: [] },
};

function createServer(context: DoorContext, exchange: Exchange): Server {
  const instructions = exchange.snapshot.set?.instructions;
  const server = new Server(context.serverInfo, {
    ...introduce(exchange),
    ...(instructions !== undefined && { instructions }),
    cacheHints: { 'tools/list': { ttlMs: listTtlMs, cacheScope: 'private' } },
  });
  // Capabilities that are not declared, yet some clients ask for all lists: to them there is nothing, rather than no such method. What is no such method is the SDK's to say, with the
  // status that its revision wants.
  const { 'mcp-method': asked } = exchange.headers;
  if (revisionSaidIn(exchange.headers).era === 'legacy' || (typeof asked === 'string' && Object.hasOwn(emptyLists, asked))) {
    server.fallbackRequestHandler = ({ method }) => {
      const list = emptyLists[method];
      return list === undefined ? Promise.reject(new ProtocolError(errorCode.methodNotFound, 'Method not found')) : Promise.resolve(list);
    };
  }
  server.setRequestHandler('tools/list', (request): ListToolsResult => {
    const page = pageOf(listedTo(exchange), request.params?.cursor, revisionSaidIn(exchange.headers).era);
    if (page === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, invalidCursorMessage);
    return { tools: [...page.tools], ...(page.nextCursor !== undefined && { nextCursor: page.nextCursor }) };
  });
  server.setRequestHandler('tools/call', async (request, { mcpReq }): Promise<CallToolResult | InputRequiredResult> => {
    const { name, arguments: args = {} } = request.params;
    const cancellation = new Cancellation();
    exchange.cancellation.tell(cancellation);
    const cancel = (): void => cancellation.cancel();
    if (mcpReq.signal.aborted) cancel();
    mcpReq.signal.addEventListener('abort', cancel, { once: true });
    const answer = await performCall(context, exchange, { id: ownId(mcpReq.id), name, args, meta: mcpReq._meta }, cancellation);
    exchange.cancellation.forget(cancellation);
    mcpReq.signal.removeEventListener('abort', cancel);
    if (answer.kind === 'result') {
      // Whoever was asked already is told that it still waits, so that no client goes round in circles.
      const wasAsked = mcpReq.inputResponses !== undefined || mcpReq.requestState() !== undefined;
      return answer.asks !== undefined && !wasAsked && showsUrls(mcpReq.envelope) ? answer.asks : toSdk(answer);
    }
    if (answer.kind === 'raw') return rawResult(answer);
    if (answer.kind === 'error' || answer.kind === 'scopes_missing') throw new ProtocolError(answer.error.code, answer.error.message);
    throw new ProtocolError(ProtocolErrorCode.InternalError, 'The request was cancelled.');
  });
  return server;
}

/** What an MCP server answered. @throws ProtocolError where that is an error */
function rawResult({ result, error }: Extract<CallAnswer, { kind: 'raw' }>): CallToolResult {
  if (error === undefined) return parseExactJson(result ?? '{}').value as CallToolResult;
  const { code, message, data } = parseExactJson(error).value as { code: number; message: string; data?: unknown };
  throw new ProtocolError(code, message, data);
}

/** A result whose structure the SDK writes as the hot lane does: numbers stay what they are, since an `ExactNumber` knows how JSON writes it. */
function toSdk({ result: { structuredContent: json, ...result }, meta }: Extract<CallAnswer, { kind: 'result' }>): CallToolResult {
  const rest = meta === undefined ? result : { ...result, _meta: { ...meta } };
  return json === undefined ? rest : { ...rest, structuredContent: parseExactJson(json).value };
}

/** Serves one request of an older revision without a session: each has a server of its own, as the SDK's stateless fallback does it. */
async function serveLegacy(context: DoorContext, exchange: Exchange, request: Request, message: unknown): Promise<Response> {
  const server = createServer(context, exchange);
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  try {
    const gone = new Promise<Response>((resolve) => {
      request.signal.addEventListener('abort', () => resolve(new Response(null, { status: 499 })), { once: true });
    });
    const response = await Promise.race([transport.handleRequest(request, { parsedBody: message }), gone]);
    if (response.ok && isInitializeRequest(message)) {
      const id = randomUUID();
      response.headers.set('mcp-session-id', id);
      context.sessionBegun(id, exchange, message.params);
    }
    return response;
  } finally {
    await server.close();
  }
}

type RpcMessage = { id?: RequestId | null; error?: JsonRpcError; result?: { supportedVersions?: readonly string[] } };

/** The SDK tells by `server/discover` of the revisions without a handshake alone: the others are spoken too, and named where one is refused. */
function withAllRevisions(message: RpcMessage): RpcMessage {
  return message.result?.supportedVersions === undefined ? message : { ...message, result: { ...message.result, supportedVersions: revisionNames } };
}

/** What remains malformed behind our own checks the SDK tells as a dump of its validator, which is made for who wrote the schema. */
function withoutDump(message: RpcMessage): RpcMessage {
  if (message.error?.message.includes('[\n') !== true) return message;
  return { ...message, error: { code: errorCode.invalidParams, message: 'Invalid params: they are not those that MCP describes for this method.' } };
}

/** The SDK's answer without dumps, and with the answers to what it was not shown of a batch. */
async function inOurWords(answered: Response, refused: readonly RefusedRequest[], holdsExact: boolean): Promise<Response> {
  if (isEventStream(answered)) return holdsExact && answered.body !== null ? new Response(withOwnIds(answered.body), answered) : answered;
  const text = await answered.text();
  // An accepted notification has none.
  if (text === '' && refused.length === 0) return new Response(null, answered);
  const value = text === '' ? [] : (parseExactJson(text).value as RpcMessage | RpcMessage[]);
  const all = [value].flat().map((message) => withAllRevisions(withoutDump('id' in message ? { ...message, id: ownId(message.id) } : message)));
  const isBatch = Array.isArray(value) || refused.length > 0;
  const messages = isBatch ? [...all, ...refused.map((each) => ({ jsonrpc: '2.0', ...each }))] : all[0];
  const headers = new Headers(answered.headers);
  headers.set('content-type', 'application/json');
  return new Response(JSON.stringify(messages), { status: text === '' ? 200 : answered.status, headers });
}

/** The request as the SDK takes it, without its body: that goes beside it as the parsed message. */
function toWebRequest(request: IncomingMessage, signal: AbortSignal): Request {
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  return new Request(`http://localhost${request.url ?? '/'}`, { method: 'POST', headers, signal });
}

/** The SDK hands this through to the factory and looks at nothing in it. */
function authInfoOf(exchange: Exchange): AuthInfo {
  return { token: '', clientId: exchange.caller.consumerId, scopes: [], extra: { exchange } };
}

async function write(answered: Response, response: ServerResponse): Promise<void> {
  if (response.destroyed) {
    await answered.body?.cancel();
    return;
  }
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  if (answered.body === null) {
    response.end();
    return;
  }
  try {
    // The DOM's type of the same class.
    await pipeline(Readable.fromWeb(answered.body as ReadableStream), response);
  } catch (error) {
    // The client went away; pipeline has cancelled the body, which ends the subscription.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

function isEventStream(response: Response): boolean {
  return response.headers.get('content-type')?.startsWith('text/event-stream') === true;
}
