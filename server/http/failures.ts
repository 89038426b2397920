import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { clientAddresses } from '@stoa/lib/client-address.ts';
import { Penalties } from '@stoa/lib/penalties.ts';
import { sendProblem } from '@stoa/lib/problem.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { requestIdOf } from '@stoa/lib/request-id.ts';
import type { ContractOperation } from '@stoa/generated/operations.ts';
import { documentTooLarge } from '../catalog/compile/document-error.ts';
import { ApiError, invalid, toProblem } from '../errors.ts';
import { requestFaults } from './request-faults.ts';
import type { LibraryFault } from './request-faults.ts';

/** Gives each request an id, which its answer and the log carry. */
export const identifyRequest: RequestHandler = (_request, response, next) => {
  const requestId = requestIdOf(response);
  response.locals['requestId'] = requestId;
  response.set('X-Request-Id', requestId);
  next();
};

/** The one place where anything thrown becomes an answer. Refusals of bad credentials are slowed by the address that they come from. */
export function answerFailures(log: Logger, trustedProxies: readonly string[]): ErrorRequestHandler {
  const penalties = new Penalties();
  const addressOf = clientAddresses(trustedProxies);
  return async (error: unknown, request, response, _next) => {
    if (error instanceof ApiError && error.isBadCredential) await penalties.wait(addressOf(request));
    answerFailure(log, request, response, translate(error, request, response), response.locals['requestId'] as string);
  };
}

/** Sends a failure as a problem, and logs what no caller is to blame for. */
export function answerFailure(log: Logger, request: IncomingMessage, response: ServerResponse, error: unknown, requestId: string): void {
  const { problem, retryAfterS, expected } = toProblem(error);
  const path = (request.url ?? '').split('?', 1)[0];
  if (!expected) log.error({ err: error, request_id: requestId, method: request.method, path }, 'A request failed.');
  sendProblem(
    response,
    { ...problem, request_id: requestId },
    {
      ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }),
      ...(problem.status === 401 ? { 'www-authenticate': 'Bearer realm="stoa"' } : {}),
    },
  );
}

type LibraryError = { status?: unknown; statusCode?: unknown; message: string; type?: unknown; code?: unknown; errors?: LibraryFault[] };

/** Failures of Express, its body parser, multer and the validator carry a status; a server's own fault is none of the caller's. */
function translate(error: unknown, request: Request, response: Response): unknown {
  if (error instanceof ApiError || !(error instanceof Error)) return error;
  const { status, statusCode, message, type, errors } = error as LibraryError;
  const code = typeof status === 'number' ? status : statusCode;
  if (type === 'entity.parse.failed') return bodyIsNotJson(message);
  if (type === 'entity.too.large') return new ApiError(413, 'The body is too large.');
  // multer says so of an upload.
  if (statusCode === 413 || status === 413) return new ApiError(413, documentTooLarge().message, { code: 'document_too_large' });
  if (typeof code !== 'number' || code < 400 || code >= 500) return error;
  if (code === 415)
    return new ApiError(415, 'The body has a media type that this operation does not take: send it as application/json, and say so in Content-Type.');
  // What the validator finds wrong with the request as a whole, such as its media type, it says of the path.
  const faults = code === 400 ? requestFaults(errors ?? [], refusedOf(request, response)) : [];
  return faults.length === 0 ? new ApiError(code, sentence(errors?.[0]?.message ?? message)) : invalid(faults);
}

const refusedOf = (request: Request, { locals }: Response) => ({
  operation: locals['operation'] as ContractOperation | undefined,
  body: request.body as unknown,
  isUpload: Array.isArray((request as { files?: unknown }).files),
});

/** The same words for every way into the server. `message` is the parser's. */
export const bodyIsNotJson = (message: string): ApiError => new ApiError(400, 'The body is not JSON.', { errors: [{ pointer: '/body', message }] });

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
