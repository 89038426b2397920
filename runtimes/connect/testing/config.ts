import { createHash } from 'node:crypto';
import type {
  ApiItem,
  ApiOperation,
  ConsumerItem,
  GatewayConfig,
  PlanItem,
  PlanSubscriptionItem,
  PolicyItem,
  PolicySpec,
  SubscriptionItem,
} from '@stoa/generated/schemas.ts';

/** Configurations for tests, as the Control Plane would send them. */

export const gatewayId = '5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11';

/** A UUID that is the same for the same word in every run. */
export function idOf(word: string): string {
  const hex = createHash('sha256').update(word).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function operation(text: string, operationId?: string): ApiOperation {
  const [method = '', path = ''] = text.split(' ');
  const id = operationId ?? text;
  return {
    operation_id: id,
    method: method as ApiOperation['method'],
    path,
    tool: { name: id.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64), input_schema: {}, annotations: {} },
    bindings: [],
  };
}

export const orderOperations: readonly ApiOperation[] = [
  operation('GET /orders', 'listOrders'),
  operation('POST /orders', 'createOrder'),
  operation('GET /orders/{order_id}', 'getOrder'),
];

export function api(name: string, options: { url?: string; operations?: readonly ApiOperation[]; changes?: Partial<ApiItem> } = {}): ApiItem {
  const apiId = idOf(`api ${name}`);
  return {
    id: `api:${apiId}`,
    kind: 'api',
    api_id: apiId,
    name,
    version: '1.0.0',
    title: name,
    revision: 1,
    upstream: { url: options.url ?? 'http://127.0.0.1:8084' },
    operations: [...(options.operations ?? orderOperations)],
    ...options.changes,
  };
}

export function policy(name: string, spec: PolicySpec, ...apis: readonly ApiItem[]): PolicyItem {
  const policyId = idOf(`policy ${name}`);
  return { id: `policy:${policyId}`, kind: 'policy', policy_id: policyId, name, policy: spec, api_ids: apis.map(({ api_id }) => api_id) };
}

export const keyAuth = (...apis: readonly ApiItem[]): PolicyItem =>
  policy('keys', { kind: 'api_key_auth', config: { header: 'X-API-Key' } }, ...apis);
export const perMinute = (limit: number, ...apis: readonly ApiItem[]): PolicyItem =>
  policy('limit', { kind: 'rate_limit', config: { limit, window_s: 60 } }, ...apis);
export const cors = (...apis: readonly ApiItem[]): PolicyItem =>
  policy('browsers', { kind: 'cors', config: { allow_origins: ['https://app.example.com'], max_age_s: 600 } }, ...apis);

export function consumer(name: string, ...secrets: readonly string[]): ConsumerItem {
  const consumerId = idOf(`consumer ${name}`);
  const keys = secrets.map((secret) => ({ key_id: idOf(`key ${secret}`), sha256: createHash('sha256').update(secret).digest('hex'), secret }));
  return { id: `consumer:${consumerId}`, kind: 'consumer', consumer_id: consumerId, name, keys };
}

/** The same API, for its subscribers only. */
export const closed = (item: ApiItem): ApiItem => ({ ...item, subscription_required: true });

export function subscription(apiItem: ApiItem, to: ConsumerItem): SubscriptionItem {
  const subscriptionId = idOf(`subscription ${apiItem.name} ${to.name}`);
  const ends = { api_id: apiItem.api_id, consumer_id: to.consumer_id };
  return { id: `subscription:${subscriptionId}`, kind: 'subscription', subscription_id: subscriptionId, ...ends };
}

export function plan(name: string, apis: readonly ApiItem[], ...policies: readonly PolicyItem[]): PlanItem {
  const planId = idOf(`plan ${name}`);
  const parts = {
    api_ids: apis.map(({ api_id }) => api_id),
    policies: policies.map(({ policy_id, name: called, policy: spec }) => ({ policy_id, name: called, policy: spec })),
  };
  return { id: `plan:${planId}`, kind: 'plan', plan_id: planId, name, ...parts };
}

export function planSubscription(to: PlanItem, by: ConsumerItem): PlanSubscriptionItem {
  const subscriptionId = idOf(`subscription ${to.name} ${by.name}`);
  const ends = { plan_id: to.plan_id, consumer_id: by.consumer_id };
  return { id: `subscription:${subscriptionId}`, kind: 'plan_subscription', subscription_id: subscriptionId, ...ends };
}

export function config(items: GatewayConfig['items'], generation = 1): GatewayConfig {
  const hash = `sha256:${createHash('sha256').update(JSON.stringify(items)).digest('hex')}`;
  return { gateway_id: gatewayId, generation, hash, signature: { key_id: 'test', algorithm: 'ed25519', value: '' }, items };
}
