import type { ItemsOf, ManagedObject } from '../model.ts';
import { objectId, routeName, serviceName, tagsOf } from './names.ts';
import { routePath } from './route-path.ts';

type Api = ItemsOf<'api'>;

/** An operation as a route, with the key that says which requests it takes. */
export type RenderedRoute = { readonly object: ManagedObject; readonly claim: string };
export type RenderedApi = {
  readonly service: ManagedObject;
  readonly routes: readonly RenderedRoute[];
  readonly warnings: readonly string[];
};
type Upstream = { protocol: 'http' | 'https'; host: string; port: number; basePath: string };

/**
 * Renders one API as a service and a route for each operation. The service has no path and the routes strip none, so that Kong
 * exposes the paths of the upstream.
 * @returns a `fault`, a sentence, when Kong cannot express the API.
 */
export function renderApi(gatewayId: string, api: Api): RenderedApi | { fault: string } {
  if (api.upstream.auth !== undefined) {
    return { fault: `Its upstream wants the header ${api.upstream.auth.header}, which the Kong adapter cannot add to requests.` };
  }
  const upstream = readUpstream(api.upstream.url);
  if ('fault' in upstream) return upstream;
  const { basePath, ...address } = upstream;
  const name = serviceName(api.name);
  const service: ManagedObject = {
    kind: 'service',
    id: objectId(gatewayId, 'service', name),
    label: `service ${name}`,
    owner: api.id,
    alsoFor: [],
    fields: { name, ...address, path: null, enabled: true, tags: tagsOf(gatewayId, [api.id]) },
  };
  const routes = new Map<string, RenderedRoute>();
  const warnings: string[] = [];
  for (const operation of api.operations) {
    const path = routePath(basePath, operation.path);
    const leaveOut = (reason: string): number => warnings.push(`Operation ${operation.operation_id} is not exposed: ${reason}.`);
    if ('fault' in path) {
      leaveOut(path.fault);
      continue;
    }
    const method = operation.method.toUpperCase();
    const claim = `${method} ${path.shape}`;
    if (routes.has(claim)) {
      leaveOut(`another operation takes ${claim}`);
      continue;
    }
    const matching = { methods: [method], paths: [path.regex], headers: null, regex_priority: path.priority };
    routes.set(claim, { claim, object: route(gatewayId, api, service.id, operation.operation_id, matching) });
  }
  return { service, routes: [...routes.values()], warnings };
}

/**
 * The route that browsers' preflights take. The others carry the operations' methods only, so that an OPTIONS request would miss
 * them and the cors plugin with them. The header keeps every other OPTIONS request from reaching the upstream.
 */
export function preflightRoute(gatewayId: string, api: Api, rendered: RenderedApi): RenderedRoute | undefined {
  const routes = rendered.routes.map(({ object }) => object.fields);
  const listOf = (field: string): string[] => [...new Set(routes.flatMap((fields) => fields[field] as string[]))].sort();
  const [methods, paths] = [listOf('methods'), listOf('paths')];
  if (paths.length === 0) return undefined;
  const matching = { methods: ['OPTIONS'], paths, headers: { 'access-control-request-method': methods }, regex_priority: 0 };
  return { claim: `preflight ${api.name}`, object: route(gatewayId, api, rendered.service.id, '~preflight', matching) };
}

function route(
  gatewayId: string,
  api: Api,
  serviceId: string,
  operationId: string,
  matching: Readonly<Record<string, unknown>>,
): ManagedObject {
  // An operationId cannot collide with this name: a tilde in one is always replaced.
  const name = operationId === '~preflight' ? `${serviceName(api.name)}.~preflight` : routeName(api.name, operationId);
  return {
    kind: 'route',
    id: objectId(gatewayId, 'route', name),
    label: `route ${name}`,
    owner: api.id,
    alsoFor: [],
    fields: {
      name,
      service: { id: serviceId },
      protocols: ['http', 'https'],
      hosts: null,
      ...matching,
      strip_path: false,
      preserve_host: false,
      tags: tagsOf(gatewayId, [api.id]),
    },
  };
}

function readUpstream(text: string): Upstream | { fault: string } {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return { fault: 'Its upstream URL does not begin with http:// or https://.' };
  }
  if (url.username !== '' || url.password !== '') return { fault: 'Its upstream URL carries a user name or password, which Kong cannot keep.' };
  if (url.search !== '' || url.hash !== '') return { fault: 'Its upstream URL has a query or a fragment, which Kong drops without a word.' };
  const protocol = url.protocol === 'https:' ? 'https' : 'http';
  const port = url.port === '' ? (protocol === 'https' ? 443 : 80) : Number(url.port);
  return { protocol, host: url.hostname, port, basePath: url.pathname.replace(/\/+$/, '') };
}
