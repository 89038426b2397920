import createClient from 'openapi-fetch';
import type { paths } from '@stoa/generated/control-plane.types.ts';
import type { Approval, ApprovalList, Gateway, GatewayList, GatewayMode, GatewayModes, Problem } from '@stoa/generated/schemas.ts';
import { isLiveness } from './fleet/liveness.ts';
import type { Filters } from './fleet/filters.ts';

/** What became of a request. `failed` carries a sentence for the reader and, if the server named one, the pause it wants. */
export type ApiOutcome<T> =
  | { kind: 'ok'; value: T }
  | { kind: 'unauthorized' }
  | { kind: 'failed'; message: string; retryAfterMs: number | undefined };

/** What a page of the fleet shows: the counts of all, and of each mode the first instances that match `filters`. */
export type FleetSnapshot = { modes: GatewayModes; filters: Filters; lists: ReadonlyMap<string, GatewayList> };

/** Which part of the fleet is wanted; `rows` says how many instances of a mode, where more than the first few. */
export type FleetQuery = { filters: Filters; rows: ReadonlyMap<string, number> };

export const requestTimeoutMs = 10_000;
/** Of each mode at first. */
export const firstRows = 20;
const pageLimit = 500;
export const client = createClient<paths>({ baseUrl: '', headers: { accept: 'application/json' } });

/** Reads the counts and what is shown of the instances: what it costs does not grow with the fleet. */
export async function readFleet({ filters, rows }: FleetQuery, signal: AbortSignal): Promise<ApiOutcome<FleetSnapshot>> {
  const init = { signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]) };
  return attempt(async () => {
    const answer = await client.GET('/v1/gateways/modes', { ...init, params: { query: { instances: false } } });
    if (answer.data === undefined) return refused(answer);
    const lists = new Map<string, GatewayList>();
    for (const { gateway_mode, total } of answer.data.modes) {
      // A value the contract does not know matches nothing; asking for it would be an error.
      const mayMatch = total > 0 && (filters.liveness === undefined || isLiveness(filters.liveness));
      const found = mayMatch ? await readList(gateway_mode, filters, rows.get(gateway_mode) ?? firstRows, init) : none;
      if ('kind' in found) return found;
      lists.set(gateway_mode, found);
    }
    return { kind: 'ok', value: { modes: answer.data, filters, lists } };
  });
}

const none: GatewayList = { items: [], next_cursor: null };

async function readList(
  gateway_mode: GatewayMode,
  { environment, liveness, search, sort }: Filters,
  rows: number,
  init: { signal: AbortSignal },
): Promise<GatewayList | Exclude<ApiOutcome<never>, { kind: 'ok' }>> {
  const items: Gateway[] = [];
  let cursor: string | null = null;
  do {
    const query = {
      gateway_mode,
      limit: Math.min(pageLimit, rows - items.length),
      sort: sort === 'registered' ? ('registered' as const) : ('worst' as const),
      include_left: liveness === 'left',
      ...(environment && { environment }),
      ...(liveness && isLiveness(liveness) && { liveness }),
      ...(search && { search }),
      ...(cursor && { cursor }),
    };
    const page: { data?: GatewayList; error?: unknown; response: Response } = await client.GET('/v1/gateways', { ...init, params: { query } });
    if (page.data === undefined) return refused(page) as Exclude<ApiOutcome<never>, { kind: 'ok' }>;
    items.push(...page.data.items);
    cursor = page.data.next_cursor;
  } while (cursor !== null && items.length < rows);
  return { items, next_cursor: cursor };
}

/** Lets the silent instances of an environment go offline. */
export function releaseBrake(environment: string): Promise<ApiOutcome<undefined>> {
  const signal = AbortSignal.timeout(requestTimeoutMs);
  return attempt(async () => {
    const answer = await client.DELETE('/v1/gateways/brakes/{environment}', { params: { path: { environment } }, signal });
    return answer.response.ok ? { kind: 'ok', value: undefined } : refused(answer);
  });
}

/** What waits for a person, the oldest first. */
export async function readWaiting(signal: AbortSignal): Promise<ApiOutcome<ApprovalList>> {
  return attempt(async () => {
    const init = { signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]) };
    const answer = await client.GET('/v1/approvals', { ...init, params: { query: { state: 'pending', limit: 100 } } });
    return answer.data === undefined ? refused(answer) : { kind: 'ok', value: answer.data };
  });
}

/** Approves or denies what waits. */
export function decideOn(id: string, decision: 'approve' | 'deny', reason: string): Promise<ApiOutcome<Approval>> {
  const given = {
    params: { path: { approval_id: id } },
    body: reason.trim() === '' ? {} : { reason: reason.trim() },
    signal: AbortSignal.timeout(requestTimeoutMs),
  };
  return attempt(async () => {
    const answer =
      decision === 'approve'
        ? await client.POST('/v1/approvals/{approval_id}/approve', given)
        : await client.POST('/v1/approvals/{approval_id}/deny', given);
    return answer.data === undefined ? refused(answer) : { kind: 'ok', value: answer.data };
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
