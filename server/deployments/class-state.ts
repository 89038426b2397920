import type { Catalog, CatalogApi, CatalogMcpServer, PolicyPlace, Touched } from './catalog.ts';
import type { PolicySpec } from '@stoa/generated/schemas.ts';
import { deployedItem } from './deployed-item.ts';
import type { SubscriptionContent } from './render.ts';
import { hashOfList, hashOfNothing } from './rendered-item.ts';
import type { RenderedItem } from './rendered-item.ts';
import { isForMcp } from './mcp-kinds.ts';
import { fitsGround, isConnect, keyOfClass } from './selectors.ts';
import type { GatewayClass } from './selectors.ts';

/** What a state is at one moment: its items in the order of their ids. Never changed. */
export type StateContent = { readonly hash: string; readonly items: readonly RenderedItem[] };

type Served = { readonly item: RenderedItem; readonly isOpen: boolean };

const nothing: StateContent = { hash: hashOfNothing, items: [] };

/**
 * What the gateways of one class shall serve: the APIs deployed to them and the MCP servers, the policies that apply to these, the consumers with their keys, and
 * who of them may call what. Without an API or an MCP server there is nothing to serve, and so no consumer either. A pure function of the catalog, kept up by
 * what a change touched.
 */
export class ClassState {
  readonly key: string;
  readonly gatewayClass: GatewayClass;
  readonly #selectors: ReadonlySet<string>;
  readonly #served = new Map<string, Served>();
  readonly #mcpServers = new Map<string, CatalogMcpServer>();
  /** Whose keys a third-party gateway needs; undefined where every consumer's are given. */
  #callers: ReadonlySet<string> | undefined;
  #content = nothing;

  constructor(gatewayClass: GatewayClass, catalog: Catalog) {
    this.key = keyOfClass(gatewayClass);
    this.gatewayClass = gatewayClass;
    this.#selectors = new Set(gatewayClass.selectors);
    for (const id of catalog.apis.keys()) this.#serve(catalog, id);
    for (const id of catalog.mcpServers.keys()) this.#serveMcp(catalog, id);
    this.#rebuild(catalog);
  }

  get content(): StateContent {
    return this.#content;
  }

  /** Takes in a change. Answers whether the content is another one. */
  update(catalog: Catalog, touched: Touched): boolean {
    const before = this.#content;
    const wasEmpty = this.#isEmpty;
    const dirty = new Set<string>();
    for (const id of touched.apis) this.#updateApi(catalog, id, dirty);
    for (const id of touched.mcpServers) this.#updateMcpServer(catalog, id, dirty);
    if (wasEmpty || this.#isEmpty) {
      if (!wasEmpty || !this.#isEmpty) this.#rebuild(catalog);
      return before.hash !== this.#content.hash;
    }
    for (const id of touched.policies) dirty.add(`policy:${id}`);
    for (const id of touched.consumers) dirty.add(`consumer:${id}`);
    for (const id of touched.keys) dirty.add(`consumer_key:${id}`);
    for (const id of touched.plans) this.#updatePlan(catalog, id, dirty);
    for (const id of touched.issuers) dirty.add(`trusted_issuer:${id}`);
    for (const id of touched.subscriptions) dirty.add(`subscription:${id}`);
    for (const id of touched.toolSets) this.#updateToolSet(catalog, id, dirty);
    this.#updateCallers(catalog, dirty);
    this.#patch(catalog, dirty);
    return before.hash !== this.#content.hash;
  }

  get #isEmpty(): boolean {
    return this.#served.size === 0 && this.#mcpServers.size === 0;
  }

