import type { OutgoingHttpHeaders } from 'node:http';
import type { AnyResponse } from '@stoa/lib/quick/any.ts';
import { endAnswer } from '@stoa/lib/end-answer.ts';
import { observedOf } from '@stoa/lib/telemetry/model.ts';
import { requestIdOf } from '@stoa/lib/request-id.ts';
import { ExactNumber } from '@stoa/lib/exact-json.ts';

/** Clients in Go and Python may send ids beyond 2^53. */
export type RequestId = string | number | ExactNumber;

/** Codes of JSON-RPC 2.0 §5.1; `server` and `noSession` are the SDK's codes for what only concerns the transport, `unsupportedRevision` is MCP's. */
export const errorCode = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  server: -32000,
  noSession: -32001,
  headerMismatch: -32020,
  unsupportedRevision: -32022,
} as const;

export type JsonRpcError = { readonly code: number; readonly message: string; readonly data?: unknown };

/** Whether a value is a JSON object: neither null nor an array, nor a number in an object of ours. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}

/** The id of a request, null when there is none that can be told. */
export function idOf(message: unknown): RequestId | null {
  const id = isObject(message) ? message['id'] : undefined;
  return isRequestId(id) ? id : null;
}

/** A string or an integer, however large. */
export function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' || Number.isSafeInteger(value) || (value instanceof ExactNumber && /^-?\d+$/.test(value.text));
}

/** Sends one JSON document and ends the response. Does nothing when the client has gone. */
export function sendJson(response: AnyResponse, status: number, body: string | Buffer, headers?: OutgoingHttpHeaders): void {
  if (response.destroyed || response.headersSent) return;
  const bytes = Buffer.byteLength(body);
  // A list, which Node.js writes as it is: an object it would copy into a map first.
  const lines = ['content-type', 'application/json', 'content-length', String(bytes)];
  for (const name in headers) lines.push(name, String(headers[name]));
  response.writeHead(status, lines);
  // Text of ASCII alone is the same in Latin-1, which is written faster.
  endAnswer(response, body, bytes === body.length ? 'latin1' : 'utf8');
}

/** Sends one JSON document as the only event of a stream, and ends the response. */
export function sendEvent(response: AnyResponse, body: string, headers?: OutgoingHttpHeaders): void {
  if (response.destroyed || response.headersSent) return;
  // JSON has line breaks between its parts alone, where they mean nothing; in an event they would end its data.
  const event = `event: message\ndata: ${body.replace(/[\r\n]+/g, ' ')}\n\n`;
  const lines = ['content-type', 'text/event-stream', 'cache-control', 'no-cache, no-transform', 'content-length', String(Buffer.byteLength(event))];
  for (const name in headers) lines.push(name, String(headers[name]));
  response.writeHead(200, lines);
  endAnswer(response, event, 'utf8');
}

/** Sends a JSON-RPC error as the body of an HTTP status, as MCP's Streamable HTTP transport does for refused requests. */
export function sendRpcError(
  response: AnyResponse,
  status: number,
  error: JsonRpcError,
  options: { id?: RequestId | null; headers?: OutgoingHttpHeaders } = {},
): void {
  observedOf(response)?.failed(String(error.code), error.code);
  sendJson(response, status, JSON.stringify({ jsonrpc: '2.0', error, id: options.id ?? null }), {
    'x-request-id': requestIdOf(response),
    ...options.headers,
  });
}
