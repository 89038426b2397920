import type {
  ApiItem,
  ApiOperation,
  ConfigItem,
  ConsumerItem,
  Labels,
  PolicyItem,
  PolicySpec,
  SubscriptionItem,
  TargetSelector,
  UpstreamCredential,
} from '@stoa/generated/schemas.ts';
import { toUpstream } from '../catalog/upstream-credentials.ts';

/** Who is to be configured: what targets choose by, and what it said that it can do. */
export type Recipient = { environment: string; instance_name: string; gateway_mode: string; labels: Labels; features: readonly string[] };

/** The feature of runtimes that enforce subscriptions. One without it would open an API to every key. */
export const subscriptionsFeature = 'subscriptions';
export const enforcesSubscriptions = ({ features }: Pick<Recipient, 'features'>): boolean => features.includes(subscriptionsFeature);

/** Everything of a tenant that desired states are made of, read at one revision. */
export type Catalog = {
  revision: bigint;
  apis: CatalogApi[];
  policies: { id: string; name: string; spec: PolicySpec; api_ids: string[]; environments: string[] }[];
  consumers: { id: string; name: string; labels: Labels; keys: CatalogKey[] }[];
  subscriptions: { id: string; api_id: string; consumer_id: string }[];
  /** APIs as they were at revisions that deployments are pinned to; who may call them is as it is now. */
  pinned: CatalogApi[];
  /** Oldest first. `revision` is the pinned one. */
  deployments: { api_id: string; targets: TargetSelector; revision: number | undefined }[];
};
export type CatalogApi = {
  id: string;
  name: string;
  title: string;
  version: string;
  description: string | undefined;
  revision: number;
  upstream_url: string;
  open_to_all_consumers: boolean;
  upstream_credentials: readonly UpstreamCredential[];
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

/** Which APIs are deployed to a gateway, each with the revision that is pinned there. */
export type Deployed = ReadonlyMap<string, number | undefined>;

/**
 * The APIs that are deployed to a gateway and that it may be given: one that does not enforce subscriptions gets those alone that are open
 * to all consumers. Where several deployments of an API choose the gateway, a pin counts more than the newest, and a later pin more
 * than an earlier one.
 */
export function deployedTo(catalog: Catalog, recipient: Recipient): Deployed {
  const chosen = new Map<string, number | undefined>();
  for (const { api_id, targets, revision } of catalog.deployments) {
    if (isChosen(targets, recipient)) chosen.set(api_id, revision ?? chosen.get(api_id));
  }
  const withheld = enforcesSubscriptions(recipient) ? [] : catalog.apis.filter((api) => !api.open_to_all_consumers);
  for (const { id } of withheld) chosen.delete(id);
  return chosen;
}

/**
 * What one gateway shall serve: the APIs deployed to it, the policies that apply to them, the consumers, and who of them may call what.
 * Ordered by id, so that the same state has the same bytes. Without an API there is nothing to serve, and so no consumer either. Of the
 * recipient, it depends on the mode and the environment alone.
 */
export function desiredItems(catalog: Catalog, recipient: Pick<Recipient, 'gateway_mode' | 'environment'>, deployed: Deployed): ConfigItem[] {
  const apis = catalog.apis.filter((api) => deployed.has(api.id)).map((api) => atRevision(catalog, api, deployed.get(api.id)));
  if (apis.length === 0) return [];
  const policies = catalog.policies.map((policy) => toPolicyItem(policy, apis, recipient)).filter((item) => item.api_ids.length > 0);
  const closed = new Set(apis.filter((api) => !api.open_to_all_consumers).map(({ id }) => id));
  const subscriptions = catalog.subscriptions.filter(({ api_id }) => closed.has(api_id));
  const consumers =
    recipient.gateway_mode === 'connect'
      ? callersInClear(catalog, apis, policies, subscriptions).map((consumer) => toConsumerItem(consumer, true))
      : catalog.consumers.map((consumer) => toConsumerItem(consumer, false));
  return [...apis.map(toApiItem), ...policies, ...consumers, ...subscriptions.map(toSubscriptionItem)].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * Whose keys a third-party gateway needs. It keeps them in clear, where MCP runtimes recognise a key by its hash: so it gets those alone
 * of consumers that may call an API there that asks for a key.
 */
function callersInClear(
  catalog: Catalog,
  apis: readonly CatalogApi[],
  policies: readonly PolicyItem[],
  subscriptions: Catalog['subscriptions'],
): Catalog['consumers'] {
  const asking = new Set(policies.flatMap(({ policy, api_ids }) => (policy.kind === 'api_key_auth' ? api_ids : [])));
  if (apis.some((api) => api.open_to_all_consumers && asking.has(api.id))) return catalog.consumers;
  const callers = new Set(subscriptions.filter(({ api_id }) => asking.has(api_id)).map(({ consumer_id }) => consumer_id));
  return catalog.consumers.filter(({ id }) => callers.has(id));
}

/** A pin to the newest revision is the API itself. */
function atRevision({ pinned }: Catalog, newest: CatalogApi, revision: number | undefined): CatalogApi {
  if (revision === undefined || revision === newest.revision) return newest;
  const found = pinned.find((api) => api.id === newest.id && api.revision === revision);
  if (!found) throw new Error(`The revision ${revision} of the API ${newest.name}, which a deployment is pinned to, is gone.`);
  return found;
}

function toApiItem(api: CatalogApi): ApiItem {
  const { id, name, title, version, description, revision, upstream_url, upstream_credentials, operations } = api;
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
    // Left out where it is not so, for an API that is open to all has the form that every runtime knows.
    ...(api.open_to_all_consumers ? {} : { subscription_required: true }),
    upstream: toUpstream(upstream_url, upstream_credentials),
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

function toSubscriptionItem({ id, api_id, consumer_id }: Catalog['subscriptions'][number]): SubscriptionItem {
  return { id: `subscription:${id}`, kind: 'subscription', subscription_id: id, api_id, consumer_id };
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
