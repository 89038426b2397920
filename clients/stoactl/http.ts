import http from 'node:http';
import { trustAuthorities } from '@stoa/lib/trust.ts';
import { version } from '@stoa/lib/version.ts';
import type { Terminal } from './terminal.ts';

const longestMs = 60_000;

/**
 * fetch as every command uses it: ends with the command, waits a minute at most for an answer, follows no redirection (a token is for one server only), and
 * trusts the authorities of a file besides the usual ones.
 */
export function createFetch(terminal: Terminal, caFile?: string): typeof fetch {
  trustAuthorities(caFile);
  // Node reads HTTPS_PROXY, HTTP_PROXY and NO_PROXY when it is told to.
  if (Object.keys(terminal.env).some((name) => /^https?_proxy$/i.test(name))) http.setGlobalProxyFromEnv(terminal.env);
  return (input, init) => {
    const request = new Request(input, init);
    const headers = new Headers(request.headers);
    headers.set('user-agent', `stoactl/${version}`);
    const isStream = headers.get('accept') === 'text/event-stream';
    const ends = [request.signal, terminal.signal, ...(isStream ? [] : [AbortSignal.timeout(longestMs)])];
    return fetch(new Request(request, { headers, redirect: 'manual', signal: AbortSignal.any(ends) }));
  };
}
