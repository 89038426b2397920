import http from 'node:http';
import https from 'node:https';
import { agentFor, noProxies } from '@stoa/lib/proxies.ts';
import type { Proxies } from '@stoa/lib/proxies.ts';

const headerTimeoutMs = 65_000;

/**
 * A `fetch` for openapi-fetch over `node:http`, because loading the global one costs a small agent 20–30 MB of memory. Connections are kept
 * alive; redirects are not followed, which would carry the credential elsewhere; a body over `maxResponseBytes` (64 MiB) rejects, and so
 * does an abort, at any moment. TLS is verified as Node does by default, `NODE_EXTRA_CA_CERTS` included. Proxies are asked for with `proxies`.
 */
export function createHttpFetch({ maxResponseBytes = 64 * 1024 * 1024, proxies = noProxies }: HttpFetchOptions = {}): {
  fetch(request: Request): Promise<Response>;
  close(): void;
} {
  const agents = new Map<string, http.Agent>();
  const agentOf = (url: string): http.Agent => {
    const { origin } = new URL(url);
    const agent = agents.get(origin) ?? agentFor(origin, proxies, 8);
    agents.set(origin, agent);
    return agent;
  };
  return {
    async fetch(request) {
      const body = Buffer.from(await request.arrayBuffer());
      const attempt = () => exchange(request, body, agentOf(request.url), maxResponseBytes);
      try {
        return await attempt();
      } catch (error) {
        // The server closed a kept-alive connection while we took it up: it has not read the request. Every call of the contract may be repeated.
        if (error instanceof ReusedConnectionError && !request.signal.aborted) return attempt();
        throw error;
      }
    },
    close() {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

class ReusedConnectionError extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
    this.name = 'ReusedConnectionError';
  }
}

export type HttpFetchOptions = { maxResponseBytes?: number; proxies?: Proxies };

function exchange(request: Request, body: Buffer, agent: http.Agent, maxBytes: number): Promise<Response> {
  const url = new URL(request.url);
  const secure = url.protocol === 'https:';
  const headers = Object.fromEntries(request.headers);
  return new Promise((resolve, reject) => {
    const outgoing = (secure ? https : http).request(url, {
      method: request.method,
      headers: body.length > 0 ? { ...headers, 'content-length': body.length } : headers,
      agent,
      timeout: headerTimeoutMs,
    });
    const abort = (): void => void outgoing.destroy(asError(request.signal.reason));
    const settle = (outcome: () => void): void => {
      request.signal.removeEventListener('abort', abort);
      outcome();
    };
    const fail = (error: Error): void => settle(() => reject(error));
    request.signal.addEventListener('abort', abort, { once: true });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${headerTimeoutMs} ms`)));
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      fail(outgoing.reusedSocket && error.code === 'ECONNRESET' ? new ReusedConnectionError(error) : error);
    });
    outgoing.on('response', (incoming) => {
      collect(incoming, maxBytes).then((bytes) => settle(() => resolve(responseOf(incoming, bytes))), fail);
    });
    if (request.signal.aborted) abort();
    else outgoing.end(body);
  });
}

async function collect(incoming: http.IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    total += chunk.length;
    // Leaving the loop destroys the stream and the connection with it.
    if (total > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, total);
}

function responseOf(incoming: http.IncomingMessage, bytes: Buffer): Response {
  const status = incoming.statusCode ?? 0;
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) for (const value of values ?? []) headers.append(name, value);
  // The Fetch standard forbids a body, even an empty one, with these.
  const bodiless = status === 204 || status === 205 || status === 304;
  return new Response(bodiless ? null : new Uint8Array(bytes), { status, headers });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('the request was aborted');
}
