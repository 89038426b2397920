import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { validateHeartbeatRequest } from '@stoa/generated/validators.js';
import type { GatewayKeyPrincipal } from '../access/principal.ts';
import { requireStorableText } from '../catalog/storable-text.ts';
import type { ServerContext } from '../context.ts';
import { bearerOf } from './authenticate.ts';
import { answerFailure, bodyIsNotJson } from './failures.ts';

const heartbeatPath = /^\/v1\/internal\/gateways\/([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})\/heartbeat$/;
const plainJson = /^application\/json(?:; ?charset=utf-8)?$/i;
const maxBytes = 64 * 1024;

/**
 * Answers good heartbeats without Express and its validator, which cost several times what a heartbeat does. Whatever is unusual in any way
 * goes the ordinary way, so that it is refused in the same words: the lane decides nothing of its own but that a beat is well formed.
 */
export function heartbeatLane(context: ServerContext, ordinary: RequestListener): RequestListener {
  return (request, response) => {
    const gatewayId = request.method === 'POST' ? heartbeatPath.exec(request.url ?? '')?.[1] : undefined;
    const credential = gatewayId === undefined ? undefined : bearerOf(request.headers.authorization);
    // A credential that is not remembered is looked up on the ordinary way, and remembered from then on.
    const principal = credential === undefined ? undefined : context.authenticator.remembered(credential);
    if (gatewayId === undefined || principal?.kind !== 'gateway_key' || !isPlain(request)) return ordinary(request, response);
    readText(request, (text) => {
      let body: unknown;
      try {
        body = JSON.parse(text);
      } catch (error) {
        return refuse(context, request, response, bodyIsNotJson((error as Error).message));
      }
      if (validateHeartbeatRequest(body))
        return void answer(context, request, response, { gatewayId, principal, body, hasEscapes: text.includes('\\u') });
      // The body is read; Express's parser leaves alone what was parsed before.
      ordinary(Object.assign(request, { body }), response);
    });
  };
}

function isPlain({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return (
    length !== undefined &&
    length !== '0' &&
    Number(length) <= maxBytes &&
    plainJson.test(headers['content-type'] ?? '') &&
    headers['content-encoding'] === undefined &&
    headers.expect === undefined
  );
}

/** Calls back with the body. A caller who goes away in the middle needs no answer. */
function readText(request: IncomingMessage, done: (text: string) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => done((chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).toString('utf8')));
  request.on('error', () => {});
}

type Beat = {
  gatewayId: string;
  principal: GatewayKeyPrincipal;
  body: Parameters<ServerContext['heartbeats']['write']>[0]['body'];
  hasEscapes: boolean;
};

async function answer(context: ServerContext, request: IncomingMessage, response: ServerResponse, beat: Beat): Promise<void> {
  try {
    // Only an escape can say a character that cannot be stored.
    if (beat.hasEscapes) requireStorableText(beat.body);
    const text = JSON.stringify(await context.heartbeats.write(beat));
    response.writeHead(200, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': text.length,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'X-Request-Id': randomUUID(),
    });
    response.end(text);
  } catch (error) {
    refuse(context, request, response, error);
  }
}

function refuse(context: ServerContext, request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const requestId = randomUUID();
  response.setHeader('X-Request-Id', requestId);
  answerFailure(context.log, request, response, error, requestId);
}
