import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OrderBook, Problem } from './order-book.ts';
import { readIdempotencyKey, readJson, readListQuery, readNewOrder, readStatusChange } from './request-input.ts';

export interface OrdersApi {
  url: string;
  close: () => Promise<void>;
}

interface Call {
  book: OrderBook;
  request: IncomingMessage;
  query: URLSearchParams;
  id: string;
}
interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}
type Handler = (call: Call) => Answer | Promise<Answer>;

/** The operations of openapi.yaml, by path and method. */
const operations: { path: RegExp; methods: Record<string, Handler> }[] = [
  { path: /^\/orders$/, methods: { GET: listOrders, POST: createOrder } },
  { path: /^\/orders\/([^/]+)$/, methods: { GET: getOrder, PATCH: updateOrderStatus, DELETE: cancelOrder } },
  { path: /^\/orders\/([^/]+)\/items$/, methods: { GET: listOrderItems } },
];

function listOrders({ book, query }: Call): Answer {
  const { status, limit } = readListQuery(query);
  return { status: 200, body: { data: book.list(status, limit) } };
}

async function createOrder({ book, request }: Call): Promise<Answer> {
  const key = readIdempotencyKey(request);
  const { customer, items } = readNewOrder(await readJson(request));
  const order = book.create(customer, items, key);
  return { status: 201, body: order, headers: { location: `/orders/${order.id}` } };
}

function getOrder({ book, id }: Call): Answer {
  return { status: 200, body: book.get(id) };
}

async function updateOrderStatus({ book, request, id }: Call): Promise<Answer> {
  book.get(id);
  return { status: 200, body: book.moveTo(id, readStatusChange(await readJson(request))) };
}

function cancelOrder({ book, id }: Call): Answer {
  book.cancel(id);
  return { status: 204 };
}

function listOrderItems({ book, id }: Call): Answer {
  return { status: 200, body: { data: book.get(id).items } };
}

/**
 * Starts the example `orders` API on 127.0.0.1, with its example data.
 * @param port 0 takes any free port.
 */
export async function startOrdersApi({ port, host = '127.0.0.1' }: { port: number; host?: string }): Promise<OrdersApi> {
  const document = readFileSync(new URL(import.meta.url.endsWith('.ts') ? './openapi.yaml' : './examples/orders/openapi.yaml', import.meta.url));
  const book = new OrderBook();
  const server = createServer((request, response) => {
    const [path = '/', search = ''] = (request.url ?? '/').split('?', 2);
    if (path === '/openapi.yaml' && request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/yaml' }).end(document);
      return;
    }
    answer(book, request, path, new URLSearchParams(search)).then(
      (result) => send(response, result),
      (error: unknown) => send(response, problem(error)),
    );
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer(book: OrderBook, request: IncomingMessage, path: string, query: URLSearchParams): Promise<Answer> {
  for (const operation of operations) {
    const match = operation.path.exec(path);
    if (!match) continue;
    const handler = operation.methods[request.method ?? ''];
    if (handler) return handler({ book, request, query, id: match[1] ?? '' });
    const allow = Object.keys(operation.methods).join(', ');
    return { ...problem(new Problem(405, `Use one of ${allow} here.`)), headers: { 'content-type': 'application/problem+json', allow } };
  }
  throw new Problem(404, `There is nothing at ${path}: see /openapi.yaml.`);
}

function problem(error: unknown): Answer {
  if (!(error instanceof Problem)) console.error('orders example: request failed:', error);
  const status = error instanceof Problem ? error.status : 500;
  const detail = error instanceof Problem ? error.message : 'The example failed; its log says why.';
  return {
    status,
    body: { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail },
    headers: { 'content-type': 'application/problem+json' },
  };
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  const text = body === undefined ? undefined : JSON.stringify(body);
  response.writeHead(status, { ...(text !== undefined && { 'content-type': 'application/json' }), ...headers });
  response.end(text);
}
