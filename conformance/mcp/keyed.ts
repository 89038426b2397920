import { createServer, request as send } from 'node:http';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';

export type Keyed = { readonly url: string; readonly origin: string; leadTo(url: string): void; stop(): Promise<void> };

/**
 * The suite sends no credentials, and a gateway lets nobody in without: this adds the one header `Authorization` to what passes, and touches nothing else. It cuts a request off
 * where its client does, and an answer where its server does.
 */
export async function startKeyed(key: string): Promise<Keyed> {
  let target = new URL('http://127.0.0.1:9');
  const http = createServer((request, response) => {
    const { hostname, port } = target;
    const headers = [...request.rawHeaders, 'Authorization', `Bearer ${key}`];
    const onward = send({ hostname, port, method: request.method, path: request.url, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      response.flushHeaders();
      answer.on('error', () => response.destroy());
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  const origin = (await listen(http, { host: '127.0.0.1', port: 0 })).replace('127.0.0.1', 'localhost');
  return {
    url: `${origin}/mcp`,
    origin,
    leadTo(url) {
      target = new URL(url);
    },
    async stop() {
      http.closeAllConnections();
      await closeGracefully(http, 0);
    },
  };
}
