import http from 'node:http';
import { exchange, ReusedConnectionError } from '@stoa/control-plane-client/exchange.ts';
import type { Received } from '@stoa/control-plane-client/exchange.ts';
import type { PlainRequest } from '@stoa/control-plane-client/plain-client.ts';
import { version } from '@stoa/lib/version.ts';
import type { AskIssuer } from '@stoa/client-auth/issuer.ts';
import type { Terminal } from './terminal.ts';

const longestMs = 60_000;
/** What lasts as long as there is something to tell. */
const streams: readonly string[] = ['text/event-stream', 'application/jsonl'];
const userAgent = `stoactl/${version}`;

/** How every command asks: it ends with the command, and trusts the authorities of the context besides the usual ones. */
export type Http = {
  /** To the Control Plane; waits a minute at most for an answer that is no stream. */
  readonly carry: (request: PlainRequest) => Promise<Received>;
  /** To an issuer, by fetch: what speaks with issuers speaks its language, and few commands have to. */
  readonly ask: AskIssuer;
};

export async function createHttp(terminal: Terminal, caFile?: string): Promise<Http> {
  if (caFile !== undefined) (await import('@stoa/lib/trust.ts')).trustAuthorities(caFile);
  // Node reads HTTPS_PROXY, HTTP_PROXY and NO_PROXY when it is told to, for both ways.
  if (Object.keys(terminal.env).some((name) => /^https?_proxy$/i.test(name))) http.setGlobalProxyFromEnv(terminal.env);
  return {
    async carry(request) {
      const isStream = streams.includes(request.headers['accept'] ?? '');
      const signal = isStream ? terminal.signal : AbortSignal.any([terminal.signal, AbortSignal.timeout(longestMs)]);
      const send = () => exchange({ ...request, headers: { ...request.headers, 'user-agent': userAgent }, signal, silenceMs: longestMs });
      try {
        return await send();
      } catch (error) {
        // The server closed a connection that it kept for us before it read the request.
        if (error instanceof ReusedConnectionError && request.method === 'GET') return send();
        throw error;
      }
    },
    ask(url, init) {
      const headers = new Headers(init.headers);
      headers.set('user-agent', userAgent);
      return fetch(url, { ...init, headers, signal: AbortSignal.any([terminal.signal, ...(init.signal ? [init.signal] : [])]) });
    },
  };
}
