import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import express from 'express';
import type { GatewayChanges, GatewayList, GatewayModes } from '@stoa/generated/schemas.ts';
import { consolePages } from '@stoa/server/http/console.ts';
import { securityHeaders } from '@stoa/server/http/security-headers.ts';

export type Reply = { status: number; body?: unknown; headers?: Record<string, string> } | 'no answer';

/** Serves the built Console as the Control Plane does, and answers its calls as the test says. */
export type StubControlPlane = {
  url: string;
  /** What each call is answered, changeable at any time; a promise keeps the browser waiting. */
  replies: {
    modes: () => Reply | Promise<Reply>;
    /** What matches in the last answer by mode, unless the test says otherwise. */
    gateways: (query: URLSearchParams) => Reply | Promise<Reply>;
    release: () => Reply;
    session: (code: string) => Reply | Promise<Reply>;
    /** What whoever is signed in may do. */
    permissions: () => string[];
    /** The person; undefined for who came by the link of a token. */
    user: () => { user_id: string; email: string } | undefined;
    signOut: () => Reply;
    /** Whatever is asked of MCP servers. */
    mcp: (method: string, path: string, body: unknown) => Reply;
  };
  /** Tells those who follow the fleet: of changes, or to read anew. */
  tell(changes?: GatewayChanges): void;
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
  const streams = new Set<express.Response>();
  let last: GatewayModes | undefined;
  const replies: StubControlPlane['replies'] = {
    modes: () => problem(500, 'Not told'),
    gateways: (query) => listOf(last, query),
    release: () => ({ status: 204 }),
    session: () => problem(401, 'Unauthorized'),
    permissions: () => ['gateways.read', 'gateways.write'],
    user: () => ({ user_id: '5b0c5d0e-1111-4222-8333-444455556666', email: 'ada@example.com' }),
    signOut: () => ({ status: 204 }),
    mcp: () => ok({ items: [], next_cursor: null }),
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
  app.get('/v1/gateways/modes', async (_request, response) => {
    const reply = await replies.modes();
    if (reply !== 'no answer' && reply.status === 200) last = reply.body as GatewayModes;
    send(response, reply);
  });
  app.get('/v1/gateways/events', (_request, response) => {
    response.set('Content-Type', 'text/event-stream').write(':\n\n');
    streams.add(response);
    response.once('close', () => streams.delete(response));
  });
  app.delete('/v1/gateways/brakes/:environment', (_request, response) => send(response, replies.release()));
  app.get('/v1/gateways', async (request, response) =>
    send(response, await replies.gateways(new URL(request.originalUrl, 'http://stub').searchParams)),
  );
  app.use('/v1/mcp-servers', (request, response) => send(response, replies.mcp(request.method, request.path, request.body)));
  app.post('/v1/session', async (request, response) => send(response, await replies.session((request.body as { code: string }).code)));
  app.get('/v1/session', (_request, response) =>
    send(response, ok({ role: 'operator', roles: ['operator'], permissions: replies.permissions(), user: replies.user() })),
  );
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
    tell(changes) {
      const text = changes === undefined ? 'id: 8\nevent: reload\ndata: {}\n\n' : `id: 8\nevent: changes\ndata: ${JSON.stringify(changes)}\n\n`;
      for (const stream of streams) stream.write(text);
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const worstFirst = ['conflict', 'offline', 'late', 'online', 'revoked', 'left'];

/** The instances of an answer that match, as the server would list them. */
function listOf(fleet: GatewayModes | undefined, query: URLSearchParams): Reply {
  const wants = (name: string, value: string) => query.get(name) === null || query.get(name) === value;
  const found = (fleet?.modes ?? [])
    .flatMap(({ instances }) => instances)
    .filter(
      (gateway) => wants('gateway_mode', gateway.gateway_mode) && wants('environment', gateway.environment) && wants('liveness', gateway.liveness),
    )
    .filter(({ liveness }) => liveness !== 'left' || query.get('include_left') === 'true')
    .filter(({ instance_name }) => instance_name.toLowerCase().includes((query.get('search') ?? '').toLowerCase()))
    .sort((a, b) => worstFirst.indexOf(a.liveness) - worstFirst.indexOf(b.liveness) || (a.instance_name < b.instance_name ? -1 : 1));
  const from = Number(query.get('cursor') ?? 0);
  const to = from + Number(query.get('limit') ?? 100);
  return ok({ items: found.slice(from, to), next_cursor: to < found.length ? String(to) : null } satisfies GatewayList);
}
