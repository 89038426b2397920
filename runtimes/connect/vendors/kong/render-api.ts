import type { ItemsOf, ManagedObject } from '../../engine/model.ts';
import { managed } from './managed.ts';
import { routeName, serviceName } from './names.ts';
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
  const [credential] = api.upstream.credentials ?? [];
  const wanted = api.upstream.auth === undefined ? credential : { in: 'header', name: api.upstream.auth.header };
  if (wanted !== undefined) return { fault: `Its upstream wants the ${wanted.in} ${wanted.name}, which the Kong adapter cannot add to requests.` };
  const upstream = readUpstream(api.upstream.url);
  if ('fault' in upstream) return upstream;
  const { basePath, ...address } = upstream;
  const name = serviceName(api.name);
  const service = managed(gatewayId, { kind: 'service', name, owner: api.id, fields: { name, ...address, path: null, enabled: true } });
  const routes = new Map<string, RenderedRoute>();
  const ids = new Set<string>();
  const warnings: string[] = [];
  for (const operation of api.operations) {
    const rendered = renderOperation(gatewayId, api, service.id, operation, basePath);
    const fault =
      'fault' in rendered
        ? rendered.fault
        : routes.has(rendered.claim)
          ? `another operation takes ${rendered.claim}`
          : ids.has(rendered.object.id)
            ? 'another operation has its operationId'
            : undefined;
    if ('fault' in rendered || fault !== undefined) {
      warnings.push(`Operation ${operation.operation_id} is not exposed: ${fault}.`);
      continue;
    }
    routes.set(rendered.claim, rendered);
    ids.add(rendered.object.id);
  }
  return { service, routes: [...routes.values()], warnings };
}

function renderOperation(
  gatewayId: string,
  api: Api,
  serviceId: string,
  { method, path: template, query, server, operation_id: operationId }: Api['operations'][number],
  basePath: string,
): RenderedRoute | { fault: string } {
  if (method === 'TRACE') return { fault: 'nginx, which Kong is built on, answers every TRACE request with 405' };
  if (server !== undefined) return { fault: `it is served at ${server}, and the service of its API leads elsewhere` };
  if (query !== undefined) return { fault: `only the query ${query} tells it from others, which Kong's router does not read` };
  const path = routePath(basePath, template);
  if ('fault' in path) return path;
  const matching = { methods: [method], paths: [path.regex], headers: null, regex_priority: path.priority };
  return { claim: `${method} ${path.shape}`, object: route(gatewayId, api, serviceId, operationId, matching) };
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
      hosts: null,
      ...matching,
      strip_path: false,
      preserve_host: false,
    },
  });
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
