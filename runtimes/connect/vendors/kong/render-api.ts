import type { ApiIntent, ItemsOf, ManagedObject } from '../../engine/model.ts';
import { managed } from './managed.ts';
import { routeName, serviceName } from './names.ts';
import { exposedPath } from './route-path.ts';

type Api = ItemsOf<'api'>;

type Upstream = { protocol: 'http' | 'https'; host: string; port: number };

/**
 * Renders one API as a service and a route for each operation. The service has no path and the routes strip none, so that Kong
 * exposes the paths of the upstream; what is exposed at a path of its own is led to the upstream's by a plugin. An API whose upstream Kong cannot lead to was rejected before, and has none.
 */
export function renderApi(gatewayId: string, { api, operations, policies }: ApiIntent): ManagedObject[] {
  const upstream = readUpstream(api.upstream.url);
  if (upstream === undefined) return [];
  const name = serviceName(api.name);
  const service = managed(gatewayId, { kind: 'service', name, owner: api.id, fields: { name, ...upstream, path: null, enabled: true } });
  const routes = operations.map(({ method, path: template, operation_id: operationId }) => {
    const found = exposedPath(api, template);
    if ('fault' in found) throw new Error(`${operationId} was to be left out: ${found.fault}`);
    return route(gatewayId, api, service.id, operationId, {
      methods: [method],
      paths: [found.regex],
      headers: null,
      regex_priority: found.priority,
    });
  });
  const hasCors = policies.some(({ policy }) => policy.kind === 'cors');
  const preflight = hasCors && routes.length > 0 ? [preflightRoute(gatewayId, api, service.id, routes)] : [];
  return [service, ...routes, ...preflight];
}

/**
 * The route that browsers' preflights take. The others carry the operations' methods only, so that an OPTIONS request would miss
 * them and the cors plugin with them. The header keeps every other OPTIONS request from reaching the upstream.
 */
function preflightRoute(gatewayId: string, api: Api, serviceId: string, routes: readonly ManagedObject[]): ManagedObject {
  const listOf = (field: string): string[] => [...new Set(routes.flatMap(({ fields }) => fields[field] as string[]))].sort();
  const headers = { 'access-control-request-method': listOf('methods') };
  return route(gatewayId, api, serviceId, '~preflight', { methods: ['OPTIONS'], paths: listOf('paths'), headers, regex_priority: 0 });
}

function route(gatewayId: string, api: Api, serviceId: string, operationId: string, matching: Readonly<Record<string, unknown>>): ManagedObject {
  // An operationId cannot collide with this name: a tilde in one is always replaced.
  const name = operationId === '~preflight' ? `${serviceName(api.name)}.~preflight` : routeName(api.name, operationId);
  return managed(gatewayId, {
    kind: 'route',
    name,
    owner: api.id,
    fields: {
      name,
      service: { id: serviceId },
      protocols: ['http', 'https'],
      hosts: api.public_path?.host === undefined ? null : [api.public_path.host],
      ...matching,
      strip_path: false,
      preserve_host: false,
    },
  });
}

function readUpstream(text: string): Upstream | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
  const protocol = url.protocol === 'https:' ? 'https' : 'http';
  const port = url.port === '' ? (protocol === 'https' ? 443 : 80) : Number(url.port);
  return { protocol, host: url.hostname, port };
}
