import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { clientAddresses } from '@stoa/lib/client-address.ts';
import { Penalties } from '@stoa/lib/penalties.ts';
import { sendProblem } from '@stoa/lib/problem.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { observedOf } from '@stoa/lib/telemetry/model.ts';
import { requestIdOf } from '@stoa/lib/request-id.ts';
import { accessOf } from '@stoa/generated/permissions.ts';
import type { OperationId } from '@stoa/generated/operations.ts';
import type { Principal } from '../access/principal.ts';
import { actorOf } from '../audit/actor.ts';
import type { ServerContext } from '../context.ts';
import { ApiError, toProblem } from '../errors.ts';

/** Gives each request an id, which its answer and the log carry. */
export const identifyRequest: RequestHandler = (_request, response, next) => {
  const requestId = requestIdOf(response);
  response.locals['requestId'] = requestId;
  response.set('X-Request-Id', requestId);
  next();
};

/** The one place where anything thrown becomes an answer. Refusals of bad credentials are slowed by the address that they come from. */
export function answerFailures(context: Pick<ServerContext, 'log' | 'settings' | 'audit' | 'callerOf'>): ErrorRequestHandler {
  const { log, settings } = context;
  const penalties = new Penalties();
  const addressOf = clientAddresses(settings.trustedProxies);
  return async (error: unknown, request, response, _next) => {
    if (error instanceof ApiError && error.isBadCredential) await penalties.wait(addressOf(request));
    const { principal, operationId } = (response.locals['refusable'] as Refusable | undefined) ?? {};
    if (principal !== undefined && operationId !== undefined) noteRefusal(context, request, response, { principal, operationId, error });
    answerFailure(log, request, response, translate(error), response.locals['requestId'] as string);
  };
}

type Refusable = { principal: Principal; operationId: OperationId };

/**
 * Records a refusal for rights of somebody of whom it is known who he is. What a runtime asks again and again is none of it, once it is registered.
 */
export function noteRefusal(
  context: Pick<ServerContext, 'audit' | 'callerOf'>,
  request: IncomingMessage,
  response: ServerResponse,
  { principal, operationId, error }: Refusable & { error: unknown },
): void {
  if (!(error instanceof ApiError) || error.status !== 403) return;
  if (principal.kind === 'gateway_key' && accessOf(operationId) === 'runtime' && operationId !== 'registerGateway') return;
  context.audit.counted.note(principal.tenantId, {
    kind: 'refusal',
    action: operationId,
    outcome: 'refused',
    actor: actorOf(principal, context.callerOf(request)),
    object: error.object,
    detail: error.code === undefined ? undefined : { code: error.code },
    requestId: requestIdOf(response),
  });
}

/** Sends a failure as a problem, and logs what no caller is to blame for. */
export function answerFailure(log: Logger, request: IncomingMessage, response: ServerResponse, error: unknown, requestId: string): void {
  const { problem, retryAfterS, expected } = toProblem(error);
  const path = (request.url ?? '').split('?', 1)[0];
  if (!expected) log.error({ err: error, request_id: requestId, method: request.method, path, ...observedOf(response)?.ids() }, 'A request failed.');
  sendProblem(
    response,
    { ...problem, request_id: requestId },
    {
      ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }),
      ...(problem.status === 401 ? { 'www-authenticate': 'Bearer realm="stoa"' } : {}),
    },
  );
}

type LibraryError = { status?: unknown; statusCode?: unknown; message: string };

/** Failures of Express carry a status; a server's own fault is none of the caller's. */
function translate(error: unknown): unknown {
  if (error instanceof ApiError || !(error instanceof Error)) return error;
  const { status, statusCode, message } = error as LibraryError;
  const code = typeof status === 'number' ? status : statusCode;
  return typeof code !== 'number' || code < 400 || code >= 500 ? error : new ApiError(code, sentence(message));
}

/** The same words for every way into the server. `message` is the parser's. */
export const bodyIsNotJson = (message: string): ApiError => new ApiError(400, 'The body is not JSON.', { errors: [{ pointer: '/body', message }] });

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
