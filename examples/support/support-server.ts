import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { ProtocolError, ProtocolErrorCode, Server, createMcpHandler } from '@modelcontextprotocol/server';
import type { CallToolResult, Tool } from '@modelcontextprotocol/server';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';

export type SupportServer = { readonly url: string; close(): Promise<void> };

type Ticket = { id: string; title: string; order: string; state: 'open' | 'closed' };

const text = { type: 'string' } as const;
const ticketSchema = {
  type: 'object',
  properties: { id: text, title: text, order: text, state: { type: 'string', enum: ['open', 'closed'] } },
  required: ['id', 'title', 'order', 'state'],
} satisfies Tool['outputSchema'];

const tools: Tool[] = [
  {
    name: 'list',
    title: 'List tickets',
    description: 'Lists the tickets of customers, all of them or those of one state.',
    inputSchema: { type: 'object', properties: { state: { type: 'string', enum: ['open', 'closed'], description: 'Only tickets of this state.' } } },
    outputSchema: { type: 'object', properties: { tickets: { type: 'array', items: ticketSchema } }, required: ['tickets'] },
    annotations: { readOnlyHint: true, openWorldHint: false },
  },
  {
    name: 'close',
    title: 'Close a ticket',
    description: 'Closes a ticket that was answered. Closing it once more changes nothing.',
    inputSchema: { type: 'object', properties: { id: { ...text, description: 'The id of the ticket, such as tic_1.' } }, required: ['id'] },
    outputSchema: ticketSchema,
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  },
];

/** An MCP server, of either era of the protocol, for what customers complain about. It keeps its tickets while it runs. */
export async function startSupportServer({ port = 0, host = '127.0.0.1' }: { port?: number; host?: string } = {}): Promise<SupportServer> {
  const tickets = new Map<string, Ticket>(
    ['A cup arrived broken', 'The invoice names another company', 'Nothing has arrived'].map((title, index) => {
      const id = `tic_${index + 1}`;
      return [id, { id, title, order: `ord_100${index + 1}`, state: 'open' }];
    }),
  );
  const handler = createMcpHandler(() => serverOver(tickets));
  const http = createServer((request, response) => {
    if (request.url === '/healthz') return void response.end('ok');
    answer(handler, request, response).catch(() => response.destroy());
  });
  const url = await listen(http, { host, port });
  return {
    url: `${url}/mcp`,
    async close() {
      await handler.close();
      await closeGracefully(http, 1000);
    },
  };
}

function serverOver(tickets: Map<string, Ticket>): Server {
  const info = { name: 'support', title: 'Support', version: '1.0.0' };
  const server = new Server(info, { capabilities: { tools: {} }, instructions: 'Tickets of customers. Look at one before you close it.' });
  server.setRequestHandler('tools/list', () => ({ tools }));
  server.setRequestHandler('tools/call', ({ params: { name, arguments: given = {} } }): CallToolResult => {
    if (name === 'list') {
      const { state } = given;
      return structured({ tickets: [...tickets.values()].filter((ticket) => state === undefined || ticket.state === state) });
    }
    if (name !== 'close') throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${name}`);
    const ticket = tickets.get(String(given['id']));
    if (ticket === undefined)
      return { content: [{ type: 'text', text: `There is no ticket ${String(given['id'])}. List them to see which there are.` }], isError: true };
    ticket.state = 'closed';
    return structured(ticket);
  });
  return server;
}

const structured = (value: Record<string, unknown>): CallToolResult => ({
  content: [{ type: 'text', text: JSON.stringify(value) }],
  structuredContent: value,
});

const maxBodyBytes = 1024 * 1024;

async function answer(handler: ReturnType<typeof createMcpHandler>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > maxBodyBytes) return void response.writeHead(413).end();
    chunks.push(chunk as Buffer);
  }
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
  const { method = 'GET', url = '/' } = request;
  const body = bytes > 0 ? { body: Buffer.concat(chunks) } : {};
  const answered = await handler.fetch(new Request(`http://localhost${url}`, { method, headers, ...body, signal: gone.signal }));
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  if (answered.body === null) return void response.end();
  // The DOM's type of the same class.
  const stream = Readable.fromWeb(answered.body as ReadableStream);
  stream.on('error', () => response.destroy());
  response.on('close', () => stream.destroy());
  stream.pipe(response);
}
