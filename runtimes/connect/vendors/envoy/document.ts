import { createHash } from 'node:crypto';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { isRecord } from '../../engine/compare.ts';
import type { ManagedObject } from '../../engine/model.ts';
import { ambiguousPath } from '../ambiguous-path.ts';
import {
  addressesAllowed,
  browsersAllowed,
  callersCounted,
  countedAs,
  headerChanges,
  keysRequired,
  linkAsked,
  nowhere,
  sizeLimited,
} from './guards.ts';
import type { EnvoyJson, FilterConfig } from './guards.ts';
import { linkCluster, routesName } from './model.ts';
import type { EnvoyCaller, EnvoyGuard, EnvoyGuardKind, EnvoyGuardOf, EnvoyRoute } from './model.ts';
import { probeHost } from './probe-host.ts';
import { parsed } from './reading.ts';

/** What every file of ours is made with. */
export type EnvoyFrame = {
  readonly gatewayId: string;
  readonly caFile: string | undefined /** Where a Link answers over gRPC. */;
  readonly link?: string | undefined;
};

/** The files whole. `clusters` by their names; `generation` is what the listener answers by them. */
export type EnvoyFiles = {
  readonly clusters: ReadonlyMap<string, EnvoyJson>;
  readonly routes: string;
  readonly generation: string;
  /** What the others are made of, for Connect alone; undefined where there is nothing of ours. */
  readonly objects: string | undefined;
};

type Part = {
  readonly route: EnvoyRoute;
  readonly guards: ReadonlyMap<EnvoyGuardKind, EnvoyGuard>;
  readonly cluster: string;
  readonly credentials: readonly Credential[];
};
type Credential = { readonly key: string; readonly client: string };

const routeOf = ({ fields }: ManagedObject): EnvoyRoute => fields as unknown as EnvoyRoute;
const guardOf = ({ fields }: ManagedObject): EnvoyGuard => fields as unknown as EnvoyGuard;
const callerOf = ({ fields }: ManagedObject): EnvoyCaller => fields as unknown as EnvoyCaller;
const digestOf = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 32);

/** The files, from the objects that they are made of. Without any, routes that lead nowhere: an empty list of routes would leave the old ones in force. */
export function render(objects: readonly ManagedObject[], frame: EnvoyFrame): EnvoyFiles {
  const inOrder = [...objects].sort((a, b) => (a.id < b.id ? -1 : 1));
  const clusters = new Map<string, EnvoyJson>();
  const parts = partsOf(inOrder, (route) => {
    const cluster = clusterOf(route, frame);
    clusters.set(cluster.name, cluster);
    return cluster.name;
  });
  if (frame.link !== undefined && parts.some(({ guards }) => guards.has('link'))) clusters.set(linkCluster, clusterOfLink(frame.link));
  const apis = parts.length === 0 ? [] : [virtualHost(parts)];
  const generation = digestOf([apis, [...clusters.values()]]);
  const routes = resources(generation, [
    { '@type': typeOf('config.route.v3.RouteConfiguration'), name: routesName, virtual_hosts: [probeHost(generation), ...apis] },
  ]);
  const kept = { gateway: frame.gatewayId, objects: inOrder };
  return { clusters, routes, generation, objects: parts.length === 0 ? undefined : `${JSON.stringify(kept)}\n` };
}

const typeOf = (name: string): string => `type.googleapis.com/envoy.${name}`;

/** A file as Envoy reads it. */
const resources = (version: string, list: readonly EnvoyJson[]): string => `${JSON.stringify({ version_info: version, resources: list })}\n`;

export function clustersFile(clusters: ReadonlyMap<string, EnvoyJson>): string {
  const list = [...clusters.values()].sort((a, b) => (String(a['name']) < String(b['name']) ? -1 : 1));
  return resources(digestOf(list), list);
}

export type Kept = { readonly gateway: string; readonly objects: readonly ManagedObject[] };

/** What the files say that they are made of. Whether they are, `render` tells. */
export function keptIn(text: string | undefined): Kept | undefined {
  const value = parsed(text);
  if (typeof value?.['gateway'] !== 'string' || !Array.isArray(value['objects'])) return undefined;
  return {
    gateway: value['gateway'],
    objects: value['objects'].filter((one) => isRecord(one) && isRecord(one['fields'])) as unknown as ManagedObject[],
  };
}

