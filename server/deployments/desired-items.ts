import type {
  ApiItem,
  ApiOperation,
  ConfigItem,
  ConsumerItem,
  Labels,
  PolicyItem,
  PolicySpec,
  TargetSelector,
  UpstreamAuth,
} from '@stoa/generated/schemas.ts';

/** Who is to be configured: what targets choose by. */
export type Recipient = { environment: string; instance_name: string; gateway_mode: string; labels: Labels };

/** Everything of a tenant that desired states are made of, read at one revision. */
export type Catalog = {
  revision: bigint;
  apis: CatalogApi[];
  policies: { id: string; name: string; spec: PolicySpec; api_ids: string[]; environments: string[] }[];
  consumers: { id: string; name: string; labels: Labels; keys: CatalogKey[] }[];
  deployments: { api_id: string; targets: TargetSelector }[];
};
export type CatalogApi = {
  id: string;
  name: string;
  title: string;
  version: string;
  description: string | undefined;
  revision: number;
  upstream_url: string;
  upstream_auth: UpstreamAuth | undefined;
  operations: ApiOperation[];
};
type CatalogKey = { id: string; sha256: string; expires_at: string | undefined; secret: () => string };

/** Whether a gateway fits every criterion of a selector; within one list, any value fits. */
export function isChosen(targets: TargetSelector, recipient: Recipient): boolean {
  const { instance_names, modes, environments, labels } = targets;
  if (instance_names && !instance_names.includes(recipient.instance_name)) return false;
  if (modes && !modes.some((mode) => mode === recipient.gateway_mode)) return false;
  if (environments && !environments.includes(recipient.environment)) return false;
  return Object.entries(labels ?? {}).every(([key, value]) => recipient.labels[key] === value);
}

/** The ids, in order, of the APIs that are deployed to a gateway. */
export function deployedTo(catalog: Catalog, recipient: Recipient): string[] {
  return [...new Set(catalog.deployments.filter(({ targets }) => isChosen(targets, recipient)).map(({ api_id }) => api_id))].sort();
}

/**
 * What one gateway shall serve: the APIs deployed to it, the policies that apply to them, and the consumers. Ordered by id, so
 * that the same state has the same bytes. Without an API there is nothing to serve, and so no consumer either. Of the recipient, it depends on
 * the mode and the environment alone.
 */
export function desiredItems(
  catalog: Catalog,
  recipient: Pick<Recipient, 'gateway_mode' | 'environment'>,
  deployed: readonly string[],
): ConfigItem[] {
  const apis = catalog.apis.filter((api) => deployed.includes(api.id));
  if (apis.length === 0) return [];
  const policies = catalog.policies.map((policy) => toPolicyItem(policy, apis, recipient)).filter((item) => item.api_ids.length > 0);
  // Only third-party gateways keep keys in clear; MCP runtimes recognise a key by its hash.
  const inClear = recipient.gateway_mode === 'connect' && policies.some((item) => item.policy.kind === 'api_key_auth');
  const consumers = recipient.gateway_mode === 'connect' && !inClear ? [] : catalog.consumers.map((consumer) => toConsumerItem(consumer, inClear));
  return [...apis.map(toApiItem), ...policies, ...consumers].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function toApiItem(api: CatalogApi): ApiItem {
  const { id, name, title, version, description, revision, upstream_url, upstream_auth, operations } = api;
  return {
    id: `api:${id}`,
    kind: 'api',
    api_id: id,
    name,
    title,
    version,
    revision,
    operations,
    ...(description === undefined ? {} : { description }),
    upstream: { url: upstream_url, ...(upstream_auth ? { auth: upstream_auth } : {}) },
  };
}

function toPolicyItem(policy: Catalog['policies'][number], apis: CatalogApi[], recipient: Pick<Recipient, 'environment'>): PolicyItem {
  const everywhere = policy.environments.includes(recipient.environment);
  const api_ids = apis
    .filter((api) => everywhere || policy.api_ids.includes(api.id))
    .map((api) => api.id)
    .sort();
  return { id: `policy:${policy.id}`, kind: 'policy', policy_id: policy.id, name: policy.name, policy: policy.spec, api_ids };
}

function toConsumerItem(consumer: Catalog['consumers'][number], inClear: boolean): ConsumerItem {
  const keys = consumer.keys.map((key) => ({
    key_id: key.id,
    sha256: key.sha256,
    ...(key.expires_at === undefined ? {} : { expires_at: key.expires_at }),
    ...(inClear ? { secret: key.secret() } : {}),
  }));
  return { id: `consumer:${consumer.id}`, kind: 'consumer', consumer_id: consumer.id, name: consumer.name, labels: consumer.labels, keys };
}
