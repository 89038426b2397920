import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Fault, FaultQueue } from '../../kong-simulator/admin/faults.ts';
import type { Json, State } from '../state.ts';
import { recordOf } from './definition.ts';
import { endpointAt, type Answer } from './endpoints.ts';
import { ManagementError, noSuchMethod, noSuchPath, refused } from './errors.ts';

/** One request that reached the Management API, for tests that assert what a client did. */
export interface ManagementExchange {
  method: string;
  /** With its query. */
  path: string;
  /** 0 when a fault cut the connection. */
  status: number;
  body: Json;
}

export interface ManagementOptions {
  state: State;
  faults: FaultQueue;
  /** Personal access tokens that are good, for an administrator. */
  tokens: readonly string[];
  hasGateway: () => boolean;
  record: (exchange: ManagementExchange) => void;
  /** Called after each request that may have changed something, before it is answered. */
  changed: () => void;
}

const maxBytes = 8 * 1024 * 1024;
const basic = (user: string): string => `Basic ${Buffer.from(`${user}:${user}`).toString('base64')}`;

export function createManagementServer(options: ManagementOptions): Server {
  return createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      console.error('gravitee simulator: a request failed:', error);
      response.destroy();
    });
  });
}

async function answer(options: ManagementOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const method = request.method ?? 'GET';
  const path = request.url ?? '/';
  const text = await readText(request);
  const fault = options.faults.take(method, path.split('?', 1)[0] ?? '');
  const real = fault && !fault.applied ? undefined : realAnswer(options, request, text);
  options.record({ method, path, status: fault ? (fault.status ?? 0) : (real?.status ?? 0), body: recordOf(parsed(text)) });
  if (fault) return sendFault(response, fault);
  send(response, real ?? { status: 500 });
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw new Error(`a body of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function realAnswer(options: ManagementOptions, request: IncomingMessage, text: string): Answer {
  try {
    const made = handled(options, request, text);
    if (request.method !== 'GET') options.changed();
    return made;
  } catch (error) {
    if (error instanceof ManagementError) return { status: error.status, body: error.body };
    if (error instanceof Unauthorized) return { status: 401, headers: error.headers };
    throw error;
  }
}

class Unauthorized extends Error {
  readonly headers: Record<string, string>;
  constructor(headers: Record<string, string>) {
    super('unauthorized');
    this.headers = headers;
  }
}

function handled(options: ManagementOptions, request: IncomingMessage, text: string): Answer {
  const base = `http://${request.headers.host ?? 'localhost'}`;
  const url = new URL(request.url ?? '/', base);
  const method = request.method ?? 'GET';
  const found = endpointAt(url.pathname);
  if (found?.isOpen !== true) requireRights(options.tokens, request.headers.authorization, method, url);
  if (/\/environments\/(?!DEFAULT(?:\/|$))/.test(url.pathname)) throw refusedEnvironment();
  if (found === undefined) throw noSuchPath();
  const handler = found.methods[method];
  if (handler === undefined) throw noSuchMethod();
  const body = text === '' ? {} : parsed(text);
  if (body === undefined) return { status: 400, body: brokenJson(text), headers: { 'content-type': 'text/plain' } };
  const ifMatch = request.headers['if-match'];
  return handler({
    state: options.state,
    url,
    params: found.params,
    query: url.searchParams,
    body: recordOf(body),
    ifMatch,
    base,
    hasGateway: options.hasGateway(),
  });
}

const refusedEnvironment = (): ManagementError => new ManagementError(400, { httpStatus: 400, message: 'Invalid organization or environment' });

const brokenJson = (text: string): string =>
  'Unexpected end-of-input within/between Object entries\n at [Source: REDACTED ' +
  `(\`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION\` disabled); line: 1, column: ${text.length + 1}]`;

/** Who has no rights sees an empty list, with status 200. */
function requireRights(tokens: readonly string[], authorization: string | undefined, method: string, url: URL): void {
  if (authorization === basic('admin') || tokens.some((token) => authorization === `Bearer ${token}`)) return;
  if (authorization === basic('application1')) {
    if (method === 'GET' && url.pathname.endsWith('/apis')) throw new ManagementError(200, emptyPage(url));
    throw refused(403, 'You do not have sufficient rights to access this resource', { code: 'forbidden' });
  }
  throw new Unauthorized(authorization?.startsWith('Bearer') ? {} : { 'www-authenticate': 'Basic realm="Gravitee.io Management API"' });
}

const emptyPage = (url: URL): Json => ({
  data: [],
  pagination: { page: 1, perPage: Number(url.searchParams.get('perPage') ?? 10), pageCount: 0, pageItemsCount: 0, totalCount: 0 },
  links: { self: url.href },
});

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  response.setHeader('x-stoa-simulator', 'gravitee');
  if (body === undefined) return void response.writeHead(status, headers).end();
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers, 'content-length': Buffer.byteLength(text) }).end(text);
}

function sendFault(response: ServerResponse, { status, body }: Fault): void {
  if (status === undefined) return void response.destroy();
  send(response, { status, ...(body !== undefined && { body }) });
}
