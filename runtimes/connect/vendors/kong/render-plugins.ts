import type { ApiIntent, ItemsOf, ManagedObject } from '../../engine/model.ts';
import { objectId } from '../../engine/object-id.ts';
import { windows } from './capabilities.ts';
import type { KongRedis } from './settings.ts';
import { managed } from './managed.ts';
import { consumerGroup, serviceName, subscriberGroup } from './names.ts';

type Api = ItemsOf<'api'>;
type Policy = ItemsOf<'policy'>;
type SpecOf<K extends Policy['policy']['kind']> = Extract<Policy['policy'], { kind: K }>;

const windowNames = [...windows.values()];

/** Renders the policies of one API as plugins of its service. Kong holds one plugin of a name per service, so several limits become one plugin. */
export function renderPlugins(
  gatewayId: string,
  { api, policies, operations, access }: ApiIntent,
  redis?: KongRedis,
  service = objectId(gatewayId, 'service', serviceName(api.name)),
): ManagedObject[] {
  const of = (kind: Policy['policy']['kind']): Policy[] => policies.filter(({ policy }) => policy.kind === kind);
  const [keyAuths, cors, limits] = [of('api_key_auth'), of('cors'), of('rate_limit')];
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
  return plugins;
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
  for (const [windowS, name] of [...windows].reverse()) {
    const limits = policies.flatMap(({ policy }) =>
      policy.kind === 'rate_limit' && policy.config.window_s === windowS ? [policy.config.limit] : [],
    );
    if (limits.length > 0) ceiling = Math.min(ceiling, ...limits);
    config[name] = limits.length > 0 ? ceiling : null;
  }
  const inOrder = Object.fromEntries(windowNames.map((name) => [name, config[name]]));
  const counted = redis === undefined ? { policy: 'local' } : { policy: 'redis', redis };
  return { ...inOrder, month: null, year: null, ...counted, limit_by: hasConsumers ? 'consumer' : 'ip' };
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
