import type { Labels, PolicySpec, TargetSelector, ToolSetItem } from '@stoa/generated/schemas.ts';
import type { DeploymentTraits } from './deployed-item.ts';
import { renderConsumer, renderKey, renderPlan, renderPolicy, renderSubscription, renderToolSet } from './render.ts';
import type { KeyContent, RevealedKey, SubscriptionContent } from './render.ts';
import type { RenderedItem } from './rendered-item.ts';
import { SelectorIndex } from './selectors.ts';
import type { Selector } from './selectors.ts';

/** What a policy is attached to; null is any. */
export type PolicyPlace = { api_id: string | null; mcp_server_id?: string | null; environment: string | null };

/** Rows as they are read, each complete: what they replace is forgotten. */
export type CatalogRows = {
  apis: { id: string; isOpen: boolean; revision: number; newest: RenderedItem; pinned: ReadonlyMap<number, RenderedItem> }[];
  policies: { id: string; name: string; spec: PolicySpec; attachments: PolicyPlace[] }[];
  consumers: { id: string; name: string; labels: Labels; certificates: readonly string[]; toolExposure: 'full' | 'search' }[];
  /** `order` sorts the keys of a consumer, oldest first. */
  keys: (KeyContent & { order: string; secret: () => string })[];
  plans: { id: string; name: string; api_ids: string[]; policy_ids: string[] }[];
  issuers: { id: string; item: RenderedItem }[];
  /** `isOfLinks`: a Link alone starts it. */
  mcpServers: { id: string; isOpen: boolean; isOfLinks: boolean; targets: TargetSelector; item: RenderedItem }[];
  toolSets: Omit<ToolSetItem, 'id' | 'kind'>[];
  subscriptions: SubscriptionContent[];
  deployments: { id: string; api_id: string; targets: TargetSelector; revision: number | undefined; traits: DeploymentTraits; order: string }[];
};
/** What is to be replaced. */
export type CatalogIds = Record<keyof CatalogRows | 'goneApis', ReadonlySet<string>>;

export type CatalogApi = CatalogRows['apis'][number];
type Policy = CatalogRows['policies'][number] & { readonly renderedFor: Map<string, RenderedItem> };
type Consumer = CatalogRows['consumers'][number] & { readonly item: RenderedItem };
type Key = CatalogRows['keys'][number] & { readonly item: RenderedItem; clear?: RenderedItem };
type Plan = CatalogRows['plans'][number] & { readonly renderedFor: Map<string, RenderedItem> };
export type CatalogMcpServer = CatalogRows['mcpServers'][number] & { readonly selector: Selector };
type ToolSet = CatalogRows['toolSets'][number] & { readonly renderedFor: Map<string, RenderedItem> };
type Subscription = SubscriptionContent & { readonly item: RenderedItem };
type Deployment = CatalogRows['deployments'][number] & { readonly selector: Selector };

/** Environments differ in the APIs that a policy of theirs applies to, and that a plan holds there. */
const maxRendered = 32;

/**
 * Everything of a tenant that desired states are made of, at one revision. Holds each item as its bytes, made when its row was read; what a
 * later revision changed is put in its place.
 */
