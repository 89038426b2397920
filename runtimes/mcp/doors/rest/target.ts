import type { ApiEntry, RouteMatch, Snapshot } from '../../model.ts';
import { matchTarget } from '../../snapshot/routes.ts';

export const apisPath = '/apis';

/** Whether a path belongs to this door. */
export const isBelowApis = (path: string): boolean => path.startsWith(`${apisPath}/`);

export type Target = {
  /** Undefined where no API of the name is served. */
  readonly api: ApiEntry | undefined;
  /** Below the API, as it was written: what is decided on is what is sent on. */
  readonly pathAndQuery: string;
  readonly route: RouteMatch;
};

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const;
const nothing: RouteMatch = { kind: 'none' };

/**
 * Reads `/apis/<name>/…` and `/apis/<name>/<version>/…`. Names are taken as they stand: in another spelling there is no such API. What an API of the name has an operation for is that, so that what
 * was called before there were versions goes on to mean the same.
 */
export function readTarget(snapshot: Snapshot, method: string, url: string): Target {
  const rest = url.slice(apisPath.length + 1);
  const end = endOfSegment(rest, 0);
  const below = (api: ApiEntry, from: number): Target => {
    const pathAndQuery = rest.slice(from);
    return { api, pathAndQuery, route: matchTarget(api.matchBelow, method, pathAndQuery) };
  };
  const api = snapshot.apisByName.get(rest.slice(0, end));
  const named = api === undefined ? { api, pathAndQuery: rest.slice(end), route: nothing } : below(api, end);
  if (named.route.kind !== 'none' || rest[end] !== '/') return named;
  // A preflight asks about what another method would reach.
  if (method === 'OPTIONS' && api !== undefined && methods.some((each) => matchTarget(api.matchBelow, each, named.pathAndQuery).kind !== 'none'))
    return named;
  const endOfVersion = endOfSegment(rest, end + 1);
  const version = snapshot.apisByVersion.get(rest.slice(0, endOfVersion));
  return version === undefined ? named : below(version, endOfVersion);
}

const endOfSegment = (path: string, from: number): number => {
  const end = path.slice(from).search(/[/?]/);
  return end < 0 ? path.length : from + end;
};
