import { AdminError } from '../../engine/admin-error.ts';
import { isRecord } from '../../engine/compare.ts';
import type { ManagedObject } from '../../engine/model.ts';
import type { CaddyAdmin } from './admin.ts';
import { isComposed, listOf, parts, treeId } from './document.ts';
import type { CaddyJson } from './json.ts';
import { objectsOf } from './transform.ts';

/** What a Caddy holds: its whole configuration, and in it what is ours. */
export type CaddyObserved = {
  readonly gatewayId: string;
  readonly config: CaddyJson;
  readonly etag: string;
  /** The server that serves our APIs. */
  readonly server: string;
  /** Our sub-tree, wherever it stands. */
  readonly tree: unknown;
  /** Routes of the server before and after ours; where ours is not there yet, before and after its place. */
  readonly before: readonly unknown[];
  readonly after: readonly unknown[];
  readonly objects: ReadonlyMap<string, ManagedObject>;
  /** Whether our sub-tree holds something that we did not put there, or lacks something that is no object. */
  readonly isAltered: boolean;
};

export async function fetchCaddy(admin: CaddyAdmin, gatewayId: string, wanted: string | undefined, signal: AbortSignal): Promise<CaddyObserved> {
  const { config, etag } = await admin.configuration(signal);
  return observe({ gatewayId, config: isRecord(config) ? config : {}, etag }, wanted);
}

export function observe(read: Pick<CaddyObserved, 'gatewayId' | 'config' | 'etag'>, wanted: string | undefined): CaddyObserved {
  const { gatewayId, config } = read;
  const trees = marked(config, treeId(gatewayId));
  if (trees.length > 1)
    throw new AdminError('unsupported', `This Caddy has ${trees.length} objects with the @id ${treeId(gatewayId)}: remove all but one.`);
  const [tree] = trees;
  const server = chooseServer(config, wanted);
  const routes = listOf(serversOf(config)[server], 'routes');
  const at = tree === undefined ? placeIn(routes) : routes.findIndex((route) => marked(route, treeId(gatewayId)).length > 0);
  const before = at < 0 ? [] : routes.slice(0, at);
  const after = at < 0 ? [] : routes.slice(tree === undefined ? at : at + 1);
  const objects = new Map(parts(gatewayId, tree).flatMap((part) => objectsOf(gatewayId, part).map((object) => [object.id, object])));
  const isAltered = tree !== undefined && !isComposed(gatewayId, tree, closesWith(after));
  return { ...read, server, tree, before, after, objects, isAltered };
}

/** Whether nothing follows that could have a request which no operation of ours takes. */
export const closesWith = (after: readonly unknown[]): boolean => after.length === 0;

/** Ours comes after what others match, so that they keep it, and before what takes every request. */
function placeIn(routes: readonly unknown[]): number {
  const at = routes.findIndex(takesAll);
  return at < 0 ? routes.length : at;
}

export const takesAll = (route: unknown): boolean =>
  listOf(route, 'match').length === 0 && (!isRecord(route) || route['@id'] === undefined || !isOurs(route['@id']));
/** Of some Connect: its own operations are all that such a route takes. */
const isOurs = (mark: unknown): boolean => typeof mark === 'string' && /^stoa-[0-9a-f-]{36}$/.test(mark);

export function serversOf(config: CaddyJson): Readonly<Record<string, unknown>> {
  const http = isRecord(config['apps']) ? config['apps']['http'] : undefined;
  const servers = isRecord(http) ? http['servers'] : undefined;
  return isRecord(servers) ? servers : {};
}

function chooseServer(config: CaddyJson, wanted: string | undefined): string {
  const names = Object.keys(serversOf(config));
  if (wanted !== undefined && names.includes(wanted)) return wanted;
  const [only] = names;
  if (wanted === undefined && names.length === 1 && only !== undefined) return only;
  const there = names.length === 0 ? 'It has no server at all' : `It has ${names.join(', ')}`;
  const what =
    wanted === undefined ? 'STOA_CADDY_SERVER has to name the server of this Caddy that is to serve the APIs' : `This Caddy has no server ${wanted}`;
  throw new AdminError('unsupported', `${what}. ${there} in apps.http.servers${wanted === undefined ? '' : ': correct STOA_CADDY_SERVER'}.`);
}

/** All objects of an `@id`, at any depth: an operator may have moved ours. */
function marked(value: unknown, id: string): unknown[] {
  if (Array.isArray(value)) return value.flatMap((element) => marked(element, id));
  if (!isRecord(value)) return [];
  return value['@id'] === id ? [value] : Object.values(value).flatMap((member) => marked(member, id));
}
