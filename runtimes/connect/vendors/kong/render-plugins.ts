import type { HeaderChanges } from '@stoa/generated/schemas.ts';
import type { ApiIntent, ItemsOf, ManagedObject } from '../../engine/model.ts';
import { objectId } from '../../engine/object-id.ts';
import { basePathOf } from '../../engine/traits.ts';
import { periods, windows } from './capabilities.ts';
import type { KongRedis } from './settings.ts';
import { managed } from './managed.ts';
import { consumerGroup, serviceName, subscriberGroup } from './names.ts';
import { restGroup, rewritesPath } from './route-path.ts';

type Api = ItemsOf<'api'>;
type Policy = ItemsOf<'policy'>;
type SpecOf<K extends Policy['policy']['kind']> = Extract<Policy['policy'], { kind: K }>;

const counters = ['second', 'minute', 'hour', 'day', 'month'] as const;

/** Renders the policies of one API as plugins of its service. Kong holds one plugin of a name per service, so several limits become one plugin. */
export function renderPlugins(
  gatewayId: string,
  { api, policies, operations, access }: ApiIntent,
  redis?: KongRedis,
  service = objectId(gatewayId, 'service', serviceName(api.name)),
): ManagedObject[] {
  const of = (kind: Policy['policy']['kind']): Policy[] => policies.filter(({ policy }) => policy.kind === kind);
  const [keyAuths, cors, limits] = [of('api_key_auth'), of('cors'), [...of('rate_limit'), ...of('quota')]];
  const plugin = (name: string, carried: readonly Policy[], config: Record<string, unknown>): ManagedObject =>
    makePlugin(gatewayId, api, { name, service }, carried, config);
  const plugins: ManagedObject[] = [];
  const [keyAuth] = keyAuths;
  if (keyAuth?.policy.kind === 'api_key_auth') {
    const group = access === 'subscribers' ? subscriberGroup(gatewayId, api.api_id) : consumerGroup(gatewayId);
    plugins.push(plugin('key-auth', keyAuths, keyAuthConfig(keyAuth.policy.config)), plugin('acl', keyAuths, aclConfig(group)));
  }
  if (limits.length > 0) plugins.push(plugin('rate-limiting', limits, rateLimitingConfig(limits, keyAuth !== undefined, redis)));
  const [firstCors] = cors;
  if (firstCors?.policy.kind === 'cors') plugins.push(plugin('cors', cors, corsConfig(firstCors.policy.config, operations)));
  const [addresses, sizes] = [of('ip_restriction'), of('request_size_limit')];
  const [restriction] = addresses;
  if (restriction?.policy.kind === 'ip_restriction') plugins.push(plugin('ip-restriction', addresses, addressConfig(restriction.policy.config)));
  if (sizes.length > 0) plugins.push(plugin('request-size-limiting', sizes, sizeConfig(sizes)));
  return [...plugins, ...transformers(api, of('headers'), plugin)];
}

function makePlugin(
  gatewayId: string,
  api: Api,
  { name, service: serviceId }: { name: string; service: string },
  carried: readonly Policy[],
  config: Readonly<Record<string, unknown>>,
): ManagedObject {
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
      service: { id: serviceId },
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
const aclConfig = (group: string): Record<string, unknown> => ({ allow: [group], deny: null, hide_groups_header: true });

/**
 * The strictest limit of each window. Kong refuses a longer window that allows less than a shorter one; the shorter is lowered to it,
 * which changes nothing: five an hour are at most five a minute.
 */
function rateLimitingConfig(policies: readonly Policy[], hasConsumers: boolean, redis: KongRedis | undefined): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  let ceiling = Infinity;
  for (const name of counters.toReversed()) {
    const limits = policies.flatMap(({ policy }) => (counterOf(policy) === name && 'limit' in policy.config ? [policy.config.limit] : []));
    if (limits.length > 0) ceiling = Math.min(ceiling, ...limits);
    config[name] = limits.length > 0 ? ceiling : null;
  }
  const inOrder = Object.fromEntries(counters.map((name) => [name, config[name]]));
  const counted = redis === undefined ? { policy: 'local' } : { policy: 'redis', redis };
  return { ...inOrder, year: null, ...counted, limit_by: hasConsumers ? 'consumer' : 'ip' };
}

/** Kong's own counters begin anew with each hour, day and month of UTC, as the periods of a quota do. */
function counterOf(policy: Policy['policy']): string | undefined {
  if (policy.kind === 'rate_limit') return windows.get(policy.config.window_s);
  return policy.kind === 'quota' ? periods.get(policy.config.period) : undefined;
}

/** Kong looks at `deny` first. */
const addressConfig = ({ allow, deny }: SpecOf<'ip_restriction'>['config']): Record<string, unknown> => ({
  allow: allow ?? null,
  deny: deny ?? null,
});

const sizeConfig = (policies: readonly Policy[]): Record<string, unknown> => ({
  allowed_payload_size: Math.min(...policies.flatMap(({ policy }) => (policy.kind === 'request_size_limit' ? policy.config.max_bytes : []))),
  size_unit: 'bytes',
  // It would refuse a GET, which has no body to tell the length of.
  require_content_length: false,
});

/**
 * What changes requests and answers: headers, and the path of an API that is exposed at another than its upstream's. The path is told by the route that took the request; of
 * one that tells none, which may be so for a moment while it changes, the template has no value, and Kong answers 500 rather than send it somewhere.
 */
function transformers(
  api: Api,
  carried: readonly Policy[],
  plugin: (name: string, carried: readonly Policy[], config: Record<string, unknown>) => ManagedObject,
): ManagedObject[] {
  const [first] = carried;
  const { request, response } = first?.policy.kind === 'headers' ? first.policy.config : {};
  const uri = rewritesPath(api) ? `${basePathOf(api)}/$(uri_captures["${restGroup}"] .. "")` : null;
  const changed = headerEdits(request);
  const toUpstream = plugin('request-transformer', request === undefined ? [] : carried, { ...changed, replace: { ...changed.replace, uri } });
  return [
    ...(request === undefined && uri === null ? [] : [toUpstream]),
    ...(response === undefined ? [] : [plugin('response-transformer', carried, headerEdits(response))]),
  ];
}

/** Kong replaces a header that is there, and adds one that is not: both together set it. */
function headerEdits({ set = {}, remove = [] }: HeaderChanges = {}) {
  const pairs = Object.entries(set).map(([name, value]) => `${name}:${value}`);
  return { remove: { headers: remove }, replace: { headers: pairs }, add: { headers: pairs } };
}

function corsConfig(config: SpecOf<'cors'>['config'], operations: ApiIntent['operations']): Record<string, unknown> {
  const ownMethods = [...new Set(operations.map(({ method }) => method as string))].sort();
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
