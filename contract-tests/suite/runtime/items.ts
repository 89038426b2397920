import { createHash, randomUUID } from 'node:crypto';
import type { ApiItem, ApiOperation, ConfigItem, ConsumerItem, PlanItem, PlanSubscriptionItem, PolicyItem } from '@stoa/generated/schemas.ts';

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
  const limit = { kind: 'rate_limit', config: { limit: 5, window_s: 60, carry_over: 2 } };
  const newerPolicy = { ...keys, id: `policy:${subscription_id}`, policy_id: subscription_id, name: 'limits', policy: limit };
  return {
    api: { ...api, subscription_required: true },
    keys,
    subscription: { id: `subscription:${subscription_id}`, kind: 'subscription', subscription_id, api_id, consumer_id },
    newer: { id: 'portal:1', ...{ kind: 'portal', name: 'shop' } },
    newerPolicy,
  };
}

/** A plan that lets its one subscriber call an API so often in an hour, and his subscription to it. */
export function offered({ api_id }: ApiItem, { consumer_id }: ConsumerItem, limit?: number): [PlanItem, PlanSubscriptionItem] {
  const [plan_id, subscription_id] = [randomUUID(), randomUUID()];
  const policy = { kind: 'rate_limit' as const, config: { limit: limit ?? 1, window_s: 3600 } };
  const policies = limit === undefined ? [] : [{ policy_id: randomUUID(), name: 'few', policy }];
  return [
    { id: `plan:${plan_id}`, kind: 'plan', plan_id, name: 'gold', api_ids: [api_id], policies },
    { id: `subscription:${subscription_id}`, kind: 'plan_subscription', subscription_id, plan_id, consumer_id },
  ];
}

export const idsOf = (items: readonly ConfigItem[]): string[] => items.map(({ id }) => id).sort();
