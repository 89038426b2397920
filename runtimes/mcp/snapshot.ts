import type { AckState, ApiItem, ConfigItem, ConsumerItem, GatewayConfig, ItemAck, PolicyItem, SubscriptionItem } from '@stoa/generated/schemas.ts';
import { ApiRejection, compileApi, fingerprintOf } from './compile-api.ts';
import type { ApiEntry, ConsumerEntry, Door, KeyEntry, OperationEntry, Snapshot, ToolEntry } from './model.ts';
import { assessPolicy } from './policies.ts';
import type { Assessment } from './policies.ts';
import { createRouter } from './routes.ts';
import { createLister, createPermits } from './visibility.ts';

export type { ApiEntry, Caller, ConsumerEntry, OperationEntry, Snapshot, ToolEntry } from './model.ts';

export type CompileResult = {
  readonly snapshot: Snapshot;
  /** One entry for every item of the configuration, in its order. */
  readonly items: ItemAck[];
  /** `applied`, or `applied_with_warnings` when any item was rejected or warned about: what was rejected is not served, the rest is. */
  readonly state: AckState;
};

const maxReasonLength = 2000;

/**
 * Makes what a runtime serves from a desired state. Never throws for what the state contains: an item that cannot be served is
 * rejected by name and left out, and an API is left out when a policy on it cannot be enforced, so `snapshot` is always to be served.
 * `previous` lends its compiled APIs where neither they nor their policies changed. `doors` are those that the runtime opens: what a
 * policy cannot do at one of them is a warning.
 */
export function compileSnapshot(
  config: Pick<GatewayConfig, 'generation' | 'hash' | 'items'>,
  previous?: Snapshot,
  doors: readonly Door[] = ['mcp'],
): CompileResult {
  const policies = indexPolicies(config.items, doors);
  const draft = emptyDraft();
  const items = config.items.map((item) => acknowledge(item, draft, policies, previous));
  // Tools have names of their own: only a door that judges a path has to know whose it is.
  if (doors.includes('authz')) warnAboutSharedRoutes(draft, items);
  const state = items.every((item) => item.state === 'applied') ? 'applied' : 'applied_with_warnings';
  return { snapshot: finish(config.generation, config.hash, draft), items, state };
}

type Draft = {
  readonly apis: Map<string, ApiEntry>;
  readonly tools: Map<string, ToolEntry>;
  readonly consumers: Map<string, ConsumerEntry>;
  readonly keys: Map<string, KeyEntry>;
  readonly subscriptions: Map<string, Set<string>>;
};
const emptyDraft = (): Draft => ({ apis: new Map(), tools: new Map(), consumers: new Map(), keys: new Map(), subscriptions: new Map() });
type AssessedPolicy = { readonly item: PolicyItem; readonly assessment: Assessment };
type PolicyIndex = {
  readonly assessments: ReadonlyMap<PolicyItem, Assessment>;
  readonly byApi: ReadonlyMap<string, readonly AssessedPolicy[]>;
  readonly doors: readonly Door[];
};

/** Judged before anything else: an API may stand in front of its policies. */
function indexPolicies(items: readonly ConfigItem[], doors: readonly Door[]): PolicyIndex {
  const assessments = new Map<PolicyItem, Assessment>();
  const byApi = new Map<string, AssessedPolicy[]>();
  for (const item of items) {
    if (item.kind !== 'policy') continue;
    const assessment = assessPolicy(item, doors);
    assessments.set(item, assessment);
    for (const apiId of new Set(item.api_ids)) {
      const attached = byApi.get(apiId) ?? [];
      byApi.set(apiId, attached);
      attached.push({ item, assessment });
    }
  }
  return { assessments, byApi, doors };
}

function acknowledge(item: ConfigItem, draft: Draft, policies: PolicyIndex, previous: Snapshot | undefined): ItemAck {
  switch (item.kind) {
    case 'policy':
      return { id: item.id, ...(policies.assessments.get(item) ?? assessPolicy(item, policies.doors)) };
    case 'consumer':
      return warned(item.id, addConsumer(item, draft));
    case 'subscription':
      addSubscription(item, draft);
      return { id: item.id, state: 'applied' };
    case 'api':
      return addApi(item, draft, policies.byApi.get(item.api_id) ?? [], previous);
    default:
      return rejected(
        (item as { id: string }).id,
        `This runtime does not know items of kind ${String((item as { kind: unknown }).kind)}: it needs an update.`,
      );
  }
}

