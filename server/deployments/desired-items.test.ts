import { describe, expect, it } from 'vitest';
import { deployedTo, desiredItems, isChosen } from './desired-items.ts';
import type { Catalog, Recipient } from './desired-items.ts';

const recipient = (more: Partial<Recipient> = {}): Recipient => ({
  environment: 'production',
  instance_name: 'a',
  gateway_mode: 'edge_mcp',
  labels: { tier: 'gold', region: 'eu' },
  features: ['subscriptions'],
  ...more,
});
const api = (id: string, open_to_all_consumers = true): Catalog['apis'][number] => ({
  id,
  name: id,
  title: id,
  version: '1',
  description: undefined,
  revision: 1,
  upstream_url: 'http://127.0.0.1:9',
  open_to_all_consumers,
  upstream_credentials: [],
  operations: [],
});
const policy = (id: string, kind: 'rate_limit' | 'api_key_auth', more: Partial<Catalog['policies'][number]>): Catalog['policies'][number] => ({
  id,
  name: id,
  spec: (kind === 'rate_limit' ? { kind, config: { limit: 1, window_s: 60 } } : { kind, config: {} }) as Catalog['policies'][number]['spec'],
  api_ids: [],
  environments: [],
  ...more,
});
const catalog = (more: Partial<Catalog> = {}): Catalog => ({
  revision: 1n,
  apis: [api('orders'), api('users')],
  policies: [],
  consumers: [
    { id: 'agent', name: 'agent', labels: {}, keys: [{ id: 'k', sha256: 'f'.repeat(64), expires_at: undefined, secret: () => 'in clear' }] },
  ],
  subscriptions: [],
  pinned: [],
  deployments: [{ api_id: 'orders', targets: { modes: ['edge_mcp', 'connect'] }, revision: undefined }],
  ...more,
});
const newest = (...ids: string[]) => new Map(ids.map((id) => [id, undefined]));
const idsFor = (given: Catalog, to: Recipient) => desiredItems(given, to, deployedTo(given, to)).map(({ id }) => id);

describe('targets', () => {
  it.each([
    [{}, true],
    [{ instance_names: ['b', 'a'] }, true],
    [{ instance_names: ['b'] }, false],
    [{ modes: ['sidecar'] }, false],
    [{ environments: ['production'] }, true],
    [{ labels: { tier: 'gold' } }, true],
    [{ labels: { tier: 'gold', region: 'us' } }, false],
    [{ instance_names: ['a'], environments: ['staging'] }, false],
    [{ labels: { toString: 'x' } }, false],
  ] as const)('%j choose a gateway: %s', (targets, chosen) => {
    expect(isChosen(structuredClone(targets) as Parameters<typeof isChosen>[0], recipient())).toBe(chosen);
  });
});

