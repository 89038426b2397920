import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  ResultSchema,
  RootsListChangedNotificationSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { call, completionOf, contentsOf, instructions, promptOf, prompts, resourceTemplates, resources, tools, watch } from './behaviour.ts';
import type { Asked, Seen } from './behaviour.ts';

export type FixtureServer = {
  readonly url: string;
  readonly seen: Seen;
  /** Tells who subscribed to a resource that it has changed. */
  touch(uri: string): Promise<void>;
  /** Offers one prompt more, and tells those who listen. */
  offerPrompt(name: string): Promise<void>;
  /** Offers one tool more, and tells those who listen. */
  offer(name: string, description?: string): Promise<void>;
  stop(): Promise<void>;
};

/** A server of the SDK 1.x, which speaks 2025-11-25 and keeps sessions. */
export async function startLegacyServer(port = 0): Promise<FixtureServer> {
  const watched = watch();
  const offered: object[] = [...tools];
  const offeredPrompts: object[] = [...prompts];
  const subscribed = new Set<string>();
  const sessions = new Map<string, { server: Server; transport: StreamableHTTPServerTransport }>();

  const begin = async (): Promise<StreamableHTTPServerTransport> => {
    const capabilities = {
      tools: { listChanged: true },
      resources: { subscribe: true },
      prompts: { listChanged: true },
      completions: {},
      logging: {},
    };
    const server = new Server({ name: 'legacy-fixture', version: '1' }, { capabilities, instructions });
    // The schemas of the SDK would take away what they do not know.
    const answer = (value: unknown): never => value as never;
    server.setNotificationHandler(RootsListChangedNotificationSchema, () => watched.rootsChange());
    server.setRequestHandler(ListToolsRequestSchema, () => answer({ tools: offered }));
    server.setRequestHandler(ListResourcesRequestSchema, () => answer({ resources }));
    server.setRequestHandler(ListResourceTemplatesRequestSchema, () => answer({ resourceTemplates }));
    server.setRequestHandler(ListPromptsRequestSchema, () => answer({ prompts: offeredPrompts }));
    server.setRequestHandler(SubscribeRequestSchema, ({ params }) => (subscribed.add(params.uri), {}));
    server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => (subscribed.delete(params.uri), {}));
    server.setRequestHandler(ReadResourceRequestSchema, ({ params }) => answer(contentsOf(params.uri)));
    server.setRequestHandler(GetPromptRequestSchema, ({ params }) => answer(promptOf(String(params.arguments?.['who']))));
    server.setRequestHandler(CompleteRequestSchema, ({ params }) => answer(completionOf(params.argument.value)));
    server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
      const { progressToken } = extra._meta ?? {};
      const meanwhile = {
        meta: extra._meta,
        signal: extra.signal,
        progress: (progress: number, total: number) =>
          progressToken === undefined
            ? Promise.resolve()
            : extra.sendNotification({
                method: 'notifications/progress',
                params: { progressToken, progress, total, message: `${progress} of ${total}` },
              }),
        log: (data: unknown) => extra.sendNotification({ method: 'notifications/message', params: { level: 'info', logger: 'fixture', data } }),
        ask: ({ method, params: asked, alone }: Asked) =>
          alone === true ? server.request({ method, params: asked }, ResultSchema) : extra.sendRequest({ method, params: asked }, ResultSchema),
        fail(code: number, message: string, data: unknown): never {
          const error = new McpError(code, message, data);
          error.message = message;
          throw error;
        },
      };
      return answer(await call(params.name, params.arguments ?? {}, meanwhile, watched));
    });
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized(id) {
        watched.sessions.add(id);
        sessions.set(id, { server, transport });
      },
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await server.connect(transport);
    return transport;
  };

  const http = createServer((request, response) => {
    watched.headers = request.headers;
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? sessions.get(id)?.transport : undefined;
    if (typeof id === 'string' && known === undefined) return void response.writeHead(404).end();
    void (async () => (known ?? (await begin())).handleRequest(request, response))();
  });
  const url = await listen(http, { host: '127.0.0.1', port });
  return {
    url: `${url}/mcp`,
    seen: watched,
    async offer(name, description = 'One more.') {
      offered.push({ name, description, inputSchema: { type: 'object' } });
      for (const { server } of sessions.values()) await server.sendToolListChanged();
    },
    async touch(uri) {
      if (subscribed.has(uri)) for (const { server } of sessions.values()) await server.sendResourceUpdated({ uri });
    },
    async offerPrompt(name) {
      offeredPrompts.push({ name });
      for (const { server } of sessions.values()) await server.sendPromptListChanged();
    },
    async stop() {
      http.closeAllConnections();
      await closeGracefully(http, 0);
    },
  };
}
