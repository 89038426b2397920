import { describe, expect, it } from 'vitest';
import type { DesiredItem, PolicySpec, TargetSelector } from '@stoa/generated/schemas.ts';
import { Catalog } from './catalog.ts';
import type { CatalogIds, CatalogRows } from './catalog.ts';
import { ClassState } from './class-state.ts';
import { renderApi, renderMcpServer } from './render.ts';
import { hashOfNothing } from './rendered-item.ts';
import type { RenderedItem } from './rendered-item.ts';
import type { Recipient } from './selectors.ts';

const recipient = (more: Partial<Recipient> = {}): Recipient => ({
  environment: 'production',
  instance_name: 'a',
  gateway_mode: 'edge_mcp',
  labels: { tier: 'gold' },
  features: ['subscriptions'],
  ...more,
});

type Api = { id: string; isOpen: boolean; revision: number };
/** What a database would hold. */
type Store = {
  apis: Map<string, Api>;
  policies: Map<string, CatalogRows['policies'][number]>;
  consumers: Map<string, CatalogRows['consumers'][number]>;
  keys: Map<string, CatalogRows['keys'][number]>;
  plans: Map<string, CatalogRows['plans'][number]>;
  issuers: Map<string, CatalogRows['issuers'][number]>;
  mcpServers: Map<string, CatalogRows['mcpServers'][number]>;
  subscriptions: Map<string, CatalogRows['subscriptions'][number]>;
  deployments: Map<string, CatalogRows['deployments'][number]>;
};
const emptyStore = (): Store => ({
  apis: new Map(),
  policies: new Map(),
  consumers: new Map(),
  keys: new Map(),
  plans: new Map(),
  issuers: new Map(),
  mcpServers: new Map(),
  subscriptions: new Map(),
  deployments: new Map(),
});

function rendered({ id, isOpen }: Api, revision: number): RenderedItem {
  const content = { id, name: id, title: id, version: '1', description: null, revision, upstream_url: 'http://127.0.0.1:9', operations: [] };
  return renderApi({ ...content, open_to_all_consumers: isOpen, lifecycle: null }, []);
}

function rowsOf(store: Store, chosen: (set: keyof CatalogRows, id: string) => boolean): CatalogRows {
  const some = <T>(set: keyof CatalogRows, from: Map<string, T>) => [...from].filter(([id]) => chosen(set, id)).map(([, row]) => row);
  const isDeployed = (id: string) => [...store.deployments.values()].some(({ api_id }) => api_id === id);
  return {
    apis: some('apis', store.apis)
      .filter(({ id }) => isDeployed(id))
      .map((api) => ({
        id: api.id,
        isOpen: api.isOpen,
        revision: api.revision,
        newest: rendered(api, api.revision),
        pinned: new Map(Array.from({ length: api.revision - 1 }, (_, n): [number, RenderedItem] => [n + 1, rendered(api, n + 1)])),
      })),
    policies: some('policies', store.policies),
    consumers: some('consumers', store.consumers),
    keys: some('keys', store.keys),
    plans: some('plans', store.plans),
    issuers: some('issuers', store.issuers),
    mcpServers: some('mcpServers', store.mcpServers),
    toolSets: [],
    subscriptions: some('subscriptions', store.subscriptions),
    deployments: some('deployments', store.deployments),
  };
}

const nothingNamed = (): CatalogIds => ({
  apis: new Set(),
  goneApis: new Set(),
  policies: new Set(),
  consumers: new Set(),
  keys: new Set(),
  plans: new Set(),
  issuers: new Set(),
  mcpServers: new Set(),
  toolSets: new Set(),
  subscriptions: new Set(),
  deployments: new Set(),
});

function loadWhole(store: Store): Catalog {
  const catalog = new Catalog(1n);
  catalog.put(
    1n,
    nothingNamed(),
    rowsOf(store, () => true),
  );
  return catalog;
}

