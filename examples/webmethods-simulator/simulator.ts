import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFaultQueue, type Fault } from '../kong-simulator/admin/faults.ts';
import { serve, type Counters } from './proxy.ts';
import { endpoints, RestError, type Answer } from './rest-api.ts';
import { clearState, emptyState, type Json, type State } from './state.ts';

export interface WebmethodsSimulatorOptions {
  /** 0 takes any free port. */
  port: number;
  host?: string;
  /** As Basic authentication has them; Administrator and manage when left out. */
  user?: string;
  password?: string;
  version?: string;
  /** Called after each request that may have changed something, before it is answered. */
  onChange?: () => void;
}
export interface WebmethodsExchange {
  method: string;
  path: string;
  /** 0 when a fault cut the connection. */
  status: number;
}
export interface WebmethodsSimulator {
  url: string;
  /** The last 20 000 requests of the REST API, oldest first. */
  exchanges: WebmethodsExchange[];
  failNext: (fault: Fault) => void;
  forgetFaults: () => void;
  state: State;
  clear: () => void;
  close: () => Promise<void>;
}

const prefix = '/rest/apigateway';
const maxBytes = 8 * 1024 * 1024;
const maxExchanges = 20_000;

/** Starts a simulator of webMethods API Gateway, made from its documents: nobody has held it against the real one. */
export async function startWebmethodsSimulator(options: WebmethodsSimulatorOptions): Promise<WebmethodsSimulator> {
  const { host = '127.0.0.1', user = 'Administrator', password = 'manage', version = '10.15.0.0' } = options;
  const state = emptyState();
  const counters: Counters = new Map();
  const faults = createFaultQueue();
  const exchanges: WebmethodsExchange[] = [];
  const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

  function real(method: string, url: URL, authorization: string | undefined, text: string): Answer {
    if (authorization !== wanted) return { status: 401 };
    const path = url.pathname.slice(prefix.length);
    const [handlers, params] = endpointAt(path);
    const handler = handlers?.[method];
    if (handler === undefined) return { status: handlers === undefined ? 404 : 405, body: { errorDetails: ' Not found' } };
    try {
      const body = text === '' ? {} : (JSON.parse(text) as Json);
      const answer = handler({ state, params, query: url.searchParams, body, now: Date.now(), version });
      if (method !== 'GET') options.onChange?.();
      return structuredClone(answer);
    } catch (error) {
      if (error instanceof RestError) return error.answer;
      throw error;
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET';
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
    response.setHeader('x-stoa-simulator', 'webmethods');
    if (!url.pathname.startsWith(prefix)) return serve(state, counters, Date.now(), request, response);
    const text = await readText(request);
    const fault = faults.take(method, url.pathname);
    const given = fault && !fault.applied ? undefined : real(method, url, request.headers.authorization, text);
    exchanges.push({ method, path: request.url ?? '/', status: fault ? (fault.status ?? 0) : (given?.status ?? 0) });
    if (exchanges.length > maxExchanges) exchanges.shift();
    if (fault !== undefined && fault.status === undefined) return void response.destroy();
    const { status, body } = fault === undefined ? (given ?? { status: 500 }) : { status: fault.status ?? 500, body: fault.body };
    if (body === undefined) return void response.writeHead(status).end();
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  server.listen(options.port, host);
  await once(server, 'listening');
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    exchanges,
    failNext: faults.add,
    forgetFaults: faults.forget,
    state,
    clear: () => clearState(state),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function endpointAt(path: string): [(typeof endpoints)[string] | undefined, string[]] {
  for (const [template, handlers] of Object.entries(endpoints)) {
    const found = new RegExp(`^${template.replace(/\*/g, '([^/]+)')}$`).exec(path);
    if (found) return [handlers, found.slice(1).map(decodeURIComponent)];
  }
  return [undefined, []];
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
