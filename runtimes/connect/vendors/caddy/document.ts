import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import type { PolicyKind } from '../../engine/capabilities.ts';
import { isRecord } from '../../engine/compare.ts';
import { ambiguousPath } from '../ambiguous-path.ts';
import type { CaddyJson } from './json.ts';
import { literalLength } from './paths.ts';

/**
 * What stands in Caddy of one API. `takes`: which requests are its own. `proxy`: where they go. `guards`: what they meet before.
 */
export type ApiPart = {
  readonly apiId: string;
  readonly name: string;
  readonly takes: readonly CaddyJson[];
  /** What becomes of the path first, where it is not that of the upstream. */
  readonly enter: CaddyJson | undefined;
  readonly proxy: CaddyJson | undefined;
  readonly guards: ReadonlyMap<PolicyKind, CaddyJson>;
};

/** The `@id` of our sub-tree, by which it is read and written wherever it stands. */
export const treeId = (gatewayId: string): string => `stoa-${gatewayId}`;
const apiMark = (gatewayId: string, apiId: string): string => `${treeId(gatewayId)}-${apiId}`;
const enterMark = (gatewayId: string, apiId: string): string => `${apiMark(gatewayId, apiId)}-enter`;
const guardMark = (gatewayId: string, apiId: string, kind: PolicyKind): string => `${apiMark(gatewayId, apiId)}-${kind}`;

/** Whose turn it is: addresses first, then browsers' questions, which carry no key. */
const guardOrder: readonly PolicyKind[] = ['ip_restriction', 'cors', 'request_size_limit', 'api_key_auth', 'rate_limit', 'headers'];

/** Refuses a path that Caddy reads as another than is written, whose operation it decides on, while the upstream is sent what is written: it may read that otherwise. */
const direct = {
  handler: 'subroute',
  routes: [
    {
      match: [{ vars_regexp: { '{http.request.orig_uri}': { pattern: `(?i)^[^?]*${ambiguousPath('$')}` } } }],
      handle: [{ handler: 'static_response', status_code: 404 }],
      terminal: true,
    },
  ],
};

/**
 * The sub-tree. A first row of routes, of which one is taken, says whose a request is: the most literal path first, whichever API has it. Then comes a route for
 * each API, with its guards before its proxy.
 * @param closes whether a path of an API is to be answered where no operation takes it: nothing follows that could have it.
 */
export function compose(gatewayId: string, parts: readonly ApiPart[], closes: boolean): CaddyJson {
  const variable = treeId(gatewayId);
  const inOrder = [...parts].sort((a, b) => (a.apiId < b.apiId ? -1 : 1));
  const takes = inOrder
    .flatMap(({ name, takes: matchers }) => matchers.map((match) => ({ name, match })))
    .sort((a, b) => weight(b.match) - weight(a.match) || compareText(a, b))
    .map(({ name, match }) => ({ group: variable, match: setsOf(match), handle: [{ handler: 'vars', [variable]: name }] }));
  const places = new Map(inOrder.flatMap((part) => part.takes.map(placeOf)).map((place) => [canonicalJson(place), place]));
  const rest = {
    group: variable,
    match: [...places].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, place]) => place),
    handle: [{ handler: 'static_response', status_code: 404 }],
  };
  const routes = inOrder.map((part) => ({
    '@id': apiMark(gatewayId, part.apiId),
    match: [{ vars: { [variable]: [part.name] } }],
    handle: [
      direct,
      ...(part.enter === undefined ? [] : [{ '@id': enterMark(gatewayId, part.apiId), ...part.enter }]),
      ...guardOrder.flatMap((kind) => {
        const guard = part.guards.get(kind);
        return guard === undefined ? [] : [{ '@id': guardMark(gatewayId, part.apiId, kind), handler: 'subroute', ...guard }];
      }),
      ...(part.proxy === undefined ? [] : [part.proxy]),
    ],
    terminal: true,
  }));
  const ending = closes && places.size > 0 ? [rest] : [];
  return { '@id': variable, handle: [{ handler: 'subroute', routes: [...takes, ...ending, ...routes] }] };
}

