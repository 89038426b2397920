import createClient from 'openapi-fetch';
import type { paths } from '@stoa/generated/control-plane.types.ts';
import type { GatewayList, GatewayModes, Problem } from '@stoa/generated/schemas.ts';
import { isLiveness } from './fleet/liveness.ts';
import type { Filters } from './fleet/filters.ts';

/** What became of a request. `failed` carries a sentence for the reader and, if the server named one, the pause it wants. */
export type ApiOutcome<T> =
  | { kind: 'ok'; value: T }
  | { kind: 'unauthorized' }
  | { kind: 'failed'; message: string; retryAfterMs: number | undefined };

/** The fleet by mode; `searches` holds, for modes too large to come whole, what matches `filters`. */
export type FleetSnapshot = { modes: GatewayModes; filters: Filters; searches: ReadonlyMap<string, GatewayList> };

const requestTimeoutMs = 10_000;
const searchLimit = 500;
const client = createClient<paths>({ baseUrl: '', headers: { accept: 'application/json' } });

/** Reads the fleet. A filter on a mode with more instances than one answer carries is asked of the server, so that it never filters only a part. */
export async function readFleet(filters: Filters, signal: AbortSignal): Promise<ApiOutcome<FleetSnapshot>> {
  const init = { signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]) };
  return attempt(async () => {
    const answer = await client.GET('/v1/gateways/modes', init);
    if (answer.data === undefined) return refused(answer);
    const { environment, liveness } = filters;
    const searches = new Map<string, GatewayList>();
    // A value the contract does not know matches nothing; asking for it would be an error.
    const askServer = (environment !== undefined || liveness !== undefined) && (liveness === undefined || isLiveness(liveness));
    for (const { gateway_mode, more } of answer.data.modes) {
      if (!askServer || more === 0) continue;
      const query = { gateway_mode, limit: searchLimit, ...(environment && { environment }), ...(liveness && isLiveness(liveness) && { liveness }) };
      const found = await client.GET('/v1/gateways', { ...init, params: { query } });
      if (found.data === undefined) return refused(found);
      searches.set(gateway_mode, found.data);
    }
    return { kind: 'ok', value: { modes: answer.data, filters, searches } };
  });
}

/** Exchanges the code of a sign-in link for the session cookie, which the server sets and no script can read. */
export function signIn(code: string): Promise<ApiOutcome<undefined>> {
  const signal = AbortSignal.timeout(requestTimeoutMs);
  return attempt(async () => {
    const answer = await client.POST('/v1/session', { body: { code }, signal });
    return answer.data === undefined ? refused(answer) : { kind: 'ok', value: undefined };
  });
}

/** Ends the session. */
export function signOut(): Promise<ApiOutcome<undefined>> {
  const signal = AbortSignal.timeout(requestTimeoutMs);
  return attempt(async () => {
    const answer = await client.DELETE('/v1/session', { signal });
    return answer.response.ok ? { kind: 'ok', value: undefined } : refused(answer);
  });
}

async function attempt<T>(request: () => Promise<ApiOutcome<T>>): Promise<ApiOutcome<T>> {
  try {
    return await request();
  } catch (error) {
    // `fetch` says why only to the developer's console; for the reader a time-out is the one cause that can be told apart.
    const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
    const message = timedOut ? `The Control Plane did not answer within ${requestTimeoutMs / 1000} seconds.` : 'The Control Plane does not answer.';
    return { kind: 'failed', message, retryAfterMs: undefined };
  }
}

function refused<T>({ error, response }: { error?: unknown; response: Response }): ApiOutcome<T> {
  if (response.status === 401) return { kind: 'unauthorized' };
  const { title, detail } = (typeof error === 'object' && error !== null ? error : {}) as Partial<Problem>;
  const reason = detail ?? title;
  const message = `The Control Plane answered ${response.status}${reason === undefined ? '' : `: ${reason.replace(/\.$/, '')}`}.`;
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return { kind: 'failed', message, retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined };
}
