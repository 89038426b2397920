import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { QuickMessage } from '@stoa/lib/quick/reply.ts';
import { requestIdOf } from '@stoa/lib/request-id.ts';
import type { OperationId } from '@stoa/generated/operations.ts';
import type { GatewayKeyPrincipal } from '../access/principal.ts';
import { requireStorableText } from '../catalog/storable-text.ts';
import type { ServerContext } from '../context.ts';
import { RawBody } from '../raw-body.ts';
import { bearerOf } from './authenticate.ts';
import { answerFailure, noteRefusal } from './failures.ts';
import { bulkBounds, parseJson } from './json-body.ts';
import { askedOf } from './request-context.ts';
import { endWith } from './send-raw.ts';

const plainJson = /^application\/json(?:; ?charset=utf-8)?$/i;
const maxBytes = 64 * 1024;
const always = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

export type LaneExchange = readonly [request: IncomingMessage, response: ServerResponse, ordinary: RequestListener];
export type LaneReply = { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: object };

/** A way to an answer without Express and its validator, which cost several times what the call itself does. */
export type Lane<Body> = {
  operation: OperationId;
  isBody(value: unknown): value is Body;
  answer(principal: GatewayKeyPrincipal, body: Body): Promise<LaneReply>;
};

/** The gateway key that asks, if it is known by now. */
function rememberedKey(context: ServerContext, { headers }: IncomingMessage): GatewayKeyPrincipal | undefined {
  const credential = bearerOf(headers.authorization);
  const principal = credential === undefined ? undefined : context.authenticator.remembered(credential);
  return principal?.kind === 'gateway_key' ? principal : undefined;
}

/** The gateway key that asks, looked up where it is not known by now. Undefined where the ordinary way has to say what is wrong with it. */
async function lookUpKey({ authenticator }: ServerContext, { headers }: IncomingMessage): Promise<GatewayKeyPrincipal | undefined> {
  const credential = bearerOf(headers.authorization);
  const principal = credential === undefined ? undefined : await authenticator.authenticate(credential).catch(() => undefined);
  return principal?.kind === 'gateway_key' ? principal : undefined;
}

/**
 * Goes on with the gateway key that asks, at once when it is known by now. One that has to be looked up first is waited for: on the ordinary way, what a whole
 * fleet asks meanwhile would cost several times as much, and the next look-up would be late for it. Whoever has none goes the ordinary way.
 */
export function withGatewayKey(
  context: ServerContext,
  operation: OperationId,
  exchange: LaneExchange,
  proceed: (principal: GatewayKeyPrincipal) => void,
): void {
  const [request, response, ordinary] = exchange;
  const goOn = (principal: GatewayKeyPrincipal) => {
    if (principal.isUnused) context.audit.firstUses.note(principal, askedOf(context, request, operation));
    proceed(principal);
  };
  const remembered = rememberedKey(context, request);
  if (remembered) return goOn(remembered);
  void lookUpKey(context, request).then((found) => (found ? goOn(found) : ordinary(request, response)));
}

/**
 * Answers a good call. Whatever is unusual in any way goes the ordinary way, so that it is refused in the same words: a lane decides nothing of its own but
 * that the body is well formed.
 */
export function takeLane<Body>(
  context: ServerContext,
  { operation, isBody, answer }: Lane<Body>,
  principal: GatewayKeyPrincipal,
  exchange: LaneExchange,
): void {
  const [request, response, ordinary] = exchange;
  if (!hasPlainBody(request)) return ordinary(request, response);
  const call = { operation, principal, since: performance.now() };
  readAll(request, (bytes) => {
    let body: unknown;
    try {
      body = parseJson(bytes, bulkBounds);
    } catch (error) {
      return fail(context, call, exchange, error);
    }
    // The body is read; Express's parser leaves alone what was parsed before.
    if (!isBody(body)) return ordinary(Object.assign(request, { body }), response);
    void answerBy(context, call, exchange, () => {
      // Only an escape can say a character that cannot be stored.
      if (bytes.includes('\\u')) requireStorableText(body);
      return answer(principal, body);
    });
  });
}

/** What is asked, by whom and since when. */
type Call = { readonly operation: OperationId; readonly principal: GatewayKeyPrincipal; readonly since: number };

/** Sends what `work` comes to, or its failure. Never rejects. */
export async function answerBy(context: ServerContext, call: Call, exchange: LaneExchange, work: () => Promise<LaneReply>): Promise<void> {
  try {
    send(exchange[1], await work());
  } catch (error) {
    return fail(context, call, exchange, error);
  }
  note(context, call, exchange);
}

function fail(context: ServerContext, call: Call, exchange: LaneExchange, error: unknown): void {
  const [request, response] = exchange;
  response.setHeader('X-Content-Type-Options', always['X-Content-Type-Options']);
  noteRefusal(context, request, response, { principal: call.principal, operationId: call.operation, error });
  answerFailure(context.log, request, response, error, requestIdOf(response));
  note(context, call, exchange);
}

function note({ metrics }: ServerContext, { operation, since }: Call, [, response]: LaneExchange): void {
  if (!response.destroyed) metrics.noteRequest(operation, response.statusCode, (performance.now() - since) / 1000);
}

function send(response: ServerResponse, { status, headers, body }: LaneReply): void {
  const requestId = requestIdOf(response);
  if (body === undefined) return void response.writeHead(status, { ...always, 'X-Request-Id': requestId, ...headers }).end();
  const raw = body instanceof RawBody ? body : new RawBody([JSON.stringify(body)], 'application/json; charset=utf-8');
  const { byteLength } = raw;
  response.writeHead(status, { 'Content-Type': raw.type, 'Content-Length': byteLength, ...always, 'X-Request-Id': requestId, ...headers });
  endWith(response, raw, byteLength);
}

function hasPlainBody({ headers }: IncomingMessage): boolean {
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
function readAll(request: IncomingMessage, done: (bytes: Buffer) => void): void {
  const { body } = request as Partial<QuickMessage>;
  if (body !== undefined) return done(body);
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
  request.on('error', () => {});
}