describe('what a gateway is given', () => {
  it('is what is deployed to it, once, however many deployments choose it', () => {
    const twice = catalog({
      deployments: [
        { api_id: 'orders', targets: {}, revision: undefined },
        { api_id: 'orders', targets: { modes: ['edge_mcp'] }, revision: undefined },
      ],
    });
    expect(idsFor(twice, recipient())).toEqual(['api:orders', 'consumer:agent']);
    expect(idsFor(catalog(), recipient({ gateway_mode: 'sidecar' }))).toEqual([]);
  });

  it('lesson 17: has the policies of its APIs by their ids, and those of its environment for all of them', () => {
    const given = catalog({
      deployments: [{ api_id: 'orders', targets: {}, revision: undefined }],
      policies: [
        policy('on-orders', 'rate_limit', { api_ids: ['orders', 'users'] }),
        policy('on-users', 'rate_limit', { api_ids: ['users'] }),
        policy('on-production', 'rate_limit', { environments: ['production'] }),
        policy('on-staging', 'rate_limit', { environments: ['staging'] }),
      ],
    });
    const items = desiredItems(given, recipient(), deployedTo(given, recipient()));
    expect(items.flatMap((item) => (item.kind === 'policy' ? [[item.policy_id, item.api_ids]] : []))).toEqual([
      ['on-orders', ['orders']],
      ['on-production', ['orders']],
    ]);
  });

  it('holds keys in clear only for a Connect whose APIs ask for keys', () => {
    const withKeys = catalog({ policies: [policy('keys', 'api_key_auth', { api_ids: ['orders'] })] });
    const secretsFor = (given: Catalog, gateway_mode: string) =>
      JSON.stringify(desiredItems(given, recipient({ gateway_mode }), newest('orders'))).includes('in clear');
    expect([
      secretsFor(withKeys, 'connect'),
      secretsFor(withKeys, 'edge_mcp'),
      secretsFor(withKeys, 'sidecar'),
      secretsFor(catalog(), 'connect'),
    ]).toEqual([true, false, false, false]);
    expect(idsFor(catalog(), recipient({ gateway_mode: 'connect' }))).toEqual(['api:orders']);
  });

  it('is the revision that is pinned, which counts more than the newest, and the later pin more than the earlier', () => {
    const given = catalog({ apis: [{ ...api('orders'), revision: 3 }], pinned: [1, 2].map((revision) => ({ ...api('orders'), revision })) });
    const revisionFor = (...pins: (number | undefined)[]) => {
      const deployments = pins.map((revision) => ({ api_id: 'orders', targets: {}, revision }));
      const deployed = { ...given, deployments };
      return desiredItems(deployed, recipient(), deployedTo(deployed, recipient())).flatMap((item) => (item.kind === 'api' ? [item.revision] : []));
    };
    expect([revisionFor(undefined), revisionFor(1), revisionFor(3), revisionFor(1, undefined), revisionFor(1, 2)]).toEqual([[3], [1], [3], [1], [2]]);
  });

  describe('of an API that needs a subscription', () => {
    const person = (id: string) => ({ ...catalog().consumers[0], id, name: id }) as Catalog['consumers'][number];
    const given = catalog({
      apis: [api('orders', false), api('users')],
      consumers: [person('alice'), person('bob')],
      subscriptions: [
        { id: 's1', api_id: 'orders', consumer_id: 'alice' },
        { id: 's2', api_id: 'elsewhere', consumer_id: 'bob' },
      ],
    });

    it('says so on the API, and is an item for each subscription to it', () => {
      const items = desiredItems(given, recipient(), newest('orders', 'users'));
      expect(items.flatMap((item) => (item.kind === 'api' ? [[item.name, item.subscription_required]] : []))).toEqual([
        ['orders', true],
        ['users', undefined],
      ]);
      expect(items.filter(({ kind }) => kind === 'subscription')).toEqual([
        { id: 'subscription:s1', kind: 'subscription', subscription_id: 's1', api_id: 'orders', consumer_id: 'alice' },
      ]);
    });

    it('is nothing for a runtime that does not say that it enforces subscriptions', () => {
      const both = { ...given, deployments: ['orders', 'users'].map((api_id) => ({ api_id, targets: {}, revision: undefined })) };
      expect(idsFor(both, recipient({ features: ['mcp'] }))).toEqual(['api:users', 'consumer:alice', 'consumer:bob']);
      expect(idsFor(given, recipient({ features: [] }))).toEqual([]);
    });

    it('holds for a Connect only the keys of those who may call', () => {
      const guarded = { ...given, policies: [policy('keys', 'api_key_auth', { api_ids: ['orders', 'users'] })] };
      const idsOn = (...deployed: string[]) => desiredItems(guarded, recipient({ gateway_mode: 'connect' }), newest(...deployed)).map(({ id }) => id);
      expect(idsOn('orders')).toEqual(['api:orders', 'consumer:alice', 'policy:keys', 'subscription:s1']);
      expect(idsOn('users')).toEqual(['api:users', 'consumer:alice', 'consumer:bob', 'policy:keys']);
    });
  });
});
