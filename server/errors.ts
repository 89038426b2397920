import { problem } from '@stoa/lib/problem.ts';
import type { Problem, ProblemFault } from '@stoa/lib/problem.ts';

type Members = { code?: string; errors?: ProblemFault[]; retryAfterS?: number; cause?: unknown };
export type Translated = { problem: Problem; retryAfterS?: number; expected: boolean };

/** An answer other than success, thrown by operations and translated once, at the edge. `message` is for the caller. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string | undefined;
  readonly errors: ProblemFault[] | undefined;
  readonly retryAfterS: number | undefined;

  constructor(status: number, message: string, { code, errors, retryAfterS, cause }: Members = {}) {
    super(message, { cause });
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.errors = errors;
    this.retryAfterS = retryAfterS;
  }
}

/** One or more faults of a request, each at its JSON pointer below `/body`, `/query`, `/path` or `/headers`. */
export const invalid = (errors: ProblemFault[]) =>
  new ApiError(400, `The request has ${errors.length} fault${errors.length === 1 ? '' : 's'}.`, { errors });
export const notFound = (what: string) => new ApiError(404, `There is no such ${what}.`);
export const conflict = (message: string, code?: string) => new ApiError(409, message, code === undefined ? {} : { code });
export const unprocessable = (message: string, errors?: ProblemFault[]) => new ApiError(422, message, errors ? { errors } : {});
export const forbidden = (message: string) => new ApiError(403, message);
export const unauthorized = (message: string) => new ApiError(401, message);
export const staleEpoch = () =>
  new ApiError(409, 'A newer process holds the lease of this instance. Stop writing and register again.', { code: 'stale_epoch' });
export const decommissioned = () =>
  new ApiError(
    410,
    'An operator decommissioned this instance. To let its name register anew, forget it: DELETE /v1/gateways/{gateway_id}?forget=true.',
    { code: 'decommissioned' },
  );
export const overloaded = (retryAfterS: number) => new ApiError(503, 'The server is overloaded. Retry after the time given.', { retryAfterS });

/** Whether a failure means that the database cannot be asked at present, so that the caller should come back. */
export function isDatabaseAway(error: unknown): boolean {
  for (let current: unknown = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth += 1) {
    const code = (current as { code?: unknown }).code;
    if (typeof code === 'string' && databaseAway.has(code)) return true;
    if (
      /Connection terminated|timeout exceeded when trying to connect|Query read timeout|server has closed the connection|DriverAdapterError: DatabaseNotReachable/i.test(
        current.message,
      )
    )
      return true;
  }
  return false;
}

// Prisma's own codes; PostgreSQL's for a lost connection, a shutdown, a stand-by, too many connections, a cancelled statement, a deadlock; the socket's.
const databaseAway = new Set([
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
  'P2034',
  'P2037',
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '25006',
  '57014',
  '40001',
  '40P01',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
]);

// PostgreSQL's class 22: a value that the contract allows and a column cannot hold, such as an integer beyond 64 bits.
const unstorable = new Set(['22003', '22007', '22008', '22021', '22P02', '22P05']);

/** Anything thrown, as the problem to send. Unknown failures tell the caller nothing but the request id. */
export function toProblem(error: unknown): Translated {
  if (error instanceof ApiError) {
    const { status, message: detail, code, errors, retryAfterS } = error;
    const members = { detail, ...(code ? { code } : {}), ...(errors ? { errors } : {}) };
    return { problem: problem(status, members), expected: true, ...(retryAfterS === undefined ? {} : { retryAfterS }) };
  }
  if (isDatabaseAway(error)) {
    return { problem: problem(503, { detail: 'The database cannot be reached at present.' }), retryAfterS: 2, expected: false };
  }
  if (unstorable.has(String((error as { code?: unknown } | undefined)?.code))) {
    return { problem: problem(400, { detail: 'A value of the request is too large or holds characters that cannot be stored.' }), expected: true };
  }
  return { problem: problem(500, { detail: 'The server failed. Its log has the request id.' }), expected: false };
}