/** Puts one change, as it is read from the log. */
function putChange(catalog: Catalog, store: Store, set: keyof CatalogRows, id: string) {
  const api = set === 'deployments' ? store.deployments.get(id)?.api_id : undefined;
  const named = { ...nothingNamed(), [set]: new Set([id]) };
  if (set === 'apis' && !store.apis.has(id)) named.goneApis = new Set([id]);
  if (api !== undefined && !catalog.apis.has(api)) named.apis = new Set([api]);
  return catalog.put(
    catalog.revision + 1n,
    named,
    rowsOf(store, (in_, row) => named[in_].has(row)),
  );
}

const stateFor = (catalog: Catalog, who: Recipient) => new ClassState(catalog.selectors.classOf(who), catalog);
const idsOf = (state: ClassState) => state.content.items.map(({ entry }) => entry.id);
const itemsOf = (state: ClassState) => state.content.items.map(({ bytes }) => JSON.parse(bytes.toString()) as DesiredItem);

const openApi = (id: string, more: Partial<Api> = {}): Api => ({ id, isOpen: true, revision: 1, ...more });
const policy = (id: string, kind: PolicySpec['kind'], more: Partial<CatalogRows['policies'][number]> = {}): CatalogRows['policies'][number] => ({
  id,
  name: id,
  spec: { kind, config: {} } as PolicySpec,
  attachments: [],
  ...more,
});
const on = (...apis: string[]) => apis.map((api_id) => ({ api_id, environment: null }));
const key = (id: string, consumer_id: string): CatalogRows['keys'][number] => ({
  id,
  consumer_id,
  sha256: 'f'.repeat(64),
  expires_at: undefined,
  order: id,
  secret: () => `${id} in clear`,
});
const mcpServer = (id: string, targets: TargetSelector, more: Partial<CatalogRows['mcpServers'][number]> = {}): CatalogRows['mcpServers'][number] => {
  const isOpen = more.isOpen ?? false;
  const common = { mcp_server_id: id, name: id, prefix: `${id}_`, pinning: 'manual' as const, approved: [] };
  const item = renderMcpServer({ ...common, http: { url: 'http://127.0.0.1:9/mcp' }, subscription_required: !isOpen });
  return { id, isOpen, isOfLinks: false, targets, item, ...more };
};
const deployment = (
  id: string,
  api_id: string,
  targets: TargetSelector,
  revision?: number,
  traits: CatalogRows['deployments'][number]['traits'] = {},
): CatalogRows['deployments'][number] => ({ id, api_id, targets, revision, traits, order: id });
const byId = <T extends { id: string }>(...rows: T[]): Map<string, T> => new Map(rows.map((row) => [row.id, row]));

const sample = (more: Partial<Store> = {}): Store => ({
  ...emptyStore(),
  apis: byId(openApi('orders'), openApi('users')),
  consumers: byId({ id: 'agent', name: 'agent', labels: {}, certificates: [], toolExposure: 'full' }),
  keys: byId(key('k', 'agent')),
  deployments: byId(deployment('d', 'orders', { modes: ['edge_mcp', 'connect'] })),
  ...more,
});
const idsFor = (store: Store, who: Recipient) => idsOf(stateFor(loadWhole(store), who));
const toAll = (...apis: string[]) => byId(...apis.map((id) => deployment(`to-${id}`, id, {})));

