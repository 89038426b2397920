import createClient from 'openapi-fetch';
import type { paths } from '@stoa/generated/control-plane.types.ts';
import type { Problem } from '@stoa/generated/schemas.ts';

/** What became of a request. `failed` carries a sentence for the reader and, if the server named one, the pause it wants. */
export type ApiOutcome<T> =
  | { kind: 'ok'; value: T }
  | { kind: 'unauthorized' }
  | { kind: 'failed'; message: string; retryAfterMs: number | undefined };

export const requestTimeoutMs = 10_000;
export const client = createClient<paths>({ baseUrl: '', headers: { accept: 'application/json' } });

/** Ends the session. */
export function signOut(): Promise<ApiOutcome<undefined>> {
  const signal = AbortSignal.timeout(requestTimeoutMs);
  return attempt(async () => {
    const answer = await client.DELETE('/v1/session', { signal });
    return answer.response.ok ? { kind: 'ok', value: undefined } : refused(answer);
  });
}

export async function attempt<T>(request: () => Promise<ApiOutcome<T>>): Promise<ApiOutcome<T>> {
  try {
    return await request();
  } catch (error) {
    // `fetch` says why only to the developer's console; for the reader a time-out is the one cause that can be told apart.
    const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
    const message = timedOut ? `The Control Plane did not answer within ${requestTimeoutMs / 1000} seconds.` : 'The Control Plane does not answer.';
    return { kind: 'failed', message, retryAfterMs: undefined };
  }
}

export function refused<T>({ error, response }: { error?: unknown; response: Response }): ApiOutcome<T> {
  if (response.status === 401) return { kind: 'unauthorized' };
  const { title, detail } = (typeof error === 'object' && error !== null ? error : {}) as Partial<Problem>;
  const reason = detail ?? title;
  const message = `The Control Plane answered ${response.status}${reason === undefined ? '' : `: ${reason.replace(/\.$/, '')}`}.`;
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return { kind: 'failed', message, retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined };
}
