import type { ItemsOf, ManagedObject } from '../../engine/model.ts';
import { objectId } from '../../engine/object-id.ts';
import { managed } from './managed.ts';
import { consumerGroup, serviceName, subscriberGroup } from './names.ts';

type Api = ItemsOf<'api'>;
type Policy = ItemsOf<'policy'>;
type SpecOf<K extends Policy['policy']['kind']> = Extract<Policy['policy'], { kind: K }>;

/** Kong has a counter for each of these windows and no other. */
const windows: ReadonlyMap<number, string> = new Map([
  [1, 'second'],
  [60, 'minute'],
  [3600, 'hour'],
  [86_400, 'day'],
]);
const windowNames = [...windows.values()];

/**
 * Why Kong cannot express a policy, as the end of a sentence that begins with it; undefined when it can. The switch is closed: a kind
 * the contract adds does not compile until somebody decides.
 */
export function inexpressible(policy: Policy): string | undefined {
  const spec = policy.policy;
  switch (spec.kind) {
    case 'rate_limit':
      if (windows.has(spec.config.window_s)) return undefined;
      return `limits over ${spec.config.window_s} s, and Kong counts only over ${[...windows.keys()].join(', ')} s`;
    case 'api_key_auth':
      return undefined;
    case 'cors':
      return inexpressibleCors(spec.config);
    case 'quota':
    case 'ip_restriction':
    case 'jwt_auth':
    case 'request_size_limit':
    case 'headers':
    case 'tool_access':
      return `is of the kind ${spec.kind}, which the Kong adapter does not configure`;
    default:
      return unknownKind(spec);
  }
}

/** A newer Control Plane may send what this version does not know; the types say it cannot. */
function unknownKind(spec: never): string {
  return `is of a kind that this version does not know (${String((spec as { kind?: unknown }).kind)})`;
}

function inexpressibleCors(config: SpecOf<'cors'>['config']): string | undefined {
  const origins = config.allow_origins;
  if (origins.includes('*') && (origins.length > 1 || config.allow_credentials === true)) {
    return 'allows every origin and something besides, which browsers and Kong read differently';
  }
  // Kong takes an origin with any other character for a regular expression.
  const odd = origins.find((origin) => origin !== '*' && !/^[A-Za-z0-9.:/-]+$/.test(origin));
  if (odd !== undefined) return `allows the origin ${odd}, which Kong would read as a pattern`;
  if (config.allow_headers?.length === 0) return 'allows no request header, and Kong reads an empty list as every header';
  return undefined;
}

export type RenderedPlugins = { readonly plugins: readonly ManagedObject[]; readonly faults: ReadonlyMap<Policy, string> };

/**
 * Renders the policies of one API as plugins of its service. Kong holds one plugin of a name per service, so several limits become one
 * plugin; two policies that would need two plugins of a name are a fault of the later one.
 * @param policies those that Kong can express.
 */
export function renderPlugins(gatewayId: string, api: Api, policies: readonly Policy[]): RenderedPlugins {
  const faults = new Map<Policy, string>();
  const of = (kind: Policy['policy']['kind']): Policy[] => policies.filter(({ policy }) => policy.kind === kind);
  const [keyAuth, ...otherKeyAuth] = of('api_key_auth');
  const [cors, ...otherCors] = of('cors');
  for (const [first, others] of [
    [keyAuth, otherKeyAuth],
    [cors, otherCors],
  ] as const) {
    for (const other of others) {
      if (JSON.stringify(other.policy) === JSON.stringify(first?.policy)) continue;
      faults.set(other, `contradicts ${first?.name}, and Kong holds one plugin of that name for an API`);
    }
  }
  const limits = of('rate_limit');
  const plugin = (name: string, carried: readonly Policy[], config: Record<string, unknown>): ManagedObject =>
    makePlugin(gatewayId, api, name, carried, config);
  const plugins: ManagedObject[] = [];
  if (keyAuth?.policy.kind === 'api_key_auth') {
    const carried = [keyAuth, ...otherKeyAuth];
    plugins.push(plugin('key-auth', carried, keyAuthConfig(keyAuth.policy.config)), plugin('acl', carried, aclConfig(gatewayId, api)));
  }
  if (limits.length > 0) plugins.push(plugin('rate-limiting', limits, rateLimitingConfig(limits, keyAuth !== undefined)));
  if (cors?.policy.kind === 'cors') plugins.push(plugin('cors', [cors, ...otherCors], corsConfig(cors.policy.config, api)));
  return { plugins, faults };
}

function makePlugin(gatewayId: string, api: Api, name: string, carried: readonly Policy[], config: Readonly<Record<string, unknown>>): ManagedObject {
  const service = serviceName(api.name);
  return managed(gatewayId, {
    kind: 'plugin',
    name: `${service}/${name}`,
    label: `plugin ${name} of ${service}`,
    owner: api.id,
    alsoFor: carried.map(({ id }) => id),
    fields: {
      name,
      // The scope is always sent: without it a PUT would make the plugin global, and Kong would answer 200.
      service: { id: objectId(gatewayId, 'service', service) },
      route: null,
      consumer: null,
      enabled: true,
      config,
    },
  });
}

function keyAuthConfig({ header }: SpecOf<'api_key_auth'>['config']): Record<string, unknown> {
  return {
    key_names: [header],
    key_in_header: true,
    key_in_query: false,
    key_in_body: false,
    // A caller's credential is for us, not for the upstream.
    hide_credentials: true,
    // With an anonymous consumer Kong would let callers without a key pass.
    anonymous: null,
    run_on_preflight: true,
  };
}

/** key-auth lets every consumer of the node in; only those may stay that are subscribed, or all of this gateway where the API is open to them. */
function aclConfig(gatewayId: string, api: Api): Record<string, unknown> {
  const group = api.subscription_required === true ? subscriberGroup(gatewayId, api.api_id) : consumerGroup(gatewayId);
  return { allow: [group], deny: null, hide_groups_header: true };
}

/**
 * The strictest limit of each window. Kong refuses a longer window that allows less than a shorter one; the shorter is lowered to it,
 * which changes nothing: five an hour are at most five a minute.
 */
function rateLimitingConfig(policies: readonly Policy[], hasConsumers: boolean): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  let ceiling = Infinity;
  for (const [windowS, name] of [...windows].reverse()) {
    const limits = policies.flatMap(({ policy }) =>
      policy.kind === 'rate_limit' && policy.config.window_s === windowS ? [policy.config.limit] : [],
    );
    if (limits.length > 0) ceiling = Math.min(ceiling, ...limits);
    config[name] = limits.length > 0 ? ceiling : null;
  }
  const inOrder = Object.fromEntries(windowNames.map((name) => [name, config[name]]));
  return { ...inOrder, month: null, year: null, policy: 'local', limit_by: hasConsumers ? 'consumer' : 'ip' };
}

function corsConfig(config: SpecOf<'cors'>['config'], api: Api): Record<string, unknown> {
  const ownMethods = [...new Set(api.operations.map(({ method }) => method as string))].sort();
  return {
    origins: config.allow_origins,
    methods: config.allow_methods ?? ownMethods,
    headers: config.allow_headers ?? null,
    exposed_headers: config.expose_headers ?? null,
    credentials: config.allow_credentials ?? false,
    max_age: config.max_age_s ?? null,
    preflight_continue: false,
  };
}
