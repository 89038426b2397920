import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { api, consumer, cors, keyAuth, operation, orderOperations, perMinute, policy } from '../../testing/config.ts';
import { ackOf, everything, nameOf, orders, startKongBench } from '../../testing/kong-bench.ts';
import type { KongBench } from '../../testing/kong-bench.ts';

// An API is never served without a policy that is attached to it, and what is not ours stays as it is, whatever goes wrong on the way.

let kong: KongBench;
beforeEach(async () => {
  kong = await startKongBench();
});
afterEach(() => kong.close());

type Items = Parameters<KongBench['pass']>[0];
type Entity = Record<string, unknown>;

const isOrders = (entity: Entity): boolean => /^stoa-orders\b/.test(String(nameOf(entity)));
const isServed = async (): Promise<boolean> =>
  (await kong.list('services')).filter(isOrders).some(({ enabled }) => enabled === true) && (await kong.list('routes')).some(isOrders);
const pluginNames = async (): Promise<string[]> =>
  (await kong.list('plugins'))
    .filter(({ enabled }) => enabled === true)
    .map((plugin) => String(nameOf(plugin)))
    .sort();
const limited = [orders, perMinute(100, orders)];

describe('a new policy on a live API', () => {
  const failures: [string, Parameters<KongBench['simulator']['failNext']>[0]][] = [
    ['Kong refuses its plugin', { path: /^\/plugins\//, status: 400, body: { message: "plugin 'rate-limiting' not enabled" } }],
    ['Kong fails for a passing reason', { path: /^\/plugins\//, status: 500 }],
    ['the connection is cut', { path: /^\/plugins\// }],
  ];
  it.each(failures)('closes the API when %s, with one write, and opens it when the policy is in place', async (_what, fault) => {
    await kong.pass([orders]);
    kong.writes();
    kong.simulator.failNext({ method: 'PUT', ...fault });
    const result = await kong.pass(limited);
    expect(await isServed()).toBe(false);
    expect(kong.writes().map((line) => line.replace(/[0-9a-f-]{36}/, ''))).toEqual(['PUT /plugins/', 'PATCH /services/']);
    expect(limited.map((item) => ackOf(result, item))).toMatchObject([{ state: 'rejected' }, { state: 'rejected' }]);
    const healed = await kong.pass(limited);
    expect(healed.drift).toEqual([]);
    expect(healed.outcome.state).toBe('applied');
    expect(await isServed()).toBe(true);
  });

  it('is put in place even when another change of the API is refused for good', async () => {
    await kong.pass([orders]);
    kong.simulator.failNext({ method: 'PUT', path: /^\/services\//, status: 400, body: { message: 'schema violation' } });
    await kong.pass([api('orders', { url: 'http://elsewhere.example.com' }), perMinute(100, orders)]);
    expect(await pluginNames()).toEqual(['rate-limiting']);
  });

  it('leaves the API open when only an edit of a policy fails that is in force already', async () => {
    await kong.pass(limited);
    kong.simulator.failNext({ method: 'PATCH', path: /^\/plugins\//, status: 500 });
    const tightened = perMinute(5, orders);
    expect(ackOf(await kong.pass([orders, tightened]), tightened)).toMatchObject({ state: 'rejected', phase: 'apply' });
    expect(await isServed()).toBe(true);
  });

  it('keeps the API closed as long as its plugin fails, and over a bad revision, and opens it after', async () => {
    await kong.pass([orders]);
    kong.simulator.failNext({ method: 'PUT', path: /^\/plugins\//, status: 500, times: 3 });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await kong.pass(limited);
      expect(await isServed()).toBe(false);
    }
    const bad = api('orders', { changes: { revision: 2, upstream: { url: 'ftp://127.0.0.1' } } });
    await kong.pass([bad, ...limited.slice(1)]);
    expect(await isServed()).toBe(true);
    expect(await pluginNames()).toEqual(['rate-limiting']);
  });
});

it('an API that may no longer be served is closed at once, though none of its routes can be deleted', async () => {
  await kong.pass([orders]);
  kong.simulator.failNext({ method: 'DELETE', path: /^\/routes\//, status: 500, times: 3 });
  const restricted = policy('inside', { kind: 'jwt_auth', config: { issuer: 'https://id.example.com', audience: ['a'] } }, orders);
  await kong.pass([orders, restricted]);
  expect(await isServed()).toBe(false);
  await kong.pass([orders]);
  expect(await isServed()).toBe(true);
});

describe('a plugin of somebody else that would run instead of ours', () => {
  it('closes the API and says why; nothing of it is touched, and the API opens when it is gone', async () => {
    await kong.pass(everything);
    await kong.admin('POST', '/routes/stoa-orders.getOrder/plugins', { name: 'key-auth', config: { anonymous: 'alice' } });
    const foreign = (await kong.list('plugins')).find(({ route }) => route !== null);
    const result = await kong.pass(everything);
    expect(ackOf(result, orders)).toMatchObject({ state: 'rejected', phase: 'validate', reason: expect.stringContaining('would run instead of') });
    expect(await isServed()).toBe(false);
    expect((await kong.list('plugins')).find(({ route }) => route !== null)).toEqual(foreign);
    kong.writes();
    await kong.pass(everything);
    expect(kong.writes()).toEqual([]);
    await kong.admin('DELETE', `/plugins/${String(foreign?.['id'])}`);
    expect((await kong.pass(everything)).outcome.state).toBe('applied');
    expect(await isServed()).toBe(true);
  });

  it('closes the API of a held revision, too, when nothing remembers what was applied', async () => {
    await kong.pass([orders]);
    await kong.admin('POST', '/services/stoa-orders/plugins', { name: 'rate-limiting', config: { minute: 3 } });
    const bad = api('orders', { changes: { upstream: { url: 'ftp://127.0.0.1' } } });
    await kong.pass([bad, ...limited.slice(1)], { forget: true });
    expect(await isServed()).toBe(false);
  });
});

it('a plugin of ours under another id is replaced while the API is closed', async () => {
  await kong.pass(limited);
  const [plugin] = await kong.list('plugins');
  await kong.admin('DELETE', `/plugins/${String(plugin?.['id'])}`);
  await kong.admin('POST', '/services/stoa-orders/plugins', { name: 'rate-limiting', config: { minute: 100 }, tags: plugin?.['tags'] });
  kong.writes();
  expect((await kong.pass(limited)).outcome.state).toBe('applied');
  expect(kong.writes().map((line) => line.replace(/[0-9a-f-]{36}/, ''))).toEqual([
    'PATCH /services/',
    'DELETE /plugins/',
    'PUT /plugins/',
    'PATCH /services/',
  ]);
  expect(await isServed()).toBe(true);
});

describe('one fault at any write', () => {
  const edited = [
    api('orders', { url: 'http://elsewhere.example.com', operations: [operation('GET /orders/all', 'listOrders'), ...orderOperations.slice(2)] }),
    keyAuth(orders),
    perMinute(7, orders),
    cors(orders),
    consumer('agent', 'another-key'),
    consumer('second', 'a-third-key'),
  ];
  const scenarios: [string, Items, Items, string[]][] = [
    ['the first configuration', [], everything, ['acl', 'cors', 'key-auth', 'rate-limiting']],
    ['new policies on a live API', [orders], everything, ['acl', 'cors', 'key-auth', 'rate-limiting']],
    ['an edit of everything', everything, edited, ['acl', 'cors', 'key-auth', 'rate-limiting']],
    ['the end of everything', everything, [], ['acl', 'cors', 'key-auth', 'rate-limiting']],
  ];
  const faults = [{ status: 500 }, { status: 500, applied: true }, {}, { applied: true }];

  it.each(scenarios)(
    'in %s: no API without its policies, nothing foreign touched, healed by the next pass',
    async (_what, before, after, guards) => {
      const { foreign, writes } = await rehearse(before, after);
      expect(writes).toBeGreaterThan(5);
      for (let number = 1; number <= writes; number += 1) {
        for (const fault of faults) {
          await kong.pass(before);
          kong.simulator.failNext({ path: nthWrite(number), ...fault });
          await kong.pass(after);
          if (await isServed()) expect(await guardsOfOurs(), `write ${number}, ${JSON.stringify(fault)}`).toEqual(guards);
          expect(await foreignObjects()).toBe(foreign);
          await expectHealed(after, foreign, `write ${number}, ${JSON.stringify(fault)}`);
        }
      }
    },
    60_000,
  );

  it.each(scenarios)(
    'in %s: a process that is killed between two writes leaves nothing that its successor takes for drift',
    async (_what, before, after) => {
      const { foreign, writes } = await rehearse(before, after);
      for (let number = 1; number < writes; number += 1) {
        await kong.pass(before);
        let asked = 0;
        await kong.pass(after, { killed: true, shouldStop: () => (asked += 1) > number });
        await expectHealed(after, foreign, `killed after ${number}`);
      }
    },
    60_000,
  );

  /** How many writes lead from one configuration to the other, and what is there that is not ours. */
  async function rehearse(before: Items, after: Items): Promise<{ foreign: string; writes: number }> {
    await makeForeignObjects();
    const foreign = await foreignObjects();
    await kong.pass(before);
    kong.writes();
    await kong.pass(after);
    return { foreign, writes: kong.writes().length };
  }

  async function expectHealed(items: Items, foreign: string, label: string): Promise<void> {
    const healed = await kong.pass(items);
    expect(healed.drift, label).toEqual([]);
    expect(healed.outcome.state, label).toBe('applied');
    kong.writes();
    await kong.pass(items);
    expect(kong.writes(), label).toEqual([]);
    expect(await foreignObjects(), label).toBe(foreign);
  }

  const isForeign = ({ tags }: Entity): boolean => !((tags ?? []) as string[]).includes('stoa-managed');
  const guardsOfOurs = async (): Promise<string[]> =>
    (await kong.list('plugins'))
      .filter((plugin) => !isForeign(plugin))
      .map((plugin) => String(nameOf(plugin)))
      .sort();

  async function makeForeignObjects(): Promise<void> {
    await kong.admin('PUT', '/services/theirs', { url: 'http://theirs.example.com/base', enabled: false, tags: ['team-a'] });
    await kong.admin('PUT', '/services/theirs/routes/their-route', { paths: ['/theirs'] });
    await kong.admin('POST', '/services/theirs/plugins', { name: 'rate-limiting', config: { minute: 3 } });
    await kong.admin('PUT', '/consumers/alice', { custom_id: 'a-1' });
    await kong.admin('POST', '/consumers/alice/key-auth', { key: 'alices-key' });
    await kong.admin('POST', '/consumers/alice/acls', { group: 'gold' });
  }

  const foreignObjects = async (): Promise<string> => {
    const kinds = ['services', 'routes', 'plugins', 'consumers', 'key-auths', 'acls'];
    return JSON.stringify(await Promise.all(kinds.map(async (kind) => (await kong.list(kind)).filter(isForeign))));
  };

  /** Fits the n-th request for a single entity, which is a write: passes read lists. */
  function nthWrite(number: number): RegExp {
    const pattern = /^\/[a-z-]+\/[0-9a-f-]{36}$/;
    let seen = 0;
    pattern.test = (path) => RegExp.prototype.test.call(pattern, path) && (seen += 1) === number;
    return pattern;
  }
});
