import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { ProtocolError, Server, createMcpHandler, inputRequired } from '@modelcontextprotocol/server';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { call, completionOf, contentsOf, instructions, promptOf, prompts, resourceTemplates, resources, tools, watch } from './behaviour.ts';
import type { Asked } from './behaviour.ts';
import type { FixtureServer } from './legacy-server.ts';

/** A server of the SDK 2.x that speaks 2026-07-28 and nothing else. */
export async function startModernServer(port = 0): Promise<FixtureServer> {
  const watched = watch();
  const offered: object[] = [...tools];
  const offeredPrompts: object[] = [...prompts];
  const handler = createMcpHandler(
    () => {
      const capabilities = {
        tools: { listChanged: true },
        resources: { subscribe: true },
        prompts: { listChanged: true },
        completions: {},
        logging: {},
      };
      const server = new Server({ name: 'modern-fixture', version: '1' }, { capabilities, instructions });
      const answer = (value: unknown): never => value as never;
      server.setRequestHandler('tools/list', () => answer({ tools: offered }));
      server.setRequestHandler('resources/list', () => answer({ resources }));
      server.setRequestHandler('resources/templates/list', () => answer({ resourceTemplates }));
      server.setRequestHandler('prompts/list', () => answer({ prompts: offeredPrompts }));
      server.setRequestHandler('resources/read', ({ params }) => answer(contentsOf(params.uri)));
      server.setRequestHandler('prompts/get', ({ params }) => answer(promptOf(String(params.arguments?.['who']))));
      server.setRequestHandler('completion/complete', ({ params }) => answer(completionOf(params.argument.value)));
      server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
        const { method, params: asked } = (params.arguments ?? {}) as Partial<Asked>;
        if (params.name === 'ask' && mcpReq.inputResponses === undefined)
          return inputRequired({ inputRequests: { q: { method, params: asked } as never }, requestState: 'state-1' });
        const { progressToken } = mcpReq._meta ?? {};
        const meanwhile = {
          meta: mcpReq._meta,
          signal: mcpReq.signal,
          progress: (progress: number, total: number) =>
            progressToken === undefined
              ? Promise.resolve()
              : mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total, message: `${progress} of ${total}` } }),
          log: (data: unknown) => mcpReq.log('info', data, 'fixture'),
          ask: () => Promise.resolve(mcpReq.inputResponses?.['q']),
          fail(code: number, message: string, data: unknown): never {
            throw new ProtocolError(code, message, data);
          },
        };
        return answer(await call(params.name, params.arguments ?? {}, meanwhile, watched));
      });
      return server;
    },
    { legacy: 'reject', keepAliveMs: 15_000 },
  );
  const http = createServer((request, response) => {
    watched.headers = request.headers;
    void serve(handler, request, response);
  });
  const url = await listen(http, { host: '127.0.0.1', port });
  return {
    url: `${url}/mcp`,
    seen: watched,
    async offer(name, description = 'One more.') {
      offered.push({ name, description, inputSchema: { type: 'object' } });
      handler.notify.toolsChanged();
    },
    touch: (uri) => Promise.resolve(handler.notify.resourceUpdated(uri)),
    async offerPrompt(name) {
      offeredPrompts.push({ name });
      handler.notify.promptsChanged();
    },
    async stop() {
      await handler.close();
      http.closeAllConnections();
      await closeGracefully(http, 0);
    },
  };
}

async function serve(handler: ReturnType<typeof createMcpHandler>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
  const body = Buffer.concat(chunks);
  const method = request.method ?? 'GET';
  const answered = await handler.fetch(
    new Request(`http://localhost${request.url ?? '/'}`, { method, headers, ...(body.length > 0 && { body }), signal: gone.signal }),
  );
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  if (answered.body === null) return void response.end();
  const stream = Readable.fromWeb(answered.body as ReadableStream);
  stream.on('error', () => response.destroy());
  response.on('close', () => stream.destroy());
  stream.pipe(response);
}
