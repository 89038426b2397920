import type { Tables } from '../admin/store.ts';
import type { Row } from '../schemas/field.ts';
import { compileRoutePattern } from '../schemas/text-rules.ts';

/** What the router looks at. */
export interface RoutedRequest {
  method: string;
  /** Without port, lower case. */
  host: string;
  /** Normalised, without query. */
  path: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface RouteMatch {
  route: Row;
  service: Row | undefined;
  /** The part of the path that `strip_path` takes away. */
  matchedPath: string;
  /** What the groups of a regex path found, by their names. */
  captures: Readonly<Record<string, string>>;
}

/** One path of one route, ready to compare; a route without paths has one candidate without a path. */
interface Candidate {
  route: Row;
  service: Row | undefined;
  rank: number[];
  prefix: string | undefined;
  pattern: RegExp | undefined;
}

export type Router = (request: RoutedRequest) => RouteMatch | undefined;

/**
 * Builds the order in which Kong's `traditional_compatible` router tries routes: more kinds of criteria first, then more
 * headers, plain hosts, regex paths, `regex_priority` among regexes, longer paths, and the newer route.
 */
export function buildRouter(tables: Tables): Router {
  const candidates = [...tables.routes.values()].flatMap((route) => candidatesOf(route, tables)).sort(compareRank);
  return (request) => {
    for (const candidate of candidates) {
      const matched = matchPath(candidate, request.path);
      if (matched === undefined || !otherCriteriaMatch(candidate.route, request)) continue;
      return { route: candidate.route, service: candidate.service, ...matched };
    }
    return undefined;
  };
}

function candidatesOf(route: Row, tables: Tables): Candidate[] {
  const serviceId = (route['service'] as { id: string } | null)?.id;
  const service = serviceId === undefined ? undefined : tables.services.get(serviceId);
  if (service?.['enabled'] === false) return [];
  const paths = list(route['paths']);
  return (paths.length > 0 ? paths : [undefined]).map((path) => {
    const isRegex = path?.startsWith('~') ?? false;
    return {
      route,
      service,
      rank: rankOf(route, path, isRegex),
      prefix: isRegex ? undefined : path,
      pattern: isRegex ? compileRoutePattern(path!.slice(1)) : undefined,
    };
  });
}

function rankOf(route: Row, path: string | undefined, isRegex: boolean): number[] {
  const criteria = ['methods', 'hosts', 'headers', 'paths', 'snis'].filter((name) => Object.keys(route[name] ?? {}).length > 0);
  const hosts = list(route['hosts']);
  return [
    criteria.length,
    Object.keys(route['headers'] ?? {}).length,
    hosts.length > 0 && !hosts.some((host) => host.includes('*')) ? 1 : 0,
    isRegex ? 1 : 0,
    isRegex ? ((route['regex_priority'] as number | null) ?? 0) : 0,
    path?.length ?? 0,
    // Of two that are equal the newer one answered, 20 of 20 times.
    route['created_at'] as number,
  ];
}

function compareRank(a: Candidate, b: Candidate): number {
  const index = a.rank.findIndex((value, at) => value !== b.rank[at]);
  if (index === -1) return a.route.id < b.route.id ? 1 : -1;
  return b.rank[index]! - a.rank[index]!;
}

function matchPath({ prefix, pattern }: Candidate, path: string): Pick<RouteMatch, 'matchedPath' | 'captures'> | undefined {
  const found = pattern?.exec(path);
  if (found) return { matchedPath: found[0], captures: { ...found.groups } };
  if (pattern || (prefix !== undefined && !path.startsWith(prefix))) return undefined;
  return { matchedPath: prefix ?? '', captures: {} };
}

function otherCriteriaMatch(route: Row, request: RoutedRequest): boolean {
  const methods = list(route['methods']);
  if (methods.length > 0 && !methods.includes(request.method)) return false;
  const hosts = list(route['hosts']);
  if (hosts.length > 0 && !hosts.some((host) => hostMatches(host.toLowerCase(), request.host))) return false;
  return Object.entries((route['headers'] ?? {}) as Record<string, string[]>).every(([name, wanted]) => {
    const sent = [request.headers[name.toLowerCase()] ?? []].flat().map((value) => value.toLowerCase());
    // A value that begins so is an expression, which is anchored nowhere.
    return wanted.some((value) =>
      value.startsWith('~*') ? sent.some((one) => new RegExp(value.slice(2), 'i').test(one)) : sent.includes(value.toLowerCase()),
    );
  });
}

function hostMatches(pattern: string, host: string): boolean {
  const name = pattern.replace(/:\d+$/, '');
  if (name.startsWith('*.')) return host.endsWith(name.slice(1));
  return name.endsWith('.*') ? host.startsWith(name.slice(0, -1)) : host === name;
}

const list = (value: unknown): string[] => (value ?? []) as string[];

/** What Kong decodes no escape of, beside what is no character of its own (kong/tools/uri.lua). */
const reserved = /[!#$%&'()*+,/:;=?@[\]]/;

/** Dot segments and repeated slashes removed, every percent-escape decoded but those of reserved characters: what Kong matches routes against. */
export function normalisePath(path: string): string {
  const decoded = Buffer.from(
    path.replace(/%[0-9a-f]{2}/gi, (escape) => {
      const character = String.fromCharCode(parseInt(escape.slice(1), 16));
      return reserved.test(character) ? escape.toUpperCase() : character;
    }),
    'latin1',
  ).toString('utf8');
  const kept: string[] = [];
  for (const segment of decoded.split('/').filter((part) => part !== '' && part !== '.')) {
    if (segment === '..') kept.pop();
    else kept.push(segment);
  }
  const trailing = kept.length > 0 && /\/\.{0,2}$/.test(decoded) ? '/' : '';
  return `/${kept.join('/')}${trailing}`;
}

/** Joins the service's path and what is left of the request's, as `path_handling` v0 does. */
export function upstreamPath(match: RouteMatch, path: string): string {
  const base = (match.service?.['path'] as string | null) ?? '/';
  const rest = match.route['strip_path'] === true ? path.slice(match.matchedPath.length) : path;
  if (rest === '') return base;
  if (base.endsWith('/')) return base + rest.replace(/^\//, '');
  return rest.startsWith('/') ? base + rest : `${base}/${rest}`;
}
