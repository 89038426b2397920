import type http from 'node:http';
import { agentFor, noProxies } from '@stoa/lib/proxies.ts';
import type { Proxies } from '@stoa/lib/proxies.ts';
import { bodyOf, exchange, ReusedConnectionError } from './exchange.ts';

const headerTimeoutMs = 65_000;

/**
 * A `fetch` for openapi-fetch over `exchange`. Connections are kept alive; redirects are not followed; a body over `maxResponseBytes` (64 MiB) rejects, and so
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
      const attempt = () => exchanged(request, body, agentOf(request.url), maxResponseBytes);
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

export type HttpFetchOptions = { maxResponseBytes?: number; proxies?: Proxies };

async function exchanged(request: Request, body: Buffer, agent: http.Agent, maxBytes: number): Promise<Response> {
  const { method, url, headers, signal } = request;
  const received = await exchange({
    method,
    url: new URL(url),
    headers: Object.fromEntries(headers),
    body,
    agent,
    signal,
    silenceMs: headerTimeoutMs,
  });
  return responseOf(received.incoming, await bodyOf(received, maxBytes));
}

function responseOf(incoming: http.IncomingMessage, bytes: Buffer): Response {
  const status = incoming.statusCode ?? 0;
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) for (const value of values ?? []) headers.append(name, value);
  // The Fetch standard forbids a body, even an empty one, with these.
  const bodiless = status === 204 || status === 205 || status === 304;
  return new Response(bodiless ? null : new Uint8Array(bytes), { status, headers });
}