describe('what a gateway is given', () => {
  it('is what is deployed to it, once, however many deployments choose it, and nothing at all without an API', () => {
    const twice = sample({ deployments: byId(deployment('d', 'orders', {}), deployment('e', 'orders', { modes: ['edge_mcp'] })) });
    expect(idsFor(twice, recipient())).toEqual(['api:orders', 'consumer:agent', 'consumer_key:k']);
    expect(idsFor(sample(), recipient({ gateway_mode: 'sidecar' }))).toEqual([]);
    expect(stateFor(loadWhole(sample()), recipient({ gateway_mode: 'sidecar' })).content.hash).toBe(hashOfNothing);
  });

  it('lesson 17: has the policies of its APIs by their ids, and those of its environment for all of them', () => {
    const store = sample({
      deployments: toAll('orders'),
      policies: byId(
        policy('on-orders', 'rate_limit', { attachments: on('orders', 'users') }),
        policy('on-users', 'rate_limit', { attachments: on('users') }),
        policy('on-production', 'rate_limit', { attachments: [{ api_id: null, environment: 'production' }] }),
        policy('on-staging', 'rate_limit', { attachments: [{ api_id: null, environment: 'staging' }] }),
        policy('on-users-here', 'rate_limit', {
          attachments: [
            { api_id: 'users', environment: 'production' },
            { api_id: 'orders', environment: 'staging' },
          ],
        }),
      ),
    });
    const given = itemsOf(stateFor(loadWhole(store), recipient()));
    expect(given.flatMap((item) => (item.kind === 'policy' ? [[item.policy_id, item.api_ids]] : []))).toEqual([
      ['on-orders', ['orders']],
      ['on-production', ['orders']],
    ]);
  });

  it('holds keys in clear only for a Connect whose APIs ask for keys', () => {
    const withKeys = sample({ policies: byId(policy('keys', 'api_key_auth', { attachments: on('orders') })), deployments: toAll('orders') });
    const isInClear = (store: Store, gateway_mode: string) =>
      JSON.stringify(itemsOf(stateFor(loadWhole(store), recipient({ gateway_mode })))).includes('in clear');
    expect(['connect', 'edge_mcp', 'sidecar'].map((mode) => isInClear(withKeys, mode))).toEqual([true, false, false]);
    expect(idsFor(sample(), recipient({ gateway_mode: 'connect' }))).toEqual(['api:orders']);
  });

  it('is the revision that is pinned, which counts more than the newest, and the later pin more than the earlier', () => {
    const revisionFor = (...pins: (number | undefined)[]) => {
      const deployments = byId(...pins.map((revision, n) => deployment(`d${n}`, 'orders', {}, revision)));
      const given = itemsOf(stateFor(loadWhole(sample({ apis: byId(openApi('orders', { revision: 3 })), deployments })), recipient()));
      return given.flatMap((item) => (item.kind === 'api' ? [item.revision] : []));
    };
    expect([revisionFor(undefined), revisionFor(1), revisionFor(3), revisionFor(1, undefined), revisionFor(1, 2)]).toEqual([[3], [1], [3], [1], [2]]);
  });

  it('has the API as the deciding deployment exposes it, as one item for all gateways, and the plain one without', () => {
    const catalog = loadWhole(
      sample({
        deployments: byId(
          deployment('d1', 'orders', {}, undefined, { drift: 'report' }),
          deployment('d2', 'users', {}, undefined, { drift: 'report' }),
          deployment('d3', 'users', {}),
        ),
      }),
    );
    const given = itemsOf(stateFor(catalog, recipient()));
    expect(given.flatMap((item) => (item.kind === 'api' ? [[item.api_id, item.drift]] : []))).toEqual([
      ['orders', 'report'],
      ['users', undefined],
    ]);
    const [one, other] = [recipient(), recipient({ gateway_mode: 'sidecar' })].map((who) => stateFor(catalog, who).content.items[0]);
    expect(one).toBe(other);
  });

  describe('of an API that needs a subscription', () => {
    const store = sample({
      apis: byId(openApi('orders', { isOpen: false }), openApi('users')),
      consumers: byId(
        { id: 'alice', name: 'alice', labels: {}, certificates: [], toolExposure: 'full' },
        { id: 'bob', name: 'bob', labels: {}, certificates: [], toolExposure: 'full' },
      ),
      keys: byId(key('ka', 'alice'), key('kb', 'bob')),
      subscriptions: byId(
        { id: 's1', api_id: 'orders', plan_id: null, consumer_id: 'alice' },
        { id: 's2', api_id: 'elsewhere', plan_id: null, consumer_id: 'bob' },
      ),
      deployments: toAll('orders', 'users'),
    });

    it('says so on the API, and is an item for each subscription to it', () => {
      const given = itemsOf(stateFor(loadWhole(store), recipient()));
      expect(given.flatMap((item) => (item.kind === 'api' ? [[item.name, item.subscription_required]] : []))).toEqual([
        ['orders', true],
        ['users', undefined],
      ]);
      expect(given.filter(({ kind }) => kind === 'subscription')).toEqual([
        { id: 'subscription:s1', kind: 'subscription', subscription_id: 's1', api_id: 'orders', consumer_id: 'alice' },
      ]);
    });

    it('is nothing for a runtime that does not say that it enforces subscriptions', () => {
      const both = ['consumer:alice', 'consumer:bob', 'consumer_key:ka', 'consumer_key:kb'];
      expect(idsFor(store, recipient({ features: ['mcp'] }))).toEqual(['api:users', ...both]);
      expect(idsFor({ ...store, deployments: toAll('orders') }, recipient({ features: [] }))).toEqual([]);
    });

    it('holds for a Connect only the keys of those who may call', () => {
      const guarded = { ...store, policies: byId(policy('keys', 'api_key_auth', { attachments: on('orders', 'users') })) };
      const idsOn = (api: string) => idsFor({ ...guarded, deployments: toAll(api) }, recipient({ gateway_mode: 'connect' }));
      expect(idsOn('orders')).toEqual(['api:orders', 'consumer:alice', 'consumer_key:ka', 'policy:keys', 'subscription:s1']);
      expect(idsOn('users')).toEqual(['api:users', 'consumer:alice', 'consumer:bob', 'consumer_key:ka', 'consumer_key:kb', 'policy:keys']);
    });
  });
});

