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

const nothing: RouteMatch = { kind: 'none' };

/** Reads `/apis/<name>/…`. The name is taken as it stands: in another spelling there is no such API. */
export function readTarget(snapshot: Snapshot, method: string, url: string): Target {
  const rest = url.slice(apisPath.length + 1);
  const end = /[/?]/.exec(rest)?.index ?? rest.length;
  const api = snapshot.apisByName.get(rest.slice(0, end));
  const pathAndQuery = rest.slice(end);
  return { api, pathAndQuery, route: api === undefined ? nothing : matchTarget(api.matchBelow, method, pathAndQuery) };
}
