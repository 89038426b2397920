import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { recordedAnswer } from '../recorded.ts';
import { type AdminAnswer, type AdminCall, type Endpoint, findEndpoint } from './endpoints.ts';
import type { Fault, FaultQueue } from './faults.ts';
import { KongError, methodNotAllowed, notFound } from './kong-error.ts';
import { readBody, UnsupportedMediaType } from './request-body.ts';

/** One request that reached the Admin API, for tests that assert what a client did. */
export interface AdminExchange {
  method: string;
  /** With its query. */
  path: string;
  /** 0 when a fault cut the connection. */
  status: number;
}

export interface AdminOptions {
  node: AdminCall['node'];
  ports: () => AdminCall['ports'];
  faults: FaultQueue;
  record: (exchange: AdminExchange) => void;
  /** Waits this long before each answer. */
  delayMs: number;
}

/** The Admin API over HTTP. It has no authentication, as Kong's open-source one has none: listen on loopback. */
export function createAdminServer(options: AdminOptions): Server {
  return createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      console.error('kong simulator: admin request failed:', error);
      send(response, request.method, { status: 500, body: { message: 'An unexpected error occurred' } });
    });
  });
}

async function answer(options: AdminOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const method = request.method ?? 'GET';
  const path = request.url ?? '/';
  const [pathname = '/', search = ''] = path.split('?', 2);
  if (options.delayMs > 0) await delay(options.delayMs);
  const fault = options.faults.take(method, pathname);
  const real = fault && !fault.applied ? undefined : await realAnswer(options, request, method, pathname, search);
  options.record({ method, path, status: fault ? (fault.status ?? 0) : real!.status });
  if (fault) return sendFault(response, method, fault);
  if (real === unsupportedMediaType) return sendUnsupported(response);
  send(response, method, real!, findEndpoint(pathname));
}

const unsupportedMediaType: AdminAnswer = { status: 415 };

async function realAnswer(options: AdminOptions, request: IncomingMessage, method: string, pathname: string, search: string): Promise<AdminAnswer> {
  try {
    const endpoint = findEndpoint(pathname);
    if (!endpoint) throw unknownEndpoint(pathname);
    if (method === 'OPTIONS') return { status: 204 };
    const hasBody = method !== 'GET' && method !== 'HEAD' && method !== 'DELETE';
    const body = hasBody ? await readBody(request) : {};
    const handler = endpoint[(method === 'HEAD' ? 'GET' : method) as keyof Endpoint];
    if (!handler) throw methodNotAllowed();
    return handler({ node: options.node, path: pathname, query: new URLSearchParams(search), body, ports: options.ports() });
  } catch (error) {
    if (error instanceof UnsupportedMediaType) return unsupportedMediaType;
    if (error instanceof KongError) return { status: error.status, body: error.body };
    throw error;
  }
}

/** Says so when the real Kong has the endpoint: a 404 there would teach a client something false. */
function unknownEndpoint(pathname: string): KongError {
  const known = (recordedAnswer('/endpoints')['data'] as string[]).some((template) => {
    const pattern = template
      .split(/\{[^}]+\}/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^/]+');
    return new RegExp(`^${pattern}/?$`).test(pathname);
  });
  return known ? new KongError(501, { message: `the Kong simulator does not copy ${pathname}` }) : notFound();
}

function commonHeaders(response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('x-kong-admin-latency', '1');
  response.setHeader('server', 'kong/3.9.3');
  response.setHeader('x-stoa-simulator', 'kong');
}

function send(response: ServerResponse, method: string | undefined, { status, body }: AdminAnswer, endpoint?: Endpoint): void {
  commonHeaders(response);
  if (method === 'OPTIONS' && endpoint) {
    const methods = [...Object.keys(endpoint), 'HEAD', 'OPTIONS'].sort().join(', ');
    response.setHeader('allow', methods);
    response.setHeader('access-control-allow-methods', methods);
    response.setHeader('access-control-allow-headers', 'Content-Type');
  }
  if (body === undefined) {
    response.writeHead(status).end();
    return;
  }
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) });
  response.end(method === 'HEAD' ? undefined : text);
}

function sendUnsupported(response: ServerResponse): void {
  const title = '415 Unsupported Media Type';
  const lines = ['<html>', `<head><title>${title}</title></head>`, '<body>', `<center><h1>${title}</h1></center>`, '</body>', '</html>', ''];
  commonHeaders(response);
  response.writeHead(415, { 'content-type': 'text/html; charset=UTF-8' }).end(lines.join('\r\n'));
}

function sendFault(response: ServerResponse, method: string, fault: Fault): void {
  if (fault.status === undefined) response.destroy();
  else send(response, method, { status: fault.status, body: fault.body ?? { message: 'An unexpected error occurred' } });
}