/** An API is never served without a policy that is attached to it: one that cannot be enforced takes its APIs with it. */
function addApi(item: ApiItem, draft: Draft, policies: readonly AssessedPolicy[], previous: Snapshot | undefined): ItemAck {
  const unenforceable = policies.filter(({ assessment }) => assessment.state === 'rejected').map((policy) => policy.item.name);
  if (unenforceable.length > 0) return rejected(item.id, `Not served, because a policy on it cannot be enforced: ${unenforceable.join(', ')}.`);
  if (draft.apis.has(item.api_id)) return rejected(item.id, 'Another item holds the same API.');
  const policyItems = policies.map((policy) => policy.item);
  const fingerprint = fingerprintOf(item, policyItems);
  const known = previous?.apis.get(item.api_id);
  try {
    const api = known?.fingerprint === fingerprint ? known : compileApi(item, policyItems, fingerprint);
    draft.apis.set(api.id, api);
    return warned(item.id, [...api.warnings, ...addTools(api, draft)]);
  } catch (error) {
    // A fault in one API, foreseen or not, must not empty the others' tool list.
    return rejected(item.id, error instanceof ApiRejection ? error.message : `It could not be compiled: ${(error as Error).message}`);
  }
}

function addTools(api: ApiEntry, { tools }: Draft): string[] {
  const warnings: string[] = [];
  for (const tool of api.tools) {
    const taken = tools.get(tool.name);
    if (taken === undefined) tools.set(tool.name, tool);
    else warnings.push(`The tool ${tool.name} is not served: the API ${taken.operation.api.name} has one of the same name.`);
  }
  return warnings;
}

function addConsumer(item: ConsumerItem, { consumers, keys }: Draft): string[] {
  const warnings: string[] = [];
  const labels = item.labels ?? {};
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  const caller = { consumerId: item.consumer_id, consumerName: item.name };
  consumers.set(item.consumer_id, { id: item.consumer_id, name: item.name, labels, cedarKey: JSON.stringify([item.name, sorted]) });
  for (const { key_id: keyId, sha256, expires_at: expiresAt } of item.keys) {
    const expiresAtMs = expiresAt === undefined ? undefined : Date.parse(expiresAt);
    if (Number.isNaN(expiresAtMs)) warnings.push(`The key ${keyId} is refused: its expiry is no time.`);
    else if (keys.has(sha256)) warnings.push(`The key ${keyId} is refused: another consumer holds the same one.`);
    else keys.set(sha256, { ...caller, keyId, expiresAtMs });
  }
  return warnings;
}

/** Kept by ids alone: it may stand in front of its consumer and its API, and lets nobody in where one of them is not served. */
function addSubscription({ consumer_id: consumerId, api_id: apiId }: SubscriptionItem, { subscriptions }: Draft): void {
  const apis = subscriptions.get(consumerId) ?? new Set();
  subscriptions.set(consumerId, apis.add(apiId));
}

function warnAboutSharedRoutes({ apis }: Draft, items: ItemAck[]): void {
  const owners = new Map<string, ApiEntry>();
  for (const api of apis.values()) {
    for (const { method, pathTemplate } of api.operations) {
      const route = `${method} ${pathTemplate.replace(/\{[^{}]*\}/g, '{}')}`;
      const owner = owners.get(route) ?? api;
      owners.set(route, owner);
      if (owner === api) continue;
      const at = items.findIndex((ack) => ack.id === api.item.id);
      const reason = [items[at]?.reason, `${route} is a route of ${owner.name} too: /authz denies it.`].filter(Boolean).join(' ');
      items[at] = warned(api.item.id, [reason]);
    }
  }
}

function rejected(id: string, reason: string): ItemAck {
  return { id, state: 'rejected', phase: 'render', reason: reason.slice(0, maxReasonLength) };
}

function warned(id: string, warnings: readonly string[]): ItemAck {
  if (warnings.length === 0) return { id, state: 'applied' };
  return { id, state: 'applied_with_warnings', phase: 'render', reason: warnings.join(' ').slice(0, maxReasonLength) };
}

function finish(generation: number, hash: string, { apis, tools, consumers, keys, subscriptions }: Draft): Snapshot {
  const permits = createPermits(consumers, subscriptions);
  const operations: OperationEntry[] = [...apis.values()].flatMap((api) => api.operations);
  return Object.freeze({
    generation,
    hash,
    tools,
    apis,
    consumers,
    subscriptions,
    consumersByKeyHash: keys,
    keyHeaders: [...new Set([...apis.values()].flatMap((api) => api.policies.keyHeaders))],
    origins: new Set([...[...apis.values()].map((api) => api.origin), ...operations.map((operation) => operation.origin)]),
    matchRoute: createRouter(operations),
    permits,
    visibleTools: createLister([...tools.values()], consumers, subscriptions, permits),
  });
}

/** The snapshot of a runtime that was never given anything. */
export const emptySnapshot: Snapshot = finish(0, '', emptyDraft());