/** The version and the resources that a file says; undefined for what is no such file. */
export function fileOf(text: string | undefined): { version: string; resources: readonly EnvoyJson[] } | undefined {
  const value = parsed(text);
  const list = value?.['resources'];
  if (value === undefined || !Array.isArray(list)) return undefined;
  const version = value['version_info'];
  return { version: typeof version === 'string' ? version : '', resources: list.filter(isRecord) };
}

function partsOf(objects: readonly ManagedObject[], clusterFor: (route: EnvoyRoute) => string): Part[] {
  const guards = Map.groupBy(objects.filter(({ kind }) => kind === 'guard').map(guardOf), ({ apiId }) => apiId);
  const callers = objects.filter(({ kind }) => kind === 'caller').map(callerOf);
  return objects
    .filter(({ kind }) => kind === 'route')
    .map((object) => {
      const route = routeOf(object);
      const own = new Map((guards.get(route.apiId) ?? []).map((guard) => [guard.kind, guard]));
      return { route, guards: own, cluster: clusterFor(route), credentials: credentialsOf(guardIn(own, 'api_key_auth'), callers) };
    });
}

export const guardIn = <K extends EnvoyGuardKind>(guards: Part['guards'], kind: K): EnvoyGuardOf<K> | undefined =>
  guards.get(kind) as EnvoyGuardOf<K> | undefined;

function credentialsOf(guard: EnvoyGuardOf<'api_key_auth'> | undefined, callers: readonly EnvoyCaller[]): Credential[] {
  if (guard === undefined) return [];
  const mayCall = ({ open, apis }: EnvoyCaller): boolean => (guard.closed ? apis.includes(guard.apiId) : open);
  return callers.filter(mayCall).flatMap(({ consumer, keys }) => keys.map((key) => ({ key, client: consumer })));
}

/** Its name tells what it is: one that changes is another, made before routes lead to it and gone after. */
function clusterOf({ apiId, upstream }: EnvoyRoute, { caFile }: EnvoyFrame): EnvoyJson & { readonly name: string } {
  const { host, port, secure } = upstream;
  const address = { socket_address: { address: host, port_value: port } };
  const isAddress = /^[\d.]+$|:/.test(host);
  const name = `stoa_${digestOf([apiId, upstream, secure ? caFile : null]).slice(0, 16)}`;
  return {
    '@type': typeOf('config.cluster.v3.Cluster'),
    name,
    type: isAddress ? 'STATIC' : 'STRICT_DNS',
    connect_timeout: '5s',
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] },
    ...(secure && { transport_socket: tlsTo(host, isAddress, caFile ?? '') }),
  };
}

