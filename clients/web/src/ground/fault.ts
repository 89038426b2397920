import type { Approval, ProblemError } from '@stoa/generated/schemas.ts';
import { refused, requestTimeoutMs } from '../api.ts';

/** What a request came to where it did not succeed: a sentence for the reader, and each fault with the pointer to what was sent. `status` is 0 without an answer. */
export class ApiFault extends Error {
  readonly status: number;
  readonly errors: readonly ProblemError[];

  constructor(status: number, message: string, errors: readonly ProblemError[] = []) {
    super(message);
    this.name = 'ApiFault';
    this.status = status;
    this.errors = errors;
  }
}

type Answer<T> = { data?: T; error?: unknown; response: Response };
/** What was read, with the ETag that names its state. */
export type Tagged<T> = { value: T; etag: string | undefined };

/** What an operation answers when it is done, as JSON: that a change waits for a second person is a fault of status 202. */
type Done<T> = Exclude<T, Approval | string>;

/** The answer's body, or an ApiFault. */
export async function answered<T>(request: Promise<Answer<T>>): Promise<Done<T>> {
  return (await tagged(request)).value;
}

export async function tagged<T>(request: Promise<Answer<T>>): Promise<Tagged<Done<T>>> {
  const answer = await request.catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
    throw new ApiFault(
      0,
      timedOut ? `The Control Plane did not answer within ${requestTimeoutMs / 1000} seconds.` : 'The Control Plane does not answer.',
    );
  });
  if (!answer.response.ok) throw faultOf(answer);
  if (answer.response.status === 202) throw awaiting(answer.data as Approval);
  return { value: answer.data as Done<T>, etag: answer.response.headers.get('etag') ?? undefined };
}

/** For an operation that answers with nothing. */
export async function done(request: Promise<Answer<unknown>>): Promise<void> {
  await tagged(request);
}

const awaiting = ({ environments }: Approval): ApiFault =>
  new ApiFault(202, `It waits for a second person, in ${environments.join(', ')}: it stands under Approvals until then.`);

function faultOf(answer: Answer<unknown>): ApiFault {
  const { status } = answer.response;
  const outcome = refused(answer);
  const errors = (answer.error as { errors?: ProblemError[] } | undefined)?.errors ?? [];
  return new ApiFault(status, outcome.kind === 'failed' ? outcome.message : 'You are not signed in any more.', errors);
}

/** Another state by now: somebody changed it since it was read. */
export const isOutdated = (error: unknown): boolean => error instanceof ApiFault && error.status === 412;

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'Something went wrong in this page.');

/** A signal that also ends when the server takes too long. */
export const within = (signal?: AbortSignal): AbortSignal =>
  signal === undefined ? AbortSignal.timeout(requestTimeoutMs) : AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]);