describe('a state that is kept up', () => {
  it('renders nothing anew that did not change, and shares what it has with other states', () => {
    const store = sample({ deployments: toAll('orders', 'users') });
    const catalog = loadWhole(store);
    const [state, other] = [stateFor(catalog, recipient()), stateFor(catalog, recipient({ environment: 'staging' }))];
    expect(other.content.items.every((item, position) => item === state.content.items[position])).toBe(true);
    const before = new Set(state.content.items);
    store.keys.set('k2', key('k2', 'agent'));
    const touched = putChange(catalog, store, 'keys', 'k2');
    expect([state.update(catalog, touched), other.update(catalog, touched)]).toEqual([true, true]);
    expect(state.content.items.filter((item) => !before.has(item)).map(({ entry }) => entry.id)).toEqual(['consumer_key:k2']);
    expect(state.content.items.every((item, position) => item === other.content.items[position])).toBe(true);
    // Read again without a difference, it is the same content.
    const { content } = state;
    expect([state.update(catalog, putChange(catalog, store, 'consumers', 'agent')), state.content]).toEqual([false, content]);
  });

  it('holds an MCP server, who may use it and what is demanded of that, for runtimes alone that serve MCP servers', () => {
    const store = emptyStore();
    store.mcpServers.set('m', mcpServer('m', { environments: ['production'] }));
    store.consumers.set('agent', { id: 'agent', name: 'agent', certificates: [], toolExposure: 'full', labels: {} });
    store.subscriptions.set('s', { id: 's', api_id: null, plan_id: null, mcp_server_id: 'm', consumer_id: 'agent' });
    store.policies.set('own', policy('own', 'rate_limit', { attachments: [{ api_id: null, mcp_server_id: 'm', environment: null }] }));
    store.policies.set('everywhere', policy('everywhere', 'time_window', { attachments: [{ api_id: null, environment: 'production' }] }));
    store.policies.set('of-http', policy('of-http', 'cors', { attachments: [{ api_id: null, environment: 'production' }] }));
    const catalog = loadWhole(store);
    const serving = recipient({ features: ['subscriptions', 'mcp_servers'] });
    const state = stateFor(catalog, serving);
    expect(idsOf(state)).toEqual(['consumer:agent', 'mcp_server:m', 'policy:everywhere', 'policy:own', 'subscription:s']);
    expect(itemsOf(state).find(({ id }) => id === 'policy:own')).toMatchObject({ api_ids: [], mcp_server_ids: ['m'] });
    for (const other of [recipient(), { ...serving, gateway_mode: 'connect' }, { ...serving, environment: 'staging' }])
      expect(idsOf(stateFor(catalog, other))).toEqual([]);
    store.mcpServers.set('m', mcpServer('m', { environments: ['production'] }, { isOfLinks: true }));
    const touched = putChange(catalog, store, 'mcpServers', 'm');
    expect([state.update(catalog, touched), idsOf(state)]).toEqual([true, []]);
    expect(idsOf(stateFor(catalog, { ...serving, gateway_mode: 'sidecar' }))).toContain('mcp_server:m');
  });

  it('is after any changes what it would be if everything were read anew', () => {
    const random = seeded(20261129);
    const whoever = ['edge_mcp', 'sidecar', 'connect'].flatMap((gateway_mode) =>
      [['subscriptions', 'plans', 'trusted_issuers', 'mcp_servers'], ['subscriptions', 'trusted_issuers'], ['subscriptions'], []].flatMap(
        (features) => ['a', 'b'].map((instance_name) => recipient({ gateway_mode, features, instance_name })),
      ),
    );
    const store = emptyStore();
    const catalog = loadWhole(store);
    const states = new Map<string, ClassState>();
    const stateOf = (who: Recipient) => {
      const fresh = stateFor(catalog, who);
      const known = states.get(fresh.key) ?? fresh;
      states.set(fresh.key, known);
      return known;
    };
    let differing = 0;
    for (let step = 0; step < 600; step += 1) {
      const [set, id] = changeSomething(store, random);
      const touched = putChange(catalog, store, set, id);
      for (const state of states.values()) state.update(catalog, touched);
      const anew = loadWhole(store);
      for (const who of whoever) {
        const [kept, fresh] = [stateOf(who), stateFor(anew, who)];
        if (kept.key !== fresh.key || kept.content.hash !== fresh.content.hash) differing += 1;
        if (differing === 1) expect({ step, set, id, items: itemsOf(kept) }).toEqual({ step, set, id, items: itemsOf(fresh) });
      }
    }
    expect(differing).toBe(0);
  });
});

