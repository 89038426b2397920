import type { Gateway, GatewayList, GatewayMode, GatewayModes } from '@stoa/generated/schemas.ts';
import { attempt, client, refused, requestTimeoutMs } from '../api.ts';
import type { ApiOutcome } from '../api.ts';
import { isLiveness } from './liveness.ts';
import type { Filters } from './filters.ts';

/** What a page of the fleet shows: the counts of all, and of each mode the first instances that match `filters`. */
export type FleetSnapshot = { modes: GatewayModes; filters: Filters; lists: ReadonlyMap<string, GatewayList> };

/** Which part of the fleet is wanted; `rows` says how many instances of a mode, where more than the first few. */
export type FleetQuery = { filters: Filters; rows: ReadonlyMap<string, number> };

/** Of each mode at first. */
export const firstRows = 20;
const pageLimit = 500;

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
