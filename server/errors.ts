import { problem } from '@stoa/lib/problem.ts';
import type { Problem, ProblemFault } from '@stoa/lib/problem.ts';
import type { EntryObject } from './audit/entry.ts';
import { databaseFault } from './database/faults.ts';

type Members = { code?: string; isBadCredential?: boolean; errors?: ProblemFault[]; retryAfterS?: number; cause?: unknown };
export type Translated = { problem: Problem; retryAfterS?: number; expected: boolean };

/** An answer other than success, thrown by operations and translated once, at the edge. `message` is for the caller. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string | undefined;
  readonly errors: ProblemFault[] | undefined;
  readonly retryAfterS: number | undefined;
  /** Whether somebody presented a credential that is not good: such refusals are slowed. */
  readonly isBadCredential: boolean;
  /** What was not allowed to be touched, where that is known: the audit tells it. */
  object: EntryObject | undefined;

  constructor(status: number, message: string, { code, errors, retryAfterS, isBadCredential = false, cause }: Members = {}) {
    super(message, { cause });
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.errors = errors;
    this.retryAfterS = retryAfterS;
    this.isBadCredential = isBadCredential;
  }
}

/** What `judge` refuses, it refuses of this object. */
export function about<T>(object: EntryObject, judge: () => T): T {
  try {
    return judge();
  } catch (error) {
    if (error instanceof ApiError) error.object ??= object;
    throw error;
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
export const badCredential = (message: string) => new ApiError(401, message, { isBadCredential: true });
export const staleEpoch = () =>
  new ApiError(409, 'A newer process holds the lease of this instance. Stop writing and register again.', { code: 'stale_epoch' });
export const decommissioned = () =>
  new ApiError(
    410,
    'An operator decommissioned this instance. To let its name register anew, forget it: DELETE /v1/gateways/{gateway_id}?forget=true.',
    { code: 'decommissioned' },
  );
export const tenantSuspended = () =>
  new ApiError(403, 'The tenant of this credential is suspended. Whoever runs the platform can resume it.', { code: 'tenant_suspended' });
export const overloaded = (retryAfterS: number) => new ApiError(503, 'The server is overloaded. Retry after the time given.', { retryAfterS });

// PostgreSQL's class 22: a value that the contract allows and a column cannot hold, such as an integer beyond 64 bits.
const unstorable = new Set(['22003', '22007', '22008', '22021', '22P02', '22P05']);

/** Anything thrown, as the problem to send. Unknown failures tell the caller nothing but the request id. */
export function toProblem(error: unknown): Translated {
  if (error instanceof ApiError) {
    const { status, message: detail, code, errors, retryAfterS } = error;
    const members = { detail, ...(code ? { code } : {}), ...(errors ? { errors } : {}) };
    return { problem: problem(status, members), expected: true, ...(retryAfterS === undefined ? {} : { retryAfterS }) };
  }
  const fault = databaseFault(error);
  if (fault !== undefined) return { problem: problem(503, { detail: fault.detail }), retryAfterS: fault.retryAfterS, expected: false };
  if (unstorable.has(String((error as { code?: unknown } | undefined)?.code))) {
    return { problem: problem(400, { detail: 'A value of the request is too large or holds characters that cannot be stored.' }), expected: true };
  }
  return { problem: problem(500, { detail: 'The server failed. Its log has the request id.' }), expected: false };
}
