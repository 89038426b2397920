import type { PolicyKind } from '../../engine/capabilities.ts';
import { managedObject } from '../../engine/managed.ts';
import type { ApiIntent, ManagedObject, Transform } from '../../engine/model.ts';
import { inKeyOrder, inTextOrder } from './document.ts';
import type { ApiPart } from './document.ts';
import type { CaddyJson } from './json.ts';
import { guardsOf } from './guards.ts';
import type { Means } from './guards.ts';
import { pathOf, rewriteOf } from './paths.ts';

/** Renders each API as what exposes it and a guard for each kind of its policies. No consumer is written into a Caddy. */
export const caddyTransform = (means: Means): Transform => ({
  claim(api, { method, path: template }) {
    const path = pathOf(api, template);
    return 'fault' in path ? path : { claim: `${method} ${api.public_path?.host ?? ''}${path.shape}` };
  },
  api(gatewayId, intent) {
    const { api } = intent;
    const guards = guardsOf(intent, means).map(({ kind, carried, routes }) =>
      guardObject(gatewayId, { apiId: api.api_id, name: api.name, kind, fields: { routes }, alsoFor: carried.map(({ id }) => id) }),
    );
    const host = URL.parse(api.upstream.url)?.hostname ?? '';
    if (!isHost(host))
      return { objects: guards, warnings: [], fault: `Its upstream has the host ${host}, which Caddy would fill in or take for a pattern.` };
    const rewrite = rewriteOf(api);
    const proxy = proxyTo(api.upstream.url, rewrite?.leave);
    const route = routeObject(gatewayId, api.api_id, api.name, { takes: takesOf(intent), enter: rewrite?.enter, proxy });
    return { objects: [route, ...guards], warnings: [] };
  },
  callers: () => ({ objects: [], warnings: [] }),
});

/** A URL may have more characters in its host than any name has. */
const isHost = (host: string): boolean => /^[A-Za-z0-9._-]+$|^\[[0-9a-f:.]+\]$/i.test(host);

/** Which requests an operation takes: its own, and those by which a browser asks before, where it may. */
function takesOf({ api, operations, policies }: ApiIntent): CaddyJson[] {
  const hasCors = policies.some(({ policy }) => policy.kind === 'cors');
  return operations.map(({ method, path: template, operation_id: id }) => {
    const path = pathOf(api, template);
    if ('fault' in path) throw new Error(`${id} was to be left out: ${path.fault}`);
    const host = api.public_path?.host;
    const at = { path_regexp: { pattern: path.pattern }, ...(host !== undefined && { host: [host] }) };
    const before = { method: ['OPTIONS'], header: { 'Access-Control-Request-Method': [method] }, ...at };
    return { sets: [{ method: [method], ...at }, ...(hasCors ? [before] : [])] };
  });
}

function proxyTo(text: string, rewrite: CaddyJson | undefined): CaddyJson | undefined {
  const url = URL.parse(text);
  if (url === null) return undefined;
  const isSecure = url.protocol === 'https:';
  return {
    handler: 'reverse_proxy',
    upstreams: [{ dial: `${url.hostname}:${url.port === '' ? (isSecure ? '443' : '80') : url.port}` }],
    ...(rewrite && { rewrite }),
    headers: { request: { set: { Host: [url.host] } } },
    ...(isSecure && { transport: { protocol: 'http', tls: { server_name: url.hostname.replace(/^\[|\]$/g, '') } } }),
  };
}

export const routeObject = (
  gatewayId: string,
  apiId: string,
  name: string,
  { takes, enter, proxy }: Pick<ApiPart, 'takes' | 'enter' | 'proxy'>,
): ManagedObject =>
  managedObject(gatewayId, {
    kind: 'route',
    name: apiId,
    label: `route of ${name}`,
    owner: `api:${apiId}`,
    fields: inKeyOrder({ name, takes: inTextOrder(takes), ...(enter && { enter }), proxy: proxy ?? null }),
  });

type GuardDescription = {
  readonly apiId: string;
  readonly name: string;
  readonly kind: PolicyKind;
  readonly fields: CaddyJson;
  readonly alsoFor?: readonly string[];
};

export const guardObject = (gatewayId: string, { apiId, name, kind, fields, alsoFor = [] }: GuardDescription): ManagedObject =>
  managedObject(gatewayId, {
    kind: 'guard',
    name: `${apiId}/${kind}`,
    label: `${kind} of ${name}`,
    owner: `api:${apiId}`,
    alsoFor,
    fields: inKeyOrder({ apiId, kind, ...fields }),
  });

/** What stands in Caddy, as the objects that it was made of. */
export const objectsOf = (gatewayId: string, { apiId, name, guards, ...route }: ApiPart): ManagedObject[] => [
  routeObject(gatewayId, apiId, name, route),
  ...[...guards].map(([kind, fields]) => guardObject(gatewayId, { apiId, name, kind, fields })),
];

/** What the objects of a plan say that is to stand there. */
export function partsOf(target: readonly ManagedObject[]): ApiPart[] {
  const guardsOfApi = Map.groupBy(
    target.filter(({ kind }) => kind === 'guard'),
    ({ owner }) => owner,
  );
  return target
    .filter(({ kind }) => kind === 'route')
    .map(({ owner, fields }) => {
      const guards = guardsOfApi.get(owner) ?? [];
      return {
        apiId: owner.replace(/^api:/, ''),
        name: fields['name'] as string,
        takes: fields['takes'] as CaddyJson[],
        enter: fields['enter'] as CaddyJson | undefined,
        proxy: (fields['proxy'] ?? undefined) as CaddyJson | undefined,
        guards: new Map(guards.map((guard) => [guard.fields['kind'] as PolicyKind, { routes: guard.fields['routes'] }])),
      };
    });
}