function changeSomething(store: Store, random: (below: number) => number): [keyof CatalogRows, string] {
  const pickId = (map: Map<string, unknown>, prefix: string) => [...map.keys()][random(map.size)] ?? `${prefix}0`;
  const anApi = `api${random(4)}`;
  const aConsumer = `c${random(3)}`;
  const aPlan = `plan${random(2)}`;
  switch (random(15)) {
    case 0:
      store.apis.set(anApi, { id: anApi, isOpen: random(2) === 0, revision: (store.apis.get(anApi)?.revision ?? 0) + random(2) || 1 });
      return ['apis', anApi];
    case 1:
      store.apis.delete(anApi);
      for (const { id, api_id } of [...store.deployments.values(), ...store.subscriptions.values()]) {
        if (api_id !== null && api_id === anApi) for (const map of [store.deployments, store.subscriptions]) map.delete(id);
      }
      return ['apis', anApi];
    case 2: {
      const id = `p${random(3)}`;
      const kind = random(2) === 0 ? 'api_key_auth' : 'rate_limit';
      // A policy that is part of a plan is not deleted.
      if (random(4) === 0 && ![...store.plans.values()].some((plan) => plan.policy_ids.includes(id))) store.policies.delete(id);
      else
        store.policies.set(
          id,
          policy(id, kind, {
            attachments: [
              ...(random(2) === 0 ? [{ api_id: anApi, environment: null }] : []),
              ...(random(2) === 0 ? [{ api_id: null, mcp_server_id: `m${random(3)}`, environment: null }] : []),
              { api_id: random(2) === 0 ? `api${random(4)}` : null, environment: random(2) === 0 ? 'production' : 'elsewhere' },
            ].slice(random(2)),
          }),
        );
      return ['policies', id];
    }
    case 3:
      store.consumers.set(aConsumer, { id: aConsumer, name: aConsumer, certificates: [], toolExposure: 'full', labels: { n: String(random(3)) } });
      return ['consumers', aConsumer];
    case 4:
      store.consumers.delete(aConsumer);
      for (const { id, consumer_id } of [...store.keys.values(), ...store.subscriptions.values()]) {
        if (consumer_id === aConsumer) for (const map of [store.keys, store.subscriptions]) map.delete(id);
      }
      return ['consumers', aConsumer];
    case 5: {
      const id = `k${random(6)}`;
      if (random(2) === 0 || !store.consumers.has(aConsumer)) store.keys.delete(id);
      else store.keys.set(id, key(id, store.keys.get(id)?.consumer_id ?? aConsumer));
      return ['keys', id];
    }
    case 6: {
      const id = `s-${anApi}-${aConsumer}`;
      if (random(3) === 0 || !store.consumers.has(aConsumer) || !store.apis.has(anApi)) store.subscriptions.delete(id);
      else store.subscriptions.set(id, { id, api_id: anApi, plan_id: null, consumer_id: aConsumer });
      return ['subscriptions', id];
    }
    case 9: {
      const parts = (from: Map<string, unknown>) => [...from.keys()].filter(() => random(2) === 0);
      store.plans.set(aPlan, { id: aPlan, name: `${aPlan}-${random(2)}`, api_ids: parts(store.apis), policy_ids: parts(store.policies).sort() });
      return ['plans', aPlan];
    }
    case 10:
      if (random(2) === 0) return ['plans', aPlan];
      store.plans.delete(aPlan);
      for (const { id, plan_id } of store.subscriptions.values()) if (plan_id === aPlan) store.subscriptions.delete(id);
      return ['plans', aPlan];
    case 11: {
      const id = `s-${aPlan}-${aConsumer}`;
      if (random(3) === 0 || !store.consumers.has(aConsumer) || !store.plans.has(aPlan)) store.subscriptions.delete(id);
      else store.subscriptions.set(id, { id, api_id: null, plan_id: aPlan, consumer_id: aConsumer });
      return ['subscriptions', id];
    }
    case 12: {
      const id = `m${random(3)}`;
      const targets = [{ environments: ['production'] }, { instance_names: ['a'] }, { modes: ['sidecar'] }][random(3)] as TargetSelector;
      store.mcpServers.set(id, mcpServer(id, targets, { isOpen: random(2) === 0, isOfLinks: random(4) === 0 }));
      return ['mcpServers', id];
    }
    case 13: {
      const id = pickId(store.mcpServers, 'm');
      store.mcpServers.delete(id);
      for (const { id: subscription, mcp_server_id: of } of store.subscriptions.values()) if (of === id) store.subscriptions.delete(subscription);
      return ['mcpServers', id];
    }
    case 14: {
      const server = pickId(store.mcpServers, 'm');
      const id = `s-${server}-${aConsumer}`;
      if (random(3) === 0 || !store.consumers.has(aConsumer) || !store.mcpServers.has(server)) store.subscriptions.delete(id);
      else store.subscriptions.set(id, { id, api_id: null, plan_id: null, mcp_server_id: server, consumer_id: aConsumer });
      return ['subscriptions', id];
    }
    case 7: {
      const id = `d${random(8)}`;
      const api = store.apis.get(store.deployments.get(id)?.api_id ?? anApi);
      const targets = [{ modes: ['edge_mcp'] }, { environments: ['production'] }, { instance_names: ['a'] }, { labels: { tier: 'gold' } }][random(4)];
      if (api) store.deployments.set(id, deployment(id, api.id, targets as TargetSelector, random(3) === 0 ? api.revision : undefined));
      return ['deployments', id];
    }
    default: {
      const id = pickId(store.deployments, 'd');
      store.deployments.delete(id);
      return ['deployments', id];
    }
  }
}

/** The same sequence at each run (a linear congruential generator after Numerical Recipes). */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
