import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { clientAddresses } from '@stoa/lib/client-address.ts';
import { Penalties } from '@stoa/lib/penalties.ts';
import { sendProblem } from '@stoa/lib/problem.ts';
import type { ProblemFault } from '@stoa/lib/problem.ts';
import type { Logger } from '@stoa/lib/log.ts';
import controlPlaneDocument from '@stoa/generated/control-plane.openapi.json' with { type: 'json' };
import { documentTooLarge } from '../catalog/compile/document-error.ts';
import { policySpecFaults } from '../catalog/policy-spec-faults.ts';
import { ApiError, invalid, toProblem } from '../errors.ts';

/** Gives each request an id, which its answer and the log carry. */
export const identifyRequest: RequestHandler = (_request, response, next) => {
  const requestId = randomUUID();
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
    answerFailure(log, request, response, translate(error, request.body), response.locals['requestId'] as string);
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
type LibraryFault = { path?: string; message?: string; errorCode?: string };

/** Failures of Express, its body parser, multer and the validator carry a status; a server's own fault is none of the caller's. */
function translate(error: unknown, body: unknown): unknown {
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
  const faults = code === 400 ? toFaults(errors ?? [], body) : [];
  return faults.length === 0 ? new ApiError(code, sentence(errors?.[0]?.message ?? message)) : invalid(faults);
}

/** The same words for every way into the server. `message` is the parser's. */
export const bodyIsNotJson = (message: string): ApiError => new ApiError(400, 'The body is not JSON.', { errors: [{ pointer: '/body', message }] });

// Names of APIs, policies, consumers and environments: what newcomers get wrong first.
const slugPattern = controlPlaneDocument.components.schemas.Slug.pattern;

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

/** The validator tries a policy against every kind there is: what it says of that is replaced by what is wrong with the kind meant. */
function toFaults(errors: LibraryFault[], body: unknown): ProblemFault[] {
  const faults = withoutAlternatives(errors).map(toFault);
  if (!errors.some(({ path, errorCode }) => path === '/body/policy' && errorCode === 'oneOf.openapi.validation')) return faults;
  const others = faults.filter(({ pointer }) => pointer !== '/body/policy' && !pointer.startsWith('/body/policy/'));
  return [...others, ...policySpecFaults((body as { policy?: unknown } | undefined)?.policy, '/body/policy')];
}

/**
 * Of a value that fits none of several forms the validator says what each form misses, and then that it was none of them. What is wrong
 * inside a form that was meant is enough; where none was, one fault names them all.
 */
function withoutAlternatives(errors: LibraryFault[]): LibraryFault[] {
  const choices = new Set(errors.filter(({ errorCode }) => errorCode === 'oneOf.openapi.validation').map(({ path }) => path));
  if (choices.size === 0) return errors;
  const isInside = (path: string) => errors.some((other) => other.path?.startsWith(`${path}/`));
  return errors.flatMap((error) => {
    if (error.path === undefined || !choices.has(error.path)) return [error];
    if (isInside(error.path) || error.errorCode !== 'oneOf.openapi.validation') return [];
    const forms = errors.filter(({ path, errorCode }) => path === error.path && errorCode !== error.errorCode);
    return forms.length === 0 ? [error] : [{ ...error, message: forms.map(({ message }) => message).join(', or ') }];
  });
}

function toFault({ path = '', message = 'is invalid', errorCode = '' }: LibraryFault): ProblemFault {
  // The validator says `/params/` where the contract says path, and `/body/a/b` already is a pointer.
  const pointer = path.replace(/^\/params\//, '/path/').replace(/^\/?(.*)$/, '/$1');
  if (errorCode.startsWith('required.')) return { pointer, message: 'is required' };
  if (errorCode.startsWith('additionalProperties.')) return { pointer, message: 'is not known here; remove it' };
  if (message.includes(slugPattern)) return { pointer, message: 'must be lower-case letters, digits and hyphens, 63 at most, such as my-api' };
  return { pointer, message };
}
