import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import type { NodeIncomingMessageLike } from '@modelcontextprotocol/node';
import {
  ProtocolError,
  ProtocolErrorCode,
  Server,
  WebStandardStreamableHTTPServerTransport,
  createMcpHandler,
  isInitializeRequest,
  isLegacyRequest,
} from '@modelcontextprotocol/server';
import type { CallToolResult, ListToolsResult } from '@modelcontextprotocol/server';
import { listTools } from '../pipeline.ts';
import { listTtlMs, performCall } from './exchange.ts';
import type { DoorContext, Exchange } from './exchange.ts';
import { invalidCursorMessage } from './hot-lane.ts';
import type { Streams } from './streams.ts';
import { pageOf } from './tool-list.ts';

/** Everything that is not hot, served by the MCP SDK: `initialize`, `server/discover`, subscriptions, batches, and every refusal. */
export type SdkLane = {
  /** Serves a POST whose body was read and parsed. */
  answer(exchange: Exchange, message: unknown, request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Tells the subscriptions of 2026-07-28 that the list of tools is another one. */
  toolsChanged(): void;
  close(): Promise<void>;
};

export function createSdkLane(context: DoorContext, streams: Streams, options: { keepAliveMs: number; maxStreams: number }): SdkLane {
  const onerror = (error: Error): void => context.log.debug({ err: error }, 'An MCP request was refused.');
  // The revisions before 2026-07-28 are ours to route, because the SDK's own fallback answers them as event streams only.
  const modern = createMcpHandler(({ authInfo }) => createServer(context, authInfo?.extra?.['exchange'] as Exchange), {
    legacy: 'reject',
    onerror,
    keepAliveMs: options.keepAliveMs,
    maxSubscriptions: options.maxStreams,
  });
  const serve = async (webRequest: Request, exchange: Exchange, message: unknown): Promise<Response> => {
    if (await isLegacyRequest(webRequest, message)) return serveLegacy(context, exchange, webRequest, message);
    const authInfo = { token: '', clientId: exchange.caller.consumerId, scopes: [], extra: { exchange } };
    return modern.fetch(webRequest, { authInfo, parsedBody: message });
  };
  return {
    async answer(exchange, message, request, response) {
      const { signal } = exchange.controller;
      const fetch = async (webRequest: Request): Promise<Response> => {
        const answered = await serve(new Request(webRequest, { signal }), exchange, message);
        if (isEventStream(answered)) {
          const forget = streams.register(exchange.credential, () => exchange.controller.abort());
          response.on('close', forget);
        }
        // See endWithoutAnswer in hot-lane.ts; a batch is still owed the answers of its other requests.
        if (exchange.cancelled && !Array.isArray(message)) return new Response(null, { headers: { 'content-type': 'text/event-stream' } });
        if (exchange.retryAfterS !== undefined) answered.headers.set('retry-after', String(exchange.retryAfterS));
        return answered;
      };
      // node:http declares `method` as possibly undefined where the adapter declares it as optional: the same to read.
      await toNodeHandler({ fetch }, { onerror })(request as NodeIncomingMessageLike, response, message);
    },
    toolsChanged: () => modern.notify.toolsChanged(),
    close: () => modern.close(),
  };
}

function createServer(context: DoorContext, exchange: Exchange): Server {
  const server = new Server(context.serverInfo, {
    capabilities: { tools: { listChanged: true } },
    cacheHints: { 'tools/list': { ttlMs: listTtlMs, cacheScope: 'private' } },
  });
  server.setRequestHandler('tools/list', (request): ListToolsResult => {
    const page = pageOf(listTools(exchange.snapshot, exchange.caller), request.params?.cursor);
    if (page === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, invalidCursorMessage);
    return { tools: [...page.tools], ...(page.nextCursor !== undefined && { nextCursor: page.nextCursor }) };
  });
  server.setRequestHandler('tools/call', async (request, { mcpReq }): Promise<CallToolResult> => {
    const { name, arguments: args = {} } = request.params;
    const controller = new AbortController();
    for (const signal of [exchange.controller.signal, mcpReq.signal]) {
      signal.addEventListener('abort', () => controller.abort(), { once: true, signal: controller.signal });
    }
    const answer = await performCall(context, exchange, { id: mcpReq.id, name, args, meta: mcpReq._meta }, controller);
    if (answer.kind === 'result') return answer.result;
    if (answer.kind === 'error') throw new ProtocolError(answer.error.code, answer.error.message);
    throw new ProtocolError(ProtocolErrorCode.InternalError, 'The request was cancelled.');
  });
  return server;
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
    if (response.ok && isInitializeRequest(message)) response.headers.set('mcp-session-id', randomUUID());
    return response;
  } finally {
    await server.close();
  }
}

function isEventStream(response: Response): boolean {
  return response.headers.get('content-type')?.startsWith('text/event-stream') === true;
}
