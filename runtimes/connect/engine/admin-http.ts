import type { IncomingHttpHeaders } from 'node:http';
import { bodyOf, exchange, TooLargeError } from '@stoa/control-plane-client/exchange.ts';
import { agentFor, noProxies } from '@stoa/lib/proxies.ts';
import { contextOf } from '@stoa/lib/server-tls.ts';
import { AdminError } from './admin-error.ts';
import type { AdapterOptions } from './model.ts';

export type AdminCall = {
  readonly method: string;
  /** With the address before it. */
  readonly url: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
};
export type AdminAnswer = {
  readonly status: number;
  readonly text: string;
  /** Of the head, and what came behind the body: names in lower case. */
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly trailers: Readonly<Record<string, string | undefined>>;
};
export type AdminHttp = { send(call: AdminCall): Promise<AdminAnswer>; close(): void };

export type AdminHttpOptions = Pick<AdapterOptions, 'url' | 'proxies' | 'clientCertificate'> & {
  /** What is called, as the beginning of a sentence. */
  readonly api: string;
  readonly timeoutMs: number;
  /** Largest answer that is read. */
  readonly maxBytes: number;
  /** Default: those that apply writes at once. */
  readonly connections?: number;
};

/** JSON over HTTP to an admin API: every call is bounded in time and size, and one that gets no answer throws an `AdminError`. What an answer means, its vendor knows. */
export function createAdminHttp(options: AdminHttpOptions): AdminHttp {
  const { api, url, proxies = noProxies, clientCertificate, timeoutMs, maxBytes, connections = 8 } = options;
  const agent = agentFor(url, proxies, connections, clientCertificate === undefined ? {} : contextOf(clientCertificate));
  return {
    async send({ method, url: where, body, headers, signal }) {
      const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      // It covers the whole exchange: a time-out of the socket would start again with every byte of a slow answer.
      const deadline = AbortSignal.timeout(timeoutMs);
      try {
        const received = await exchange({
          method,
          url: new URL(where),
          agent,
          signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
          headers: { accept: 'application/json', 'user-agent': 'stoa-connect', ...(payload && { 'content-type': 'application/json' }), ...headers },
          body: payload,
        });
        const text = (await bodyOf(received, maxBytes)).toString('utf8');
        const { statusCode: status = 0, headers: head, trailers } = received.incoming;
        return { status, text, headers: head, trailers };
      } catch (error) {
        if (error instanceof TooLargeError) throw new AdminError('too_large', `${api} answers with more than ${maxBytes} bytes.`);
        if (signal?.aborted) throw new AdminError('stopped', `A request was broken off, because STOA Connect is stopping.`);
        if (deadline.aborted) throw new AdminError('timeout', `${api} did not answer within ${timeoutMs} ms.`);
        const code = (error as NodeJS.ErrnoException).code ?? 'no answer';
        throw new AdminError('unreachable', `${api} cannot be reached (${code}): check STOA_TARGET_GATEWAY_URL.`, { cause: error });
      }
    },
    close: () => agent.destroy(),
  };
}
