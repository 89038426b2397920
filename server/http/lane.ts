import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { GatewayKeyPrincipal } from '../access/principal.ts';
import { requireStorableText } from '../catalog/storable-text.ts';
import type { ServerContext } from '../context.ts';
import { bearerOf } from './authenticate.ts';
import { answerFailure, bodyIsNotJson } from './failures.ts';

const plainJson = /^application\/json(?:; ?charset=utf-8)?$/i;
const maxBytes = 64 * 1024;

/** A way to an answer without Express and its validator, which cost several times what the call itself does. */
export type Lane<Body> = {
  operation: string;
  isBody(value: unknown): value is Body;
  answer(principal: GatewayKeyPrincipal, body: Body): Promise<object>;
};

/** The gateway key that asks, if it is known by now. One that is not is looked up on the ordinary way, and remembered from then on. */
export function rememberedKey(context: ServerContext, { headers }: IncomingMessage): GatewayKeyPrincipal | undefined {
  const credential = bearerOf(headers.authorization);
  const principal = credential === undefined ? undefined : context.authenticator.remembered(credential);
  return principal?.kind === 'gateway_key' ? principal : undefined;
}

/**
 * Answers a good call. Whatever is unusual in any way goes the ordinary way, so that it is refused in the same words: a lane decides nothing of its own but
 * that the body is well formed.
 */
export function takeLane<Body>(
  context: ServerContext,
  { operation, isBody, answer }: Lane<Body>,
  principal: GatewayKeyPrincipal,
  [request, response, ordinary]: [IncomingMessage, ServerResponse, RequestListener],
): void {
  if (!isPlain(request)) return ordinary(request, response);
  const since = performance.now();
  const note = (status: number) => context.metrics.noteRequest(operation, status, (performance.now() - since) / 1000);
  const fail = (error: unknown) => {
    const requestId = randomUUID();
    response.setHeader('X-Request-Id', requestId);
    answerFailure(context.log, request, response, error, requestId);
    note(response.statusCode);
  };
  readText(request, (text) => {
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch (error) {
      return fail(bodyIsNotJson((error as Error).message));
    }
    // The body is read; Express's parser leaves alone what was parsed before.
    if (!isBody(body)) return ordinary(Object.assign(request, { body }), response);
    void (async () => {
      try {
        // Only an escape can say a character that cannot be stored.
        if (text.includes('\\u')) requireStorableText(body);
        send(response, JSON.stringify(await answer(principal, body)));
        note(200);
      } catch (error) {
        fail(error);
      }
    })();
  });
}

function send(response: ServerResponse, text: string): void {
  response.writeHead(200, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': randomUUID(),
  });
  response.end(text);
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
