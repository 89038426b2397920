import { randomUUID } from 'node:crypto';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { sendProblem } from '@stoa/lib/problem.ts';
import type { ProblemFault } from '@stoa/lib/problem.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { ApiError, toProblem } from '../errors.ts';

/** Gives each request an id, which its answer and the log carry. */
export const identifyRequest: RequestHandler = (_request, response, next) => {
  const requestId = randomUUID();
  response.locals['requestId'] = requestId;
  response.set('X-Request-Id', requestId);
  next();
};

export const noSuchPath: RequestHandler = (request) => {
  throw new ApiError(404, `There is nothing at ${request.method} ${request.path}.`, { code: 'no_such_route' });
};

/** The one place where anything thrown becomes an answer. */
export function answerFailures(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const { problem, retryAfterS, expected } = toProblem(translate(error));
    const requestId = response.locals['requestId'] as string;
    if (!expected) log.error({ err: error, request_id: requestId, method: request.method, path: request.path }, 'A request failed.');
    sendProblem(response, { ...problem, request_id: requestId }, {
      ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }),
      ...(problem.status === 401 ? { 'www-authenticate': 'Bearer realm="stoa"' } : {}),
    });
  };
}

type LibraryError = { status?: unknown; statusCode?: unknown; message: string; type?: unknown; code?: unknown; errors?: { path?: unknown; message?: unknown }[] };

/** Failures of Express, its body parser, multer and the validator carry a status; a server's own fault is none of the caller's. */
function translate(error: unknown): unknown {
  if (error instanceof ApiError || !(error instanceof Error)) return error;
  const { status, statusCode, message, type, errors } = error as LibraryError;
  const code = typeof status === 'number' ? status : statusCode;
  if (type === 'entity.parse.failed') return new ApiError(400, 'The body is not JSON.', { errors: [{ pointer: '/body', message }] });
  if (type === 'entity.too.large' || (error as LibraryError).code === 'LIMIT_FILE_SIZE') return new ApiError(413, 'The body is too large.');
  if (typeof code !== 'number' || code < 400 || code >= 500) return error;
  const faults = (errors ?? []).map(toFault);
  if (faults.length === 0) return new ApiError(code, message);
  return new ApiError(code, `The request has ${faults.length} fault${faults.length === 1 ? '' : 's'}.`, { errors: faults });
}

function toFault({ path, message }: { path?: unknown; message?: unknown }): ProblemFault {
  // The validator says `/params/` where the contract says path, and `/body/a/b` already is a pointer.
  const pointer = String(path ?? '').replace(/^\/params\//, '/path/').replace(/^\/?(.*)$/, '/$1');
  return { pointer, message: String(message ?? 'is invalid') };
}
