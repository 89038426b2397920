import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import express from 'express';
import type { Gateway, GatewayModes } from '@stoa/generated/schemas.ts';
import { consolePages } from '@stoa/server/http/console.ts';
import { securityHeaders } from '@stoa/server/http/security-headers.ts';

export type Reply = { status: number; body?: unknown; headers?: Record<string, string> } | 'no answer';

/** Serves the built Console as the Control Plane does, and answers its calls as the test says. */
export type StubControlPlane = {
  url: string;
  /** What each call is answered, changeable at any time; a promise keeps the browser waiting. */
  replies: {
    modes: () => Reply | Promise<Reply>;
    gateways: (query: URLSearchParams) => Reply;
    session: (code: string) => Reply | Promise<Reply>;
    signOut: () => Reply;
  };
  /** Calls so far, as `METHOD path?query`. */
  calls: string[];
  close(): Promise<void>;
};

export const ok = (body: unknown): Reply => ({ status: 200, body });
export const problem = (status: number, title: string, headers: Record<string, string> = {}): Reply => ({
  status,
  headers,
  body: { type: 'about:blank', title, status },
});
export const fleetReply = (fleet: GatewayModes) => () => ok(fleet);

export async function startStubControlPlane(pages: string): Promise<StubControlPlane> {
  const calls: string[] = [];
  const replies: StubControlPlane['replies'] = {
    modes: () => problem(500, 'Not told'),
    gateways: () => ok({ items: [] satisfies Gateway[], next_cursor: null }),
    session: () => problem(401, 'Unauthorized'),
    signOut: () => ({ status: 204 }),
  };
  const app = express();
  app.use(securityHeaders);
  app.use(express.json());
  app.use('/v1', (request, _response, next) => {
    calls.push(`${request.method} ${request.originalUrl}`);
    next();
  });
  const send = (response: express.Response, reply: Reply) => {
    if (reply === 'no answer') return void response.destroy();
    response.status(reply.status).set(reply.headers ?? {});
    if (reply.body === undefined) response.end();
    else response.json(reply.body);
  };
  app.get('/v1/gateways/modes', async (_request, response) => send(response, await replies.modes()));
  app.get('/v1/gateways', (request, response) => send(response, replies.gateways(new URL(request.originalUrl, 'http://stub').searchParams)));
  app.post('/v1/session', async (request, response) => send(response, await replies.session((request.body as { code: string }).code)));
  app.delete('/v1/session', (_request, response) => send(response, replies.signOut()));
  app.use(consolePages(pages));

  const server = createServer(app);
  const listening = once(server, 'listening');
  server.listen(0, '127.0.0.1');
  await listening;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    replies,
    calls,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