/** Speaks gRPC, which is HTTP/2. */
function clusterOfLink(address: string): EnvoyJson {
  const path = /^unix:(.*)$/.exec(address)?.[1];
  const { hostname = '', port = '' } = URL.parse(`http://${address}`) ?? {};
  const socket = { address: hostname.replace(/^\[|\]$/g, ''), port_value: port === '' ? 80 : Number(port) };
  const options = 'extensions.upstreams.http.v3.HttpProtocolOptions';
  const endpoint = { address: path === undefined ? { socket_address: socket } : { pipe: { path } } };
  return {
    '@type': typeOf('config.cluster.v3.Cluster'),
    name: linkCluster,
    type: 'STATIC',
    connect_timeout: '1s',
    typed_extension_protocol_options: {
      [`envoy.${options}`]: { '@type': typeOf(options), explicit_http_config: { http2_protocol_options: {} } },
    },
    load_assignment: { cluster_name: linkCluster, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
  };
}

const tlsTo = (host: string, isAddress: boolean, caFile: string): EnvoyJson => ({
  name: 'envoy.transport_sockets.tls',
  typed_config: {
    '@type': typeOf('extensions.transport_sockets.tls.v3.UpstreamTlsContext'),
    ...(!isAddress && { sni: host }),
    common_tls_context: {
      validation_context: {
        trusted_ca: { filename: caFile },
        match_typed_subject_alt_names: [{ san_type: isAddress ? 'IP_ADDRESS' : 'DNS', matcher: { exact: host } }],
      },
    },
  },
});

/** Of several routes that a request fits, Envoy takes the first: what is to be refused before all, and then the most literal path. */
function virtualHost(parts: readonly Part[]): EnvoyJson {
  const takes = parts
    .flatMap((part) => part.route.takes.map((take) => ({ ...take, part })))
    .sort((a, b) => weight(b.shape) - weight(a.shape) || (`${a.shape} ${a.method}` < `${b.shape} ${b.method}` ? -1 : 1));
  const limits = parts.flatMap(limitsOf);
  const asked = takes.filter(({ part }) => part.guards.has('cors'));
  return {
    name: 'stoa',
    domains: ['*'],
    routes: [
      { name: 'ambiguous', match: { safe_regex: { regex: `(?i).*${ambiguousPath('$')}.*` } }, direct_response: { status: 404 } },
      ...asked.map(({ method, pattern, part }) => preflight(method, pattern, part)),
      ...takes.map(({ method, pattern, part }) => plain(method, pattern, part)),
    ],
    ...(limits.length > 0 && { typed_per_filter_config: callersCounted(limits) }),
  };
}

const weight = (shape: string): number => shape.replaceAll('{}', '').length;

function limitsOf({ route, guards }: Part): { name: string; byKey: boolean; limit: number; seconds: number }[] {
  const byKey = guards.has('api_key_auth');
  return (guardIn(guards, 'rate_limit')?.limits ?? []).map((one, index) => ({ ...one, byKey, name: `${route.apiId} ${index}` }));
}

const match = (pattern: string, method: string, more: readonly EnvoyJson[] = []): EnvoyJson => ({
  safe_regex: { regex: pattern },
  headers: [{ name: ':method', string_match: { exact: method } }, ...more],
});

/** What a browser asks before it calls, without a key. Of an origin that may not, it is refused. */
function preflight(method: string, pattern: string, { route, guards }: Part): EnvoyJson {
  const headers = [
    { name: 'access-control-request-method', string_match: { exact: method } },
    { name: 'origin', present_match: true },
  ];
  return {
    name: `${route.name} preflight`,
    match: match(pattern, 'OPTIONS', headers),
    route: nowhere,
    typed_per_filter_config: { ...addresses(guards), ...browsers(guards) },
  };
}

const addresses = (guards: Part['guards']): FilterConfig => {
  const guard = guardIn(guards, 'ip_restriction');
  return guard === undefined ? {} : addressesAllowed(guard.configs);
};
const browsers = (guards: Part['guards']): FilterConfig => {
  const guard = guardIn(guards, 'cors');
  return guard === undefined ? {} : browsersAllowed(guard.config, guard.methods);
};

function plain(method: string, pattern: string, part: Part): EnvoyJson {
  const { route, guards, cluster, credentials } = part;
  const { host, port, secure } = route.upstream;
  const keys = guardIn(guards, 'api_key_auth');
  const size = guardIn(guards, 'request_size_limit');
  const isShut = keys !== undefined && credentials.length === 0;
  const literal = host.includes(':') ? `[${host}]` : host;
  const limits = limitsOf(part).map(({ name, byKey }) => countedAs(name, byKey));
  return {
    name: route.name,
    match: match(pattern, method),
    // Where nobody has a key, Envoy would go by those that the listener names.
    ...(isShut
      ? { direct_response: { status: 401 } }
      : {
          route: {
            cluster,
            timeout: '60s',
            host_rewrite_literal: port === (secure ? 443 : 80) ? literal : `${literal}:${port}`,
            ...(limits.length > 0 && { rate_limits: limits }),
          },
          ...headerChanges(guardIn(guards, 'headers')?.config, keys === undefined ? [] : [keys.header], guards.has('cors')),
        }),
    typed_per_filter_config: {
      ...addresses(guards),
      ...browsers(guards),
      ...(guards.has('link') && linkAsked),
      ...(keys !== undefined && !isShut && keysRequired(keys.header, credentials)),
      ...(size !== undefined && sizeLimited(size.maxBytes)),
    },
  };
}