  /** The same state with the keys in their consumers, as a whole configuration has it. */
  wholeItems(catalog: Catalog): RenderedItem[] {
    const inClear = isConnect(this.gatewayClass);
    return this.#content.items.flatMap((item) => {
      if (item.entry.kind === 'consumer_key') return [];
      if (item.entry.kind !== 'consumer') return [item];
      const consumer = catalog.consumers.get(item.entry.id.slice('consumer:'.length));
      return consumer ? [catalog.consumerWithKeys(consumer, inClear)] : [];
    });
  }

  #updateApi(catalog: Catalog, id: string, dirty: Set<string>): void {
    const before = this.#served.get(id);
    const after = this.#serve(catalog, id);
    if (!before && !after) return;
    dirty.add(`api:${id}`);
    if (before?.isOpen === after?.isOpen) return;
    for (const set of catalog.toolSetsWith(id)) this.#updateToolSet(catalog, set, dirty);
    // It came, went, was opened or was closed.
    for (const { id: subscription } of catalog.subscriptionsOf(id)) dirty.add(`subscription:${subscription}`);
    for (const { id: plan } of catalog.plansWith(id)) this.#updatePlan(catalog, plan, dirty);
    for (const policy of catalog.policyIdsOf(id)) dirty.add(`policy:${policy}`);
    for (const policy of catalog.policyIdsIn(this.gatewayClass.environment)) dirty.add(`policy:${policy}`);
  }

  #updateMcpServer(catalog: Catalog, id: string, dirty: Set<string>): void {
    const before = this.#mcpServers.get(id);
    const after = this.#serveMcp(catalog, id);
    if (!before && !after) return;
    dirty.add(`mcp_server:${id}`);
    if (before?.isOpen === after?.isOpen) return;
    for (const set of catalog.toolSetsWith(id)) this.#updateToolSet(catalog, set, dirty);
    for (const { id: subscription } of catalog.usersOf(id)) dirty.add(`subscription:${subscription}`);
    for (const policy of catalog.policyIdsOfMcp(id)) dirty.add(`policy:${policy}`);
    for (const policy of catalog.policyIdsIn(this.gatewayClass.environment)) dirty.add(`policy:${policy}`);
  }

  #updateToolSet(catalog: Catalog, id: string, dirty: Set<string>): void {
    dirty.add(`tool_set:${id}`);
    for (const { id: subscription } of catalog.setSubscribersOf(id)) dirty.add(`subscription:${subscription}`);
  }

  /** One that holds nothing that is served here is not given. */
  #toolSetItem(catalog: Catalog, id: string): RenderedItem | undefined {
    const { sets, enforces } = this.gatewayClass;
    const set = catalog.toolSets.get(id);
    if (set === undefined || sets !== true || !enforces) return undefined;
    return catalog.toolSetFor(set, (owner) => this.#served.has(owner) || this.#mcpServers.has(owner));
  }

  #serveMcp(catalog: Catalog, id: string): CatalogMcpServer | undefined {
    const server = catalog.mcpServers.get(id);
    const isServed = server !== undefined && this.#servesMcp(server);
    if (isServed) this.#mcpServers.set(id, server);
    else this.#mcpServers.delete(id);
    return isServed ? server : undefined;
  }

  #servesMcp({ isOfLinks, selector }: CatalogMcpServer): boolean {
    const { mcp, gateway_mode: mode } = this.gatewayClass;
    if (mcp !== true || (isOfLinks && mode !== 'sidecar')) return false;
    return selector.isParticular ? this.#selectors.has(selector.key) : fitsGround(selector.targets, this.gatewayClass);
  }

  #updatePlan(catalog: Catalog, id: string, dirty: Set<string>): void {
    dirty.add(`plan:${id}`);
    for (const { id: subscription } of catalog.subscribersOf(id)) dirty.add(`subscription:${subscription}`);
  }

  #serve(catalog: Catalog, id: string): Served | undefined {
    const api = catalog.apis.get(id);
    const item = api && this.#holds(catalog, api) ? this.#deployedVersion(catalog, api) : undefined;
    if (!api || !item) {
      this.#served.delete(id);
      return undefined;
    }
    const served = { item, isOpen: api.isOpen };
    this.#served.set(id, served);
    return served;
  }

  /** Whether these runtimes keep out whoever is to be kept out of an API, and limit whom a plan limits. */
  #holds(catalog: Catalog, { id, isOpen }: CatalogApi): boolean {
    const { enforces, plans } = this.gatewayClass;
    return (isOpen || enforces) && (plans === true || catalog.plansWith(id).length === 0);
  }

  /** Where several deployments of an API choose the gateway, a pin counts more than the newest, and a later one more than an earlier one. */
  #deployedVersion(catalog: Catalog, api: CatalogApi): RenderedItem | undefined {
    const chosen = catalog
      .deploymentsOf(api.id)
      .filter(({ selector }) => (selector.isParticular ? this.#selectors.has(selector.key) : fitsGround(selector.targets, this.gatewayClass)))
      .sort((a, b) => (a.order < b.order ? -1 : 1));
    const deciding = chosen.findLast(({ revision }) => revision !== undefined) ?? chosen.at(-1);
    if (deciding === undefined) return undefined;
    const { revision: pin, traits } = deciding;
    // A pin to the newest revision is the API itself.
    const pinned = pin === undefined || pin === api.revision ? api.newest : api.pinned.get(pin);
    if (!pinned) throw new Error(`The revision ${pin} of the API ${api.id}, which a deployment is pinned to, is gone.`);
    // It would call the upstream without what proves who calls.
    if (pinned.needsCurrentRuntime === true && !this.gatewayClass.enforces) return undefined;
    // At the paths of the upstream it might stand in the way of another.
    if (traits.public_path !== undefined && isConnect(this.gatewayClass) && this.gatewayClass.paths !== true) return undefined;
    return deployedItem(pinned, traits);
  }

  #itemOf(catalog: Catalog, id: string): RenderedItem | undefined {
    const at = id.indexOf(':') + 1;
    const own = id.slice(at);
    switch (id.slice(0, at - 1)) {
      case 'api':
        return this.#served.get(own)?.item;
      case 'policy':
        return this.#policyItem(catalog, own);
      case 'plan':
        return this.#planItem(catalog, own);
      case 'trusted_issuer':
        return this.gatewayClass.issuers === true ? catalog.issuers.get(own)?.item : undefined;
      case 'mcp_server':
        return this.#mcpServers.get(own)?.item;
      case 'tool_set':
        return this.#toolSetItem(catalog, own);
      case 'consumer':
        return this.#isGiven(own) ? catalog.consumers.get(own)?.item : undefined;
      case 'consumer_key': {
        const key = catalog.keys.get(own);
        if (!key || !this.#isGiven(key.consumer_id)) return undefined;
        return isConnect(this.gatewayClass) ? catalog.keyInClear(key) : key.item;
      }
      default: {
        const subscription = catalog.subscriptions.get(own);
        return subscription && this.#isToBeTold(catalog, subscription) ? subscription.item : undefined;
      }
    }
  }

  #policyItem(catalog: Catalog, id: string): RenderedItem | undefined {
    const policy = catalog.policies.get(id);
    if (!policy) return undefined;
    const apiIds = this.#apisUnder(policy);
    const mcpServerIds = this.#mcpServersUnder(policy);
    return apiIds.length + mcpServerIds.length === 0 ? undefined : catalog.policyFor(policy, apiIds, mcpServerIds);
  }

  #planItem(catalog: Catalog, id: string): RenderedItem | undefined {
    const plan = catalog.plans.get(id);
    const apiIds = plan ? this.#apisOf(plan) : [];
    return plan && apiIds.length > 0 ? catalog.planFor(plan, apiIds) : undefined;
  }

  #apisOf = ({ api_ids: ids }: { api_ids: readonly string[] }): string[] => ids.filter((id) => this.#served.has(id)).sort();

  /** A subscription to what is open to all says nothing, one to a plan says whom it limits. */
  #isToBeTold(
    catalog: Catalog,
    { api_id: apiId, plan_id: planId, mcp_server_id: mcpServerId, tool_set_id: toolSetId }: SubscriptionContent,
  ): boolean {
    if (toolSetId) return this.#toolSetItem(catalog, toolSetId) !== undefined;
    if (apiId !== null) return this.#served.get(apiId)?.isOpen === false;
    if (planId === null) return this.#mcpServers.get(mcpServerId ?? '')?.isOpen === false;
    const plan = catalog.plans.get(planId);
    return plan !== undefined && plan.api_ids.some((id) => this.#served.has(id));
  }

  #apisUnder({ attachments }: { attachments: readonly PolicyPlace[] }): string[] {
    const here = attachments.filter(this.#isHere);
    const isOnAll = here.some(isOnEverything);
    const candidates = isOnAll ? this.#served.keys() : here.flatMap(({ api_id: apiId }) => apiId ?? []);
    return [...new Set(candidates)].filter((id) => this.#served.has(id)).sort();
  }

  /** One on a whole environment guards its MCP servers too, where its kind can. */
  #mcpServersUnder({ spec, attachments }: { spec: PolicySpec; attachments: readonly PolicyPlace[] }): string[] {
    if (this.#mcpServers.size === 0 || !isForMcp(spec.kind)) return [];
    const here = attachments.filter(this.#isHere);
    const candidates = here.some(isOnEverything) ? this.#mcpServers.keys() : here.flatMap(({ mcp_server_id: id }) => id ?? []);
    return [...new Set(candidates)].filter((id) => this.#mcpServers.has(id)).sort();
  }

  #isHere = ({ environment }: PolicyPlace): boolean => environment === null || environment === this.gatewayClass.environment;

  #isGiven = (consumerId: string): boolean => this.#callers?.has(consumerId) ?? true;

  /**
   * Whose keys a third-party gateway needs. It keeps them in clear, where MCP runtimes recognise a key by its hash: so it gets those alone
   * of consumers that may call an API there that asks for a key.
   */
  #callersInClear(catalog: Catalog): ReadonlySet<string> {
    const asking = new Set([...catalog.policies.values()].flatMap((policy) => (policy.spec.kind === 'api_key_auth' ? this.#apisUnder(policy) : [])));
    if ([...asking].some((id) => this.#served.get(id)?.isOpen)) return new Set(catalog.consumers.keys());
    const subscriptions = [...asking].flatMap((id) => [
      ...catalog.subscriptionsOf(id),
      ...catalog.plansWith(id).flatMap((plan) => catalog.subscribersOf(plan.id)),
    ]);
    return new Set(subscriptions.map(({ consumer_id }) => consumer_id));
  }

  #updateCallers(catalog: Catalog, dirty: Set<string>): void {
    if (!isConnect(this.gatewayClass)) return;
    const before = this.#callers ?? new Set<string>();
    this.#callers = this.#callersInClear(catalog);
    for (const id of before.symmetricDifference(this.#callers)) {
      dirty.add(`consumer:${id}`);
      for (const key of catalog.keysOf(id)) dirty.add(`consumer_key:${key.id}`);
    }
  }

  #rebuild(catalog: Catalog): void {
    this.#content = nothing;
    if (this.#isEmpty) return;
    this.#callers = isConnect(this.gatewayClass) ? this.#callersInClear(catalog) : undefined;
    const { policies, consumers, keys, plans, issuers, subscriptions, toolSets } = catalog;
    const ids = [
      ...[...this.#served.keys()].map((id) => `api:${id}`),
      ...[...policies.keys()].map((id) => `policy:${id}`),
      ...[...consumers.keys()].map((id) => `consumer:${id}`),
      ...[...keys.keys()].map((id) => `consumer_key:${id}`),
      ...[...plans.keys()].map((id) => `plan:${id}`),
      ...[...issuers.keys()].map((id) => `trusted_issuer:${id}`),
      ...[...this.#mcpServers.keys()].map((id) => `mcp_server:${id}`),
      ...[...toolSets.keys()].map((id) => `tool_set:${id}`),
      ...[...subscriptions.keys()].map((id) => `subscription:${id}`),
    ];
    this.#patch(catalog, new Set(ids));
  }

  /** Merges the new form of some items into the list, which is walked once; items that stay the same are the same objects. */
  #patch(catalog: Catalog, dirty: ReadonlySet<string>): void {
    const renewed = [...dirty].sort().map((id) => ({ id, item: this.#itemOf(catalog, id) }));
    const before = this.#content.items;
    const items: RenderedItem[] = [];
    let at = 0;
    for (const { id, item } of renewed) {
      for (; at < before.length && (before[at] as RenderedItem).entry.id < id; at += 1) items.push(before[at] as RenderedItem);
      const old = before[at]?.entry.id === id ? before[at++] : undefined;
      if (item) items.push(old?.entry.hash === item.entry.hash ? old : item);
    }
    for (; at < before.length; at += 1) items.push(before[at] as RenderedItem);
    if (items.length === before.length && items.every((item, position) => item === before[position])) return;
    this.#content = { hash: hashOfList(items), items };
  }
}

const isOnEverything = ({ api_id: apiId, mcp_server_id: mcpServerId }: PolicyPlace): boolean => apiId === null && !mcpServerId;
