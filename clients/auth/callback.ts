import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where the browser comes back to with the code, on this machine alone (RFC 8252 §7.3). */
export type Callback = {
  readonly redirectUri: string;
  /** The address that the browser came back by; `reply` tells the person what became of it. Rejects when the signal is aborted. */
  answer(signal: AbortSignal): Promise<{ url: URL; reply(sentence: string): void }>;
  close(): void;
};

/** Listens on a free port of the loopback address. Only what carries `state` is an answer: any page in the browser may ask here. */
export async function openCallback(state: string): Promise<Callback> {
  const found = Promise.withResolvers<{ url: URL; reply(sentence: string): void }>();
  let isFound = false;
  const server = createServer((request, response) => {
    const url = URL.parse(request.url ?? '', redirectUri);
    if (request.method !== 'GET' || url?.pathname !== '/callback' || url.searchParams.get('state') !== state || isFound)
      return send(response, 404, 'There is nothing here. Go back to the command line.');
    isFound = true;
    found.resolve({ url, reply: (sentence) => send(response, 200, sentence) });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const redirectUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;
  return {
    redirectUri,
    answer: async (signal) => {
      const aborted = once(signal, 'abort').then(() => Promise.reject(signal.reason as Error));
      signal.throwIfAborted();
      return Promise.race([found.promise, aborted]);
    },
    close() {
      server.close();
      // What was answered is written; a browser that keeps its connection open holds nothing up.
      server.closeIdleConnections();
    },
  };
}

function send(response: ServerResponse, status: number, sentence: string): void {
  const text = sentence.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    connection: 'close',
  });
  response.end(`<!doctype html><html lang="en"><title>stoactl</title><p role="status">${text}</p></html>`);
}
