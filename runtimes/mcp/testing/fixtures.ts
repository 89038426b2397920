import { hash, randomUUID } from 'node:crypto';
import type {
  ApiItem,
  ApiOperation,
  ConsumerItem,
  DoorName,
  GatewayConfig,
  PlanItem,
  PlanSubscriptionItem,
  PolicyItem,
  PolicySpec,
  SubscriptionItem,
  UsageRecord,
} from '@stoa/generated/schemas.ts';
import { createDesiredStates } from '@stoa/control-plane-client/testing/desired-state.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { createEngine } from '../engine.ts';
import type { Engine, EngineOptions } from '../engine.ts';
import { collectingIn } from './collected-usage.ts';
import { createMeter } from '../metering/meter.ts';

import { createSnapshotCompiler } from '../snapshot/snapshot.ts';
import type { RuntimeSecrets } from '../snapshot/secrets.ts';
import type { CompileResult } from '../snapshot/snapshot.ts';

/** Builders of configurations for tests: whole and valid, with what a test is about given by it. */
export function configOf(...items: GatewayConfig['items']): GatewayConfig {
  return {
    gateway_id: randomUUID(),
    generation: 1,
    hash: `sha256:${'0'.repeat(64)}`,
    signature: { key_id: 'k', algorithm: 'ed25519', value: 's' },
    items,
  };
}

export function apiItem(given: Partial<ApiItem> & { url?: string } = {}): ApiItem {
  const { url = 'http://127.0.0.1:9/v1', ...members } = given;
  const apiId = members.api_id ?? randomUUID();
  return {
    id: `api:${apiId}`,
    kind: 'api',
    api_id: apiId,
    name: 'orders',
    version: '1.0.0',
    title: 'Orders',
    revision: 1,
    upstream: { url },
    operations: [getOrder()],
    ...members,
  };
}

export function getOrder(given: Partial<ApiOperation> = {}): ApiOperation {
  return {
    operation_id: 'getOrder',
    method: 'GET',
    path: '/orders/{order_id}',
    tool: {
      name: 'orders_getOrder',
      input_schema: { type: 'object', properties: { order_id: { type: 'string' } }, required: ['order_id'], additionalProperties: false },
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    },
    bindings: [{ argument: 'order_id', in: 'path', name: 'order_id', required: true, style: 'simple', explode: false }],
    ...given,
  };
}

export function createOrder(given: Partial<ApiOperation> = {}): ApiOperation {
  return {
    operation_id: 'createOrder',
    method: 'POST',
    path: '/orders',
    tool: {
      name: 'orders_createOrder',
      input_schema: { type: 'object', properties: { body: { type: 'object' } }, required: ['body'], additionalProperties: false },
      annotations: { readOnlyHint: false, destructiveHint: false },
    },
    bindings: [{ argument: 'body', in: 'body', name: '', required: true, content_type: 'application/json' }],
    ...given,
  };
}

export function policyItem(policy: PolicySpec, apis: readonly ApiItem[], name: string = policy.kind.replaceAll('_', '-')): PolicyItem {
  const policyId = randomUUID();
  return { id: `policy:${policyId}`, kind: 'policy', policy_id: policyId, name, policy, api_ids: apis.map((api) => api.api_id) };
}

export function subscriptionItem(api: ApiItem, consumer: ConsumerItem): SubscriptionItem {
  const subscriptionId = randomUUID();
  const ends = { api_id: api.api_id, consumer_id: consumer.consumer_id };
  return { id: `subscription:${subscriptionId}`, kind: 'subscription', subscription_id: subscriptionId, ...ends };
}

export function planItem(name: string, apis: readonly ApiItem[], ...specs: readonly PolicySpec[]): PlanItem {
  const planId = randomUUID();
  const policies = specs.map((policy) => ({ policy_id: randomUUID(), name: `${name}-${policy.kind.replaceAll('_', '-')}`, policy }));
  return { id: `plan:${planId}`, kind: 'plan', plan_id: planId, name, api_ids: apis.map((api) => api.api_id), policies };
}

export function planSubscriptionItem(plan: PlanItem, consumer: ConsumerItem): PlanSubscriptionItem {
  const subscriptionId = randomUUID();
  const ends = { plan_id: plan.plan_id, consumer_id: consumer.consumer_id };
  return { id: `subscription:${subscriptionId}`, kind: 'plan_subscription', subscription_id: subscriptionId, ...ends };
}

/** A consumer with one key in clear, for the test to present. */
export function consumerItem(
  name = 'support-agent',
  given: Partial<ConsumerItem> & { expiresAt?: string } = {},
): { item: ConsumerItem; key: string } {
  const { expiresAt, ...members } = given;
  const key = `stoa_ck_${randomUUID()}`;
  const consumerId = randomUUID();
  const keyMaterial = { key_id: randomUUID(), sha256: hash('sha256', key, 'hex'), ...(expiresAt === undefined ? {} : { expires_at: expiresAt }) };
  return { key, item: { id: `consumer:${consumerId}`, kind: 'consumer', consumer_id: consumerId, name, keys: [keyMaterial], ...members } };
}

/** Compiles configurations one after the other, as a runtime does that is given them. */
export function createCompile(doors?: readonly DoorName[], secrets?: RuntimeSecrets): (config: GatewayConfig) => CompileResult {
  const compiler = createSnapshotCompiler(doors, { ...(secrets !== undefined && { secrets }) });
  const stateOf = createDesiredStates();
  return (config) => compiler.compileAtOnce(stateOf(config));
}

/** Compiles a configuration from nothing. */
export const compile = (config: GatewayConfig, doors?: readonly DoorName[], secrets?: RuntimeSecrets): CompileResult =>
  createCompile(doors, secrets)(config);

/** An engine that serves a configuration; `usage` collects what the meter hands over. */
export function engineOf(
  config: GatewayConfig,
  options: Partial<EngineOptions> = {},
  secrets?: RuntimeSecrets,
): { engine: Engine; usage: UsageRecord[] } {
  const usage: UsageRecord[] = [];
  const log = createLogger({ program: 'test', level: 'silent' });
  const meter = createMeter({ log, spool: collectingIn(usage) });
  const engine = createEngine({ meter, log, ...options });
  engine.replace(compile(config, ['mcp', 'authz'], secrets).snapshot);
  return { engine, usage };
}
