import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { sendProblem } from '@stoa/lib/problem.ts';
import type { ProblemFault } from '@stoa/lib/problem.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { ApiError, invalid, toProblem } from '../errors.ts';

/** Gives each request an id, which its answer and the log carry. */
export const identifyRequest: RequestHandler = (_request, response, next) => {
  const requestId = randomUUID();
  response.locals['requestId'] = requestId;
  response.set('X-Request-Id', requestId);
  next();
};

/** The one place where anything thrown becomes an answer. */
export function answerFailures(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => answerFailure(log, request, response, translate(error), response.locals['requestId'] as string);
}

/** Sends a failure as a problem, and logs what no caller is to blame for. */
export function answerFailure(log: Logger, request: IncomingMessage, response: ServerResponse, error: unknown, requestId: string): void {
  const { problem, retryAfterS, expected } = toProblem(error);
  const path = (request.url ?? '').split('?', 1)[0];
  if (!expected) log.error({ err: error, request_id: requestId, method: request.method, path }, 'A request failed.');
  sendProblem(response, { ...problem, request_id: requestId }, {
    ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }),
    ...(problem.status === 401 ? { 'www-authenticate': 'Bearer realm="stoa"' } : {}),
  });
}

type LibraryError = { status?: unknown; statusCode?: unknown; message: string; type?: unknown; code?: unknown; errors?: { path?: string; message?: string }[] };

/** Failures of Express, its body parser, multer and the validator carry a status; a server's own fault is none of the caller's. */
function translate(error: unknown): unknown {
  if (error instanceof ApiError || !(error instanceof Error)) return error;
  const { status, statusCode, message, type, errors } = error as LibraryError;
  const code = typeof status === 'number' ? status : statusCode;
  if (type === 'entity.parse.failed') return bodyIsNotJson(message);
  if (type === 'entity.too.large' || (error as LibraryError).code === 'LIMIT_FILE_SIZE') return new ApiError(413, 'The body is too large.');
  if (typeof code !== 'number' || code < 400 || code >= 500) return error;
  // What the validator finds wrong with the request as a whole, such as its media type, it says of the path.
  const faults = code === 400 ? (errors ?? []).map(toFault) : [];
  return faults.length === 0 ? new ApiError(code, sentence(errors?.[0]?.message ?? message)) : invalid(faults);
}

/** The same words for every way into the server. `message` is the parser's. */
export const bodyIsNotJson = (message: string): ApiError => new ApiError(400, 'The body is not JSON.', { errors: [{ pointer: '/body', message }] });

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

function toFault({ path = '', message = 'is invalid' }: { path?: string; message?: string }): ProblemFault {
  // The validator says `/params/` where the contract says path, and `/body/a/b` already is a pointer.
  const pointer = path.replace(/^\/params\//, '/path/').replace(/^\/?(.*)$/, '/$1');
  return { pointer, message };
}
