import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Tables } from '../admin/store.ts';
import type { Input } from '../schemas/field.ts';
import type { EarlyAnswer, PluginRun, ProxyExchange } from './exchange.ts';
import { createPlugins, effectivePlugin } from './plugins.ts';
import { normalisePath, type RouteMatch, type Router } from './router.ts';
import { callUpstream, NoPeer, UpstreamTimeout } from './upstream.ts';

/** What the proxy has taken over from the Admin API so far. */
export interface ProxyView {
  tables: Tables;
  router: Router;
}
export interface ProxyOptions {
  view: () => ProxyView;
  newId: () => string;
  now: () => number;
  proxyPort: () => number;
}

const maxBodyBytes = 128 * 1024 * 1024;

/** The proxy port: routes, runs the plugins it has, forwards. */
export function createProxyServer(options: ProxyOptions): Server {
  const plugins = createPlugins();
  return createServer((request, response) => {
    proxy(options, plugins, request, response).catch((error: unknown) => {
      if (response.headersSent) return response.destroy();
      console.error('kong simulator: proxied request failed:', error);
      sendEarly(response, new Map(), newRequestId(), { status: 500, message: 'An unexpected error occurred' });
      return undefined;
    });
  });
}

async function proxy(
  options: ProxyOptions,
  plugins: readonly (readonly [string, PluginRun])[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = newRequestId();
  const { tables, router } = options.view();
  const [rawPath = '/', search = ''] = (request.url ?? '/').split('?', 2);
  const path = normalisePath(rawPath);
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  const method = request.method ?? 'GET';
  const match = router({ method, host, path, headers: request.headers });
  if (!match) return sendEarly(response, new Map(), requestId, { status: 404, message: 'no Route matched with those values' });
  const clientIp = (request.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, '');
  const body = await readAll(request);
  const forwarded = forwardedHeaders(request, { clientIp, host, rawPath, requestId, match, proxyPort: options.proxyPort() });
  const exchange: ProxyExchange = {
    method,
    path,
    headers: request.headers,
    clientIp,
    match,
    tables,
    now: options.now(),
    newId: options.newId,
    body,
    rawQuery: search,
    query: new URLSearchParams(search),
    upstreamHeaders: forwarded,
    responseHeaders: new Map(),
    removedHeaders: new Set(),
    replacedHeaders: new Map(),
  };
  const early = runPlugins(plugins, exchange) ?? (match.service ? undefined : { status: 503, message: 'no Service found with those values' });
  if (early) return sendEarly(response, exchange.responseHeaders, requestId, early);
  await forward(exchange, path, requestId, response);
}

/** Every plugin marks the answer even when an earlier one gives it, because Kong's header phase runs for its own answers too. */
function runPlugins(plugins: readonly (readonly [string, PluginRun])[], exchange: ProxyExchange): EarlyAnswer | undefined {
  const alwaysMarks = new Set(['cors', 'response-transformer']);
  let answer: EarlyAnswer | undefined;
  for (const [name, run] of plugins) {
    if (answer && !alwaysMarks.has(name)) continue;
    const plugin = effectivePlugin(name, exchange);
    if (!plugin) continue;
    const result = run(plugin['config'] as Input, exchange, plugin);
    answer ??= result;
  }
  return answer;
}

async function forward(exchange: ProxyExchange, path: string, requestId: string, response: ServerResponse): Promise<void> {
  let upstream: IncomingMessage;
  try {
    upstream = await callUpstream(exchange, path);
  } catch (error) {
    return sendEarly(response, exchange.responseHeaders, requestId, upstreamFailure(error));
  }
  for (const [name, value] of Object.entries(upstream.headers)) {
    if (value !== undefined && name !== 'connection' && name !== 'keep-alive') response.setHeader(name, value);
  }
  for (const name of exchange.removedHeaders) response.removeHeader(name);
  for (const [name, value] of exchange.replacedHeaders) if (response.hasHeader(name)) response.setHeader(name, value);
  for (const [name, value] of exchange.responseHeaders) response.setHeader(name, value);
  if (!response.hasHeader('server')) response.setHeader('server', 'kong/3.9.3');
  response.setHeader('x-kong-upstream-latency', '1');
  response.setHeader('x-kong-proxy-latency', '1');
  response.setHeader('via', '1.1 kong/3.9.3');
  response.setHeader('x-kong-request-id', requestId);
  response.setHeader('x-stoa-simulator', 'kong');
  response.writeHead(upstream.statusCode ?? 502);
  await pipeline(upstream, response);
}

function upstreamFailure(error: unknown): EarlyAnswer {
  if (error instanceof NoPeer) return { status: 503, message: 'failure to get a peer from the ring-balancer' };
  if (error instanceof UpstreamTimeout) return { status: 504, message: 'The upstream server is timing out' };
  return { status: 502, message: 'An invalid response was received from the upstream server' };
}

function sendEarly(response: ServerResponse, marks: ReadonlyMap<string, string>, requestId: string, answer: EarlyAnswer): void {
  for (const [name, value] of [...marks, ...Object.entries(answer.headers ?? {})]) response.setHeader(name, value);
  const text = answer.raw?.body ?? JSON.stringify({ message: answer.message, request_id: requestId });
  const contentType = answer.raw ? answer.raw.contentType : 'application/json; charset=utf-8';
  if (contentType !== undefined) response.setHeader('content-type', contentType);
  response.setHeader('content-length', Buffer.byteLength(text));
  response.setHeader('x-kong-response-latency', '1');
  response.setHeader('server', 'kong/3.9.3');
  response.setHeader('x-kong-request-id', requestId);
  response.setHeader('x-stoa-simulator', 'kong');
  response.writeHead(answer.status).end(text);
}

const newRequestId = (): string => randomBytes(16).toString('hex');

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new Error(`The request body is over ${maxBodyBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

interface Forwarded {
  clientIp: string;
  host: string;
  rawPath: string;
  requestId: string;
  match: RouteMatch;
  proxyPort: number;
}

/** The client's headers and what Kong adds to them. */
function forwardedHeaders(request: IncomingMessage, about: Forwarded): Map<string, string | string[]> {
  const headers = new Map<string, string | string[]>();
  for (const [name, value] of Object.entries(request.headers)) if (value !== undefined) headers.set(name, value);
  const chain = request.headers['x-forwarded-for'];
  headers.set('via', '1.1 kong/3.9.3');
  headers.set('x-forwarded-for', chain ? `${[chain].flat().join(', ')}, ${about.clientIp}` : about.clientIp);
  headers.set('x-forwarded-proto', 'http');
  headers.set('x-forwarded-host', about.host);
  headers.set('x-forwarded-port', String(about.proxyPort));
  headers.set('x-forwarded-path', about.rawPath);
  if (about.match.route['strip_path'] === true && about.match.matchedPath !== '') headers.set('x-forwarded-prefix', about.match.matchedPath);
  headers.set('x-real-ip', about.clientIp);
  headers.set('x-kong-request-id', about.requestId);
  return headers;
}
