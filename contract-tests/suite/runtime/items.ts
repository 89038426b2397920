import { createHash, randomUUID } from 'node:crypto';
import type { ApiItem, ApiOperation, ConfigItem, ConsumerItem, PolicyItem } from '@stoa/generated/schemas.ts';

export const listOrdersTool = 'orders_listOrders';

const listOrders = {
  operation_id: 'listOrders',
  method: 'GET',
  path: '/orders',
  tool: { name: listOrdersTool, input_schema: { type: 'object', properties: {} }, annotations: { readOnlyHint: true } },
  bindings: [],
} as unknown as ApiOperation;

/** The orders example as a config item: one operation is enough to see whether it is served. */
export function ordersItem(upstreamUrl: string): ApiItem {
  const api_id = randomUUID();
  return {
    id: `api:${api_id}`,
    kind: 'api',
    api_id,
    name: 'orders',
    version: '1.0.0',
    title: 'Orders',
    revision: 1,
    upstream: { url: upstreamUrl },
    operations: [listOrders],
  };
}

/** Somebody who may call with `key`. Only Connect is told the key itself. */
export function consumerItem(key: string, inClear: boolean): ConsumerItem {
  const consumer_id = randomUUID();
  const material = { key_id: randomUUID(), sha256: createHash('sha256').update(key).digest('hex'), ...(inClear && { secret: key }) };
  return { id: `consumer:${consumer_id}`, kind: 'consumer', consumer_id, name: 'support-agent', keys: [material] };
}

type Subscribed = { api: ApiItem; keys: PolicyItem; subscription: ConfigItem; newer: { id: string }; newerPolicy: { id: string } };

/**
 * The items that close an API to all but a consumer: the API as such, a subscription, and the policy that has a Kong ask for a key. Beside them
 * two that only a later version knows.
 */
export function subscribed(api: ApiItem, { consumer_id }: ConsumerItem): Subscribed {
  const [subscription_id, policy_id] = [randomUUID(), randomUUID()];
  const { api_id } = api;
  const keys: PolicyItem = {
    id: `policy:${policy_id}`,
    kind: 'policy',
    policy_id,
    name: 'keys',
    policy: { kind: 'api_key_auth', config: { header: 'X-API-Key' } },
    api_ids: [api_id],
  };
  const limit = { kind: 'rate_limit', config: { limit: 5, window_s: 60, burst: 2 } };
  const newerPolicy = { ...keys, id: `policy:${subscription_id}`, policy_id: subscription_id, name: 'limits', policy: limit };
  return {
    api: { ...api, subscription_required: true },
    keys,
    subscription: { id: `subscription:${subscription_id}`, kind: 'subscription', subscription_id, api_id, consumer_id },
    newer: { id: 'plan:1', ...{ kind: 'plan', name: 'gold' } },
    newerPolicy,
  };
}

export const idsOf = (items: readonly ConfigItem[]): string[] => items.map(({ id }) => id).sort();
