import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { randomUUID } from 'node:crypto';
import type { HeartbeatRequest } from '@stoa/generated/schemas.ts';
import { validateHeartbeatRequest } from '@stoa/generated/validators.js';
import { sendProblem } from '@stoa/lib/problem.ts';
import type { ServerContext } from '../context.ts';
import { ApiError, toProblem } from '../errors.ts';
import { bearerOf } from './authenticate.ts';

const heartbeatPath = /^\/v1\/internal\/gateways\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\/heartbeat$/i;
const plainJson = /^application\/json *(; *charset="?utf-8"?)? *$/i;
const maxBytes = 64 * 1024;

/**
 * Answers well-formed heartbeats without Express and its validator, which cost several times what a heartbeat does. Whatever is unusual in any
 * way goes the long way, so that it is refused in the same words: the lane decides nothing of its own but that a beat is good.
 */
export function heartbeatLane(context: ServerContext, longWay: RequestListener): RequestListener {
  return (request, response) => {
    const gatewayId = request.method === 'POST' ? heartbeatPath.exec(request.url ?? '')?.[1] : undefined;
    const credential = bearerOf(request.headers.authorization);
    const principal = credential === undefined ? undefined : context.authenticator.remembered(credential);
    const length = Number(request.headers['content-length']);
    // A credential that is not remembered is looked up on the long way, and remembered from then on.
    if (gatewayId === undefined || principal?.kind !== 'gateway_key' || !isPlainJson(request) || !(length > 0 && length <= maxBytes)) return longWay(request, response);
    readBody(request, length)
      .then(async (text) => {
        const body = parse(text);
        const reply = await context.heartbeats.write({ gatewayId: gatewayId.toLowerCase(), principal, body });
        send(response, JSON.stringify(reply));
      })
      .catch((error: unknown) => refuse(context, response, error));
  };
}

function isPlainJson({ headers }: IncomingMessage): boolean {
  return plainJson.test(headers['content-type'] ?? '') && headers['content-encoding'] === undefined && headers['expect'] === undefined;
}

function readBody(request: IncomingMessage, length: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let received = 0;
    request.on('data', (chunk: Buffer) => {
      received += chunk.length;
      chunks.push(chunk);
    });
    request.on('end', () => (received === length ? resolve(chunks.length === 1 ? (chunks[0] as Buffer).toString('utf8') : Buffer.concat(chunks).toString('utf8')) : reject(new Error('aborted'))));
    request.on('error', reject);
  });
}

function parse(text: string): HeartbeatRequest {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw new ApiError(400, 'The body is not JSON.', { errors: [{ pointer: '/body', message: (error as Error).message }] });
  }
  if (validateHeartbeatRequest(body)) return body;
  const faults = (validateHeartbeatRequest.errors ?? []).map(({ instancePath, keyword, params, message }) => ({
    pointer: `/body${instancePath}${keyword === 'required' ? `/${String(params['missingProperty'])}` : ''}`,
    message: keyword === 'enum' ? `must be equal to one of the allowed values: ${(params['allowedValues'] as string[]).join(', ')}` : message ?? 'is invalid',
  }));
  throw new ApiError(400, `The request has ${faults.length} fault${faults.length === 1 ? '' : 's'}.`, { errors: faults });
}

function send(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(body), 'Cache-Control': 'no-store' });
  response.end(body);
}

function refuse(context: ServerContext, response: ServerResponse, error: unknown): void {
  const { problem, retryAfterS, expected } = toProblem(error);
  const requestId = randomUUID();
  if (!expected) context.log.error({ err: error, request_id: requestId }, 'A heartbeat failed.');
  sendProblem(response, { ...problem, request_id: requestId }, retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) });
}