/** A take is what its operation is matched by, and what a browser asks before by. */
const setsOf = (take: CaddyJson): readonly unknown[] => take['sets'] as readonly unknown[];
const patternOf = (take: CaddyJson): string => {
  const [first] = setsOf(take);
  const regexp = isRecord(first) ? first['path_regexp'] : undefined;
  return isRecord(regexp) ? String(regexp['pattern']) : '';
};
/** Where an operation is, whatever its method. */
function placeOf(take: CaddyJson): CaddyJson {
  const [first] = setsOf(take);
  const { path_regexp, host } = isRecord(first) ? first : {};
  return { path_regexp, ...(host !== undefined && { host }) };
}
/** What is there at one host alone comes before what is there at every one. */
const weight = (take: CaddyJson): number => literalLength(patternOf(take)) + ('host' in placeOf(take) ? ownHost : 0);
const ownHost = 1_000_000;
const compareText = (a: unknown, b: unknown): number => (canonicalJson(a) < canonicalJson(b) ? -1 : 1);

/** What a sub-tree says of each API. What it says besides, `compose` does not say again. */
export function parts(gatewayId: string, tree: unknown): ApiPart[] {
  const [handler] = listOf(tree, 'handle');
  const routes = listOf(handler, 'routes');
  const variable = treeId(gatewayId);
  const takes = new Map<string, CaddyJson[]>();
  for (const route of routes) {
    const [first] = listOf(route, 'handle');
    const name = isRecord(first) && first['handler'] === 'vars' ? first[variable] : undefined;
    if (typeof name !== 'string') continue;
    takes.set(name, [...(takes.get(name) ?? []), { sets: listOf(route, 'match') }]);
  }
  return routes.flatMap((route) => partOf(gatewayId, route, takes));
}

function partOf(gatewayId: string, route: unknown, takes: ReadonlyMap<string, readonly CaddyJson[]>): ApiPart[] {
  const prefix = apiMark(gatewayId, '');
  const mark = isRecord(route) ? route['@id'] : undefined;
  if (typeof mark !== 'string' || !mark.startsWith(prefix)) return [];
  const apiId = mark.slice(prefix.length);
  const [match] = listOf(route, 'match');
  const vars = isRecord(match) && isRecord(match['vars']) ? match['vars'] : {};
  const [name] = listOf(vars, treeId(gatewayId));
  const guards = new Map<PolicyKind, CaddyJson>();
  let enter: CaddyJson | undefined;
  let proxy: CaddyJson | undefined;
  for (const handler of listOf(route, 'handle')) {
    if (!isRecord(handler)) continue;
    const kind = guardOrder.find((candidate) => handler['@id'] === guardMark(gatewayId, apiId, candidate));
    if (kind !== undefined) guards.set(kind, { routes: handler['routes'] });
    else if (handler['@id'] === enterMark(gatewayId, apiId)) enter = withoutId(handler);
    else if (handler['handler'] === 'reverse_proxy') proxy = handler;
  }
  const own = typeof name === 'string' ? name : '';
  return [{ apiId, name: own, takes: inTextOrder(takes.get(own) ?? []), enter, proxy, guards }];
}

const withoutId = ({ '@id': _id, ...rest }: CaddyJson): CaddyJson => rest;

/** So that two lists of takes that say the same are equal. */
export const inTextOrder = (takes: readonly CaddyJson[]): CaddyJson[] => [...takes].sort(compareText);

/** Whether a sub-tree is what is composed of its parts: nobody added anything to it, or took away. */
export function isComposed(gatewayId: string, tree: unknown, closes: boolean): boolean {
  return canonicalJson(tree) === canonicalJson(compose(gatewayId, parts(gatewayId, tree), closes));
}

export function listOf(value: unknown, key: string): readonly unknown[] {
  const list = isRecord(value) ? value[key] : undefined;
  return Array.isArray(list) ? list : [];
}

/** With its keys in order, as Caddy gives it back. */
export const inKeyOrder = <T>(value: T): T => JSON.parse(canonicalJson(value)) as T;