export class Catalog {
  revision: bigint;
  readonly apis = new Map<string, CatalogApi>();
  readonly policies = new Map<string, Policy>();
  readonly consumers = new Map<string, Consumer>();
  readonly keys = new Map<string, Key>();
  readonly plans = new Map<string, Plan>();
  readonly issuers = new Map<string, CatalogRows['issuers'][number]>();
  readonly mcpServers = new Map<string, CatalogMcpServer>();
  readonly toolSets = new Map<string, ToolSet>();
  readonly subscriptions = new Map<string, Subscription>();
  readonly deployments = new Map<string, Deployment>();
  readonly selectors = new SelectorIndex();
  readonly #of = {
    apiDeployments: new Groups(),
    apiSubscriptions: new Groups(),
    apiPlans: new Groups(),
    apiPolicies: new Groups(),
    consumerKeys: new Groups(),
    consumerSubscriptions: new Groups(),
    environmentPolicies: new Groups(),
    mcpPolicies: new Groups(),
    mcpSubscriptions: new Groups(),
    setSubscriptions: new Groups(),
    placeSets: new Groups(),
    planSubscriptions: new Groups(),
    policyPlans: new Groups(),
  };

  constructor(revision: bigint) {
    this.revision = revision;
  }

  deploymentsOf = (apiId: string): Deployment[] => pick(this.deployments, this.#of.apiDeployments.of(apiId));
  subscriptionsOf = (apiId: string): Subscription[] => pick(this.subscriptions, this.#of.apiSubscriptions.of(apiId));
  subscribersOf = (planId: string): Subscription[] => pick(this.subscriptions, this.#of.planSubscriptions.of(planId));
  plansWith = (apiId: string): Plan[] => pick(this.plans, this.#of.apiPlans.of(apiId));
  keysOf = (consumerId: string): Key[] => pick(this.keys, this.#of.consumerKeys.of(consumerId));
  policyIdsOf = (apiId: string): Iterable<string> => this.#of.apiPolicies.of(apiId);
  policyIdsOfMcp = (mcpServerId: string): Iterable<string> => this.#of.mcpPolicies.of(mcpServerId);
  usersOf = (mcpServerId: string): Subscription[] => pick(this.subscriptions, this.#of.mcpSubscriptions.of(mcpServerId));
  setSubscribersOf = (toolSetId: string): Subscription[] => pick(this.subscriptions, this.#of.setSubscriptions.of(toolSetId));
  /** The tool sets that hold a tool of an API or MCP server. */
  toolSetsWith = (ownerId: string): Iterable<string> => this.#of.placeSets.of(ownerId);
  policyIdsIn = (environment: string): Iterable<string> => this.#of.environmentPolicies.of(environment);

  /**
   * Puts what was read in the place of what was named, and answers what that touched. What hangs on an API or a consumer that is gone goes
   * with it, as in the database. An API that is deployed nowhere is not held.
   */
  put(revision: bigint, named: CatalogIds, rows: CatalogRows): Touched {
    this.revision = revision;
    const touched = new Touched();
    const taken: Selector[] = [];
    const released: Selector[] = [];
    for (const id of named.deployments) this.#dropDeployment(id, touched, released);
    for (const row of rows.deployments) {
      const { selector, isNew } = this.selectors.use(row.targets);
      if (isNew) taken.push(selector);
      this.deployments.set(row.id, { ...row, selector });
      this.#of.apiDeployments.add(row.api_id, row.id);
      touched.apis.add(row.api_id);
    }
    for (const id of named.goneApis) {
      for (const { id: deployment } of this.deploymentsOf(id)) this.#dropDeployment(deployment, touched, released);
      for (const { id: subscription } of this.subscriptionsOf(id)) this.#dropSubscription(subscription, touched);
    }
    this.#putApis(named.apis, rows.apis, touched);
    this.#putPolicies(named.policies, rows.policies, touched);
    this.#putPlans(named.plans, rows.plans, touched);
    this.#putConsumers(named.consumers, rows.consumers, touched);
    for (const id of named.keys) this.#dropKey(id, touched);
    for (const key of rows.keys) {
      this.keys.set(key.id, { ...key, item: renderKey(key) });
      this.#of.consumerKeys.add(key.consumer_id, key.id);
      touched.keys.add(key.id);
    }
    for (const id of named.issuers) {
      this.issuers.delete(id);
      touched.issuers.add(id);
    }
    for (const issuer of rows.issuers) {
      this.issuers.set(issuer.id, issuer);
      touched.issuers.add(issuer.id);
    }
    this.#putMcpServers(named.mcpServers, rows.mcpServers, touched, [taken, released]);
    this.#putToolSets(named.toolSets, rows.toolSets, touched);
    for (const id of named.subscriptions) this.#dropSubscription(id, touched);
    for (const subscription of rows.subscriptions) this.#putSubscription(subscription, touched);
    const given = released.filter((selector) => this.selectors.release(selector));
    touched.selectors = [...taken, ...given].filter(({ isParticular }) => isParticular);
    return touched;
  }

  /** A policy for the APIs and the MCP servers of one state. */
  policyFor(policy: Policy, apiIds: string[], mcpServerIds: string[] = []): RenderedItem {
    return renderedOnce(policy.renderedFor, [...apiIds, ...(mcpServerIds.length > 0 ? ['mcp', ...mcpServerIds] : [])], () =>
      renderPolicy(policy, apiIds, mcpServerIds),
    );
  }

  /** A plan for the APIs of one state. */
  planFor(plan: Plan, apiIds: string[]): RenderedItem {
    const policies = plan.policy_ids.flatMap((id) => this.policies.get(id) ?? []);
    const told = policies.map(({ id, name, spec }) => ({ policy_id: id, name, policy: spec }));
    return renderedOnce(plan.renderedFor, apiIds, () => renderPlan(plan, apiIds, told));
  }

  /** A tool set with the tools of the APIs and MCP servers of one state. */
  toolSetFor({ renderedFor, ...set }: ToolSet, isServed: (ownerId: string) => boolean): RenderedItem | undefined {
    const owners = [...ownersOf(set)].filter(isServed).sort();
    if (owners.length === 0) return undefined;
    const tools = set.tools.filter((tool) => isServed(ownerOf(tool)));
    return renderedOnce(renderedFor, owners, () => renderToolSet({ ...set, tools }));
  }

  /** A key as third-party gateways need it, which store keys in clear. */
  keyInClear = (key: Key): RenderedItem => (key.clear ??= renderKey(key, key.secret()));

  /** A consumer with its keys in it, for a whole configuration. */
  consumerWithKeys(consumer: Consumer, inClear: boolean): RenderedItem {
    const keys = this.keysOf(consumer.id).sort((a, b) => (a.order < b.order ? -1 : 1));
    return renderConsumer(
      consumer,
      keys.map((key): RevealedKey => ({ key, secret: inClear ? key.secret() : undefined })),
    );
  }

  #dropDeployment(id: string, touched: Touched, released: Selector[]): void {
    const before = this.deployments.get(id);
    if (!before) return;
    this.deployments.delete(id);
    this.#of.apiDeployments.remove(before.api_id, id);
    released.push(before.selector);
    touched.apis.add(before.api_id);
  }

  #putApis(named: ReadonlySet<string>, rows: CatalogRows['apis'], touched: Touched): void {
    for (const id of named) {
      touched.apis.add(id);
      this.apis.delete(id);
    }
    for (const api of rows) {
      this.apis.set(api.id, api);
      touched.apis.add(api.id);
    }
    for (const id of touched.apis) if (this.#of.apiDeployments.of(id).size === 0) this.apis.delete(id);
  }

  #putPolicies(named: ReadonlySet<string>, rows: CatalogRows['policies'], touched: Touched): void {
    for (const id of named) {
      touched.policies.add(id);
      for (const plan of this.#of.policyPlans.of(id)) this.#forgetRendered(plan, touched);
      const before = this.policies.get(id);
      this.policies.delete(id);
      for (const place of before?.attachments ?? []) this.#groupOf(place).remove(nameOf(place), id);
    }
    for (const policy of rows) {
      this.policies.set(policy.id, { ...policy, renderedFor: new Map() });
      touched.policies.add(policy.id);
      for (const place of policy.attachments) this.#groupOf(place).add(nameOf(place), policy.id);
    }
  }

  /** Its policies are rendered into a plan. */
  #forgetRendered(planId: string, touched: Touched): void {
    touched.plans.add(planId);
    this.plans.get(planId)?.renderedFor.clear();
  }

  #putPlans(named: ReadonlySet<string>, rows: CatalogRows['plans'], touched: Touched): void {
    const present = new Set(rows.map(({ id }) => id));
    for (const id of named) {
      touched.plans.add(id);
      const before = this.plans.get(id);
      this.plans.delete(id);
      for (const apiId of before?.api_ids ?? []) {
        this.#of.apiPlans.remove(apiId, id);
        touched.apis.add(apiId);
      }
      for (const policyId of before?.policy_ids ?? []) this.#of.policyPlans.remove(policyId, id);
      if (!present.has(id)) for (const subscription of [...this.#of.planSubscriptions.of(id)]) this.#dropSubscription(subscription, touched);
    }
    for (const plan of rows) {
      this.plans.set(plan.id, { ...plan, renderedFor: new Map() });
      touched.plans.add(plan.id);
      for (const apiId of plan.api_ids) {
        this.#of.apiPlans.add(apiId, plan.id);
        touched.apis.add(apiId);
      }
      for (const policyId of plan.policy_ids) this.#of.policyPlans.add(policyId, plan.id);
    }
  }

  /** What hangs on an MCP server that is gone goes with it, as in the database. */
  #putMcpServers(
    named: ReadonlySet<string>,
    rows: CatalogRows['mcpServers'],
    touched: Touched,
    [taken, released]: readonly [taken: Selector[], released: Selector[]],
  ): void {
    const present = new Set(rows.map(({ id }) => id));
    for (const id of named) {
      touched.mcpServers.add(id);
      const before = this.mcpServers.get(id);
      this.mcpServers.delete(id);
      if (before) released.push(before.selector);
      if (!present.has(id)) for (const { id: subscription } of this.usersOf(id)) this.#dropSubscription(subscription, touched);
    }
    for (const server of rows) {
      const { selector, isNew } = this.selectors.use(server.targets);
      if (isNew) taken.push(selector);
      this.mcpServers.set(server.id, { ...server, selector });
      touched.mcpServers.add(server.id);
    }
  }

  #putToolSets(named: ReadonlySet<string>, rows: CatalogRows['toolSets'], touched: Touched): void {
    const present = new Set(rows.map(({ tool_set_id: id }) => id));
    for (const id of named) {
      touched.toolSets.add(id);
      for (const owner of ownersOf(this.toolSets.get(id))) this.#of.placeSets.remove(owner, id);
      this.toolSets.delete(id);
      if (!present.has(id)) for (const { id: subscription } of this.setSubscribersOf(id)) this.#dropSubscription(subscription, touched);
    }
    for (const set of rows) {
      this.toolSets.set(set.tool_set_id, { ...set, renderedFor: new Map() });
      for (const owner of ownersOf(set)) this.#of.placeSets.add(owner, set.tool_set_id);
      touched.toolSets.add(set.tool_set_id);
    }
  }

  /** By its API or MCP server where it names one: then no other is concerned. */
  #groupOf = ({ api_id: apiId, mcp_server_id: mcpServerId }: PolicyPlace): Groups =>
    apiId !== null ? this.#of.apiPolicies : mcpServerId ? this.#of.mcpPolicies : this.#of.environmentPolicies;

  #putConsumers(named: ReadonlySet<string>, rows: CatalogRows['consumers'], touched: Touched): void {
    const present = new Set(rows.map(({ id }) => id));
    for (const id of named) {
      touched.consumers.add(id);
      this.consumers.delete(id);
      if (present.has(id)) continue;
      for (const key of [...this.#of.consumerKeys.of(id)]) this.#dropKey(key, touched);
      for (const subscription of [...this.#of.consumerSubscriptions.of(id)]) this.#dropSubscription(subscription, touched);
    }
    for (const consumer of rows) {
      this.consumers.set(consumer.id, { ...consumer, item: renderConsumer(consumer) });
      touched.consumers.add(consumer.id);
    }
  }

  #dropKey(id: string, touched: Touched): void {
    touched.keys.add(id);
    const before = this.keys.get(id);
    this.keys.delete(id);
    if (before) this.#of.consumerKeys.remove(before.consumer_id, id);
  }

  #putSubscription(subscription: SubscriptionContent, touched: Touched): void {
    this.subscriptions.set(subscription.id, { ...subscription, item: renderSubscription(subscription) });
    const { group, owner } = this.#placeOf(subscription);
    group.add(owner, subscription.id);
    this.#of.consumerSubscriptions.add(subscription.consumer_id, subscription.id);
    touched.subscriptions.add(subscription.id);
  }

  #dropSubscription(id: string, touched: Touched): void {
    touched.subscriptions.add(id);
    const before = this.subscriptions.get(id);
    if (!before) return;
    this.subscriptions.delete(id);
    const { group, owner } = this.#placeOf(before);
    group.remove(owner, id);
    this.#of.consumerSubscriptions.remove(before.consumer_id, id);
  }

  #placeOf = (of: SubscriptionContent): { group: Groups; owner: string } => {
    if (of.plan_id !== null) return { group: this.#of.planSubscriptions, owner: of.plan_id };
    if (of.tool_set_id) return { group: this.#of.setSubscriptions, owner: of.tool_set_id };
    return of.api_id === null
      ? { group: this.#of.mcpSubscriptions, owner: of.mcp_server_id ?? '' }
      : { group: this.#of.apiSubscriptions, owner: of.api_id };
  };
}

/** What a change may have altered, by id. */
export class Touched {
  readonly apis = new Set<string>();
  readonly policies = new Set<string>();
  readonly consumers = new Set<string>();
  readonly keys = new Set<string>();
  readonly plans = new Set<string>();
  readonly issuers = new Set<string>();
  readonly mcpServers = new Set<string>();
  readonly toolSets = new Set<string>();
  readonly subscriptions = new Set<string>();
  /** Particular selectors that nothing had before, or none has any more: gateways that they choose are in another class by that. */
  selectors: Selector[] = [];
}

/** Ids by what they belong to. */
class Groups {
  readonly #groups = new Map<string, Set<string>>();

  of(owner: string): ReadonlySet<string> {
    return this.#groups.get(owner) ?? none;
  }

  add(owner: string, id: string): void {
    const group = this.#groups.get(owner) ?? new Set();
    this.#groups.set(owner, group.add(id));
  }

  remove(owner: string, id: string): void {
    const group = this.#groups.get(owner);
    group?.delete(id);
    if (group?.size === 0) this.#groups.delete(owner);
  }
}

const ownerOf = ({ api_id: apiId, mcp_server_id: serverId }: ToolSetItem['tools'][number]): string => apiId ?? serverId ?? '';
const ownersOf = (set: Pick<ToolSetItem, 'tools'> | undefined): ReadonlySet<string> => new Set(set?.tools.map(ownerOf));

const nameOf = ({ api_id: apiId, mcp_server_id: mcpServerId, environment }: PolicyPlace): string => apiId ?? mcpServerId ?? environment ?? '';

function renderedOnce(known: Map<string, RenderedItem>, ids: readonly string[], render: () => RenderedItem): RenderedItem {
  const key = ids.join();
  const found = known.get(key);
  if (found) return found;
  if (known.size >= maxRendered) known.clear();
  const rendered = render();
  known.set(key, rendered);
  return rendered;
}

const none: ReadonlySet<string> = new Set();
const pick = <T>(from: ReadonlyMap<string, T>, ids: Iterable<string>): T[] => [...ids].flatMap((id) => from.get(id) ?? []);
