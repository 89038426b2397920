import { createHash } from 'node:crypto';
import type { ApiItem, DesiredItem, PolicySpec } from '@stoa/generated/schemas.ts';
import { describe, expect, it, vi } from 'vitest';
import * as validating from './arguments/arguments.ts';
import * as compiling from './compile-api.ts';
import { isListedAlike, pageOf } from '../doors/mcp/tool-list.ts';
import type { Snapshot } from '../model.ts';
import { createSnapshotCompiler } from './snapshot.ts';
import type { StateToServe, SnapshotCompiler } from './snapshot.ts';
import { apiItem, getOrder } from '../testing/fixtures.ts';
import { listChanges } from './visibility.ts';

vi.mock('./arguments/arguments.ts', { spy: true });
vi.mock('./compile-api.ts', { spy: true });

const doors = ['mcp', 'authz'] as const;
const uuid = (kind: string, number: number): string => `${kind}0000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const shaOf = (number: number): string => createHash('sha256').update(String(number)).digest('hex');

/** States one after the other: each is given as what differs from the one before. */
function createStates(): (change: { put?: readonly DesiredItem[]; remove?: readonly string[] }) => StateToServe {
  const items = new Map<string, DesiredItem>();
  let generation = 0;
  return ({ put = [], remove = [] }) => {
    const removed = remove.filter((id) => items.delete(id));
    const changed = put.filter((item) => items.get(item.id) !== item);
    for (const item of changed) items.set(item.id, item);
    return { generation: (generation += 1), hash: String(generation), items: new Map(items), changed, removed };
  };
}

/** A state as it is given to a compiler that knows nothing yet. */
const anew = (state: StateToServe): StateToServe => ({ ...state, changed: [...state.items.values()].reverse(), removed: [] });

function apiOf(number: number, tools: readonly string[], given: Partial<ApiItem> & { url?: string } = {}): ApiItem {
  const operations = tools.map((name, index) => {
    const operation = getOrder({ operation_id: `${name}-${index}`, path: `/${name}/{order_id}` });
    return { ...operation, tool: { ...operation.tool, name } };
  });
  return apiItem({ api_id: uuid('a', number), name: `api-${number}`, operations, ...given });
}

describe('a change', () => {
  const consumer: DesiredItem = { id: `consumer:${uuid('c', 1)}`, kind: 'consumer', consumer_id: uuid('c', 1), name: 'agent', keys: [] };
  const keyItem = (number: number, sha: number, consumerNumber = 1): DesiredItem => ({
    id: `consumer_key:${uuid('d', number)}`,
    kind: 'consumer_key',
    key_id: uuid('d', number),
    consumer_id: uuid('c', consumerNumber),
    sha256: shaOf(sha),
  });
  const limit: DesiredItem = {
    id: `policy:${uuid('b', 1)}`,
    kind: 'policy',
    policy_id: uuid('b', 1),
    name: 'slow',
    policy: { kind: 'rate_limit', config: { limit: 5, window_s: 1 } },
    api_ids: [uuid('a', 3)],
  };

  function begin(tools = 3) {
    const states = createStates();
    const compiler = createSnapshotCompiler(doors);
    const apis = Array.from({ length: 20 }, (_, api) =>
      apiOf(
        api,
        Array.from({ length: tools }, (_each, tool) => `t${api}_${tool}`),
      ),
    );
    const first = compiler.compileAtOnce(states({ put: [...apis, consumer, keyItem(1, 1)] }));
    vi.mocked(compiling.compileApi).mockClear();
    return { states, compiler, first: first.snapshot };
  }

  it('of a key compiles nothing and shares everything else', () => {
    const { states, compiler, first } = begin();
    const { snapshot, changes } = compiler.compileAtOnce(states({ put: [keyItem(2, 2)] }));
    expect(compiling.compileApi).not.toHaveBeenCalled();
    expect(snapshot).toMatchObject({ generation: 2 });
    for (const part of ['tools', 'apis', 'consumers', 'subscriptions', 'plans', 'planSubscriptions', 'origins', 'limits', 'keyHeaders'] as const)
      expect(snapshot[part], part).toBe(first[part]);
    expect([first.consumersByKeyHash.has(shaOf(2)), snapshot.consumersByKeyHash.has(shaOf(2))]).toEqual([false, true]);
    expect(snapshot.visibleTools(uuid('c', 1))).toBe(first.visibleTools(uuid('c', 1)));
    expect([changes.tools.size, changes.consumers.size]).toEqual([0, 0]);
  });

  it('of one API, or of a policy on it, compiles that API alone', () => {
    const { states, compiler, first } = begin();
    const { snapshot } = compiler.compileAtOnce(states({ put: [apiOf(7, ['t7_0', 'other'])] }));
    expect(compiling.compileApi).toHaveBeenCalledTimes(1);
    compiler.compileAtOnce(states({ put: [limit] }));
    expect(compiling.compileApi).toHaveBeenCalledTimes(2);
    const kept = [...first.tools].filter(([, tool]) => tool.operation.api.id !== uuid('a', 7));
    expect(kept.every(([name, tool]) => snapshot.tools.get(name) === tool)).toBe(true);
    expect(first.tools.has('t7_1')).toBe(true);
    expect([snapshot.tools.has('t7_1'), snapshot.tools.has('other')]).toEqual([false, true]);
  });

  it('makes no validator: the first call of a tool does, and later changes keep it', () => {
    vi.mocked(validating.lazyValidator).mockClear();
    const { states, compiler, first } = begin();
    expect(validating.lazyValidator).not.toHaveBeenCalled();
    const validate = first.tools.get('t1_1')?.validate;
    expect(validating.lazyValidator).toHaveBeenCalledTimes(1);
    const { snapshot } = compiler.compileAtOnce(states({ put: [keyItem(2, 2), apiOf(7, ['other'])] }));
    expect(snapshot.tools.get('t1_1')?.validate).toBe(validate);
  });

  it('keeps the bytes of the pages that it does not touch', () => {
    const { states, compiler, first } = begin(100);
    const bytesOf = (snapshot: Snapshot, name?: string) =>
      pageOf(snapshot.visibleTools(uuid('c', 1)), name === undefined ? undefined : Buffer.from(name).toString('base64url'))?.bytes;
    const names = first.visibleTools(uuid('c', 1)).map(({ name }) => name);
    const [one, two] = [bytesOf(first), bytesOf(first, names[499])];
    const { snapshot } = compiler.compileAtOnce(states({ put: [apiOf(9, ['zzz'])] }));
    expect(bytesOf(snapshot)).toBe(one);
    const after = compiler.compileAtOnce(states({ put: [keyItem(2, 2)] })).snapshot;
    expect(bytesOf(after, names[499])).toBe(bytesOf(first, names[499]));
    expect(two?.toString()).toContain('"nextCursor"');
  });

  it('of a plan compiles nothing, and concerns its subscribers alone', () => {
    const { states, compiler } = begin();
    const planOf = (limit: number, ...apis: number[]): DesiredItem => ({
      id: `plan:${uuid('f', 1)}`,
      kind: 'plan',
      plan_id: uuid('f', 1),
      name: 'gold',
      api_ids: apis.map((api) => uuid('a', api)),
      policies: [{ policy_id: uuid('b', 2), name: 'few', policy: { kind: 'rate_limit', config: { limit, window_s: 60 } } }],
    });
    const ends = { plan_id: uuid('f', 1), consumer_id: uuid('c', 1) };
    const subscription: DesiredItem = { id: `subscription:${uuid('e', 1)}`, kind: 'plan_subscription', subscription_id: uuid('e', 1), ...ends };
    const begun = compiler.compileAtOnce(states({ put: [{ ...consumer, id: 'consumer:2', consumer_id: uuid('c', 2) }, planOf(5, 1), subscription] }));
    const limited = compiler.compileAtOnce(states({ put: [planOf(6, 1)] }));
    expect([...limited.changes.consumers]).toEqual([]);
    const widened = compiler.compileAtOnce(states({ put: [planOf(6, 1, 2)] }));
    expect([...widened.changes.consumers]).toEqual([uuid('c', 1)]);
    expect(compiling.compileApi).not.toHaveBeenCalled();
    const api = widened.snapshot.apis.get(uuid('a', 1));
    const limitsIn = ({ snapshot }: typeof begun, id: string) => (api === undefined ? undefined : snapshot.limitsOf(uuid('c', Number(id)), api));
    expect([begun, limited].map((compiled) => limitsIn(compiled, '1')?.map(({ limit: count }) => count))).toEqual([[5], [6]]);
    expect(limitsIn(widened, '2')).toEqual([]);
  });

  it('is told of items that it did not change and that are served otherwise now', () => {
    const { states, compiler } = begin(1);
    const rival = apiOf(30, ['t5_0'], { url: 'http://127.0.0.1:9/v2' });
    const lost = compiler.compileAtOnce(states({ put: [rival] }));
    expect(lost.items).toMatchObject([{ id: rival.id, reason: 'The tool t5_0 is not served: the API api-5 has one of the same name.' }]);
    const won = compiler.compileAtOnce(states({ remove: [`api:${uuid('a', 5)}`] }));
    expect([won.items, won.snapshot.tools.get('t5_0')?.operation.api.name]).toEqual([[], 'api-30']);
    compiler.compileAtOnce(states({ put: [keyItem(2, 2, 2)] }));
    const orphan = compiler.compileAtOnce(states({ put: [keyItem(3, 2)] }));
    expect(orphan.items.map(({ id }) => id)).toEqual([2, 3].map((number) => `consumer_key:${uuid('d', number)}`));
    expect(compiler.compileAtOnce(states({ remove: [`consumer_key:${uuid('d', 2)}`] })).items).toEqual([]);
  });

  it('that ends in an error of our own is made good by the next, from nothing', () => {
    const { states, compiler } = begin(1);
    const invalid = { ...consumer, id: 'consumer:x', consumer_id: 'x', labels: null } as never;
    const failing = states({ put: [invalid], remove: [keyItem(1, 1).id] });
    expect(() => compiler.compileAtOnce(failing)).toThrow();
    const { snapshot, changes } = compiler.compileAtOnce(states({ put: [keyItem(2, 2)], remove: ['consumer:x'] }));
    expect([...snapshot.consumersByKeyHash.keys()]).toEqual([shaOf(2)]);
    expect([snapshot.tools.size, changes.everything]).toEqual([20, true]);
  });

  it('is made in slices, one change after the other, and seen by nobody before its end', async () => {
    const seen: number[] = [];
    let current: Snapshot | undefined;
    let now = 0;
    const turn = async (): Promise<void> => void seen.push(current?.tools.size ?? -1);
    const states = createStates();
    const compiler = createSnapshotCompiler(doors, { slices: { turn, now: () => (now += 0.1) } });
    const [one, two] = [10, 5].map((count) =>
      states({
        put: [
          apiOf(
            1,
            Array.from({ length: count }, (_, tool) => `t${tool}`),
          ),
        ],
      }),
    ) as [StateToServe, StateToServe];
    const use = async (compiled: ReturnType<SnapshotCompiler['compile']>) => void (current = (await compiled).snapshot);
    await Promise.all([use(compiler.compile(one)), use(compiler.compile(two))]);
    expect(current?.tools.size).toBe(5);
    expect(new Set(seen)).toEqual(new Set([-1, 10]));
  });
});

describe('any sequence of changes', () => {
  /** Numerical Recipes' generator: the same sequence for the same seed. */
  const randomOf = (seed: number) => {
    let state = seed;
    return (below: number): number => Math.floor(((state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32) * below);
  };
  type Random = ReturnType<typeof randomOf>;

  const specs: PolicySpec[] = [
    { kind: 'rate_limit', config: { limit: 5, window_s: 1 } },
    { kind: 'rate_limit', config: { limit: 6, window_s: 1 } },
    { kind: 'api_key_auth', config: { header: 'X-Key' } },
    { kind: 'api_key_auth', config: { header: 'X-Other' } },
    { kind: 'quota', config: { limit: 1, period: 'day' } },
    { kind: 'ip_restriction', config: { allow: ['10.0.0.0/8'] } },
    { kind: 'tool_access', config: { cedar: 'permit(principal, action, resource) when { principal.labels has team };' } },
    { kind: 'tool_access', config: { cedar: 'permit(principal, action, resource == Tool::"t1");' } },
  ];

  type Made = 'api' | 'policy' | 'consumer' | 'key' | 'subscription' | 'plan' | 'planSubscription';
  const makers: Record<Made, (random: Random) => DesiredItem> = {
    api: (random) =>
      apiOf(
        random(5),
        Array.from({ length: 1 + random(3) }, () => `t${random(5)}`),
        {
          url: `http://127.0.0.1:${9 + random(2)}/v1`,
          ...(random(3) === 0 && { subscription_required: true }),
          ...(random(9) === 0 && { upstream: { url: 'ftp://x' } }),
        },
      ),
    policy: (random) => {
      const [number, spec] = [random(4), specs[random(specs.length)] as PolicySpec];
      const apis = [0, 1, 2, 3, 4].filter(() => random(3) === 0).map((api) => uuid('a', api));
      return { id: `policy:${uuid('b', number)}`, kind: 'policy', policy_id: uuid('b', number), name: `p${number}`, policy: spec, api_ids: apis };
    },
    consumer: (random) => {
      const id = uuid('c', random(3));
      const labels = random(2) === 0 ? {} : { team: 'sales' };
      return { id: `consumer:${id}`, kind: 'consumer', consumer_id: id, name: `consumer-${random(4)}`, labels, keys: [] };
    },
    key: (random) => {
      const id = uuid('d', random(5));
      return { id: `consumer_key:${id}`, kind: 'consumer_key', key_id: id, consumer_id: uuid('c', random(3)), sha256: shaOf(random(4)) };
    },
    subscription: (random) => {
      const id = uuid('e', random(4));
      return { id: `subscription:${id}`, kind: 'subscription', subscription_id: id, api_id: uuid('a', random(5)), consumer_id: uuid('c', random(3)) };
    },
    plan: (random) => {
      const id = uuid('f', random(2));
      const apis = [0, 1, 2, 3, 4].filter(() => random(2) === 0).map((api) => uuid('a', api));
      const demanded = [0, 1].flatMap((number) =>
        random(2) === 0 ? [] : [{ policy_id: uuid('b', number), name: `p${number}`, policy: specs[random(6)] as PolicySpec }],
      );
      return { id: `plan:${id}`, kind: 'plan', plan_id: id, name: `plan-${random(2)}`, api_ids: apis, policies: demanded };
    },
    planSubscription: (random) => {
      const id = uuid('e', random(4));
      const ends = { plan_id: uuid('f', random(2)), consumer_id: uuid('c', random(3)) };
      return { id: `subscription:${id}`, kind: 'plan_subscription', subscription_id: id, ...ends };
    },
  };

  const consumers = [0, 1, 2].map((number) => uuid('c', number));
  const textOf = (snapshot: Snapshot, consumerId: string): string | undefined =>
    pageOf(snapshot.visibleTools(consumerId), undefined)?.bytes.toString();

  /** All that can be asked of a snapshot. */
  function describeSnapshot(snapshot: Snapshot) {
    const sorted = <Value>(map: ReadonlyMap<string, Value>, say: (value: Value) => unknown) =>
      [...map].map(([key, value]) => [key, say(value)]).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
    const operations = [...snapshot.apis.values()].flatMap((api) => api.operations);
    const paths = ['t0', 't1', 't2', 't3', 't4', 'T1'].map((name) => `/v1/${name}/7`);
    return {
      tools: sorted(snapshot.tools, ({ operation }) => [operation.api.name, operation.operationId, operation.origin]),
      apis: sorted(snapshot.apis, ({ policies, warnings }) => [policies, warnings]),
      consumers: sorted(snapshot.consumers, (entry) => entry),
      keys: sorted(snapshot.consumersByKeyHash, (entry) => entry),
      uses: [snapshot.keyHeaders, [...snapshot.origins.keys()].sort(), [...snapshot.limits.keys()].sort()],
      routes: paths.map((path) => {
        const match = snapshot.matchRoute('GET', path);
        return match.kind === 'match' ? `${match.operation.api.name} ${match.operation.operationId}` : match.kind;
      }),
      permits: consumers.map((id) => operations.filter((operation) => snapshot.permits(id, operation)).length),
      plans: sorted(snapshot.plans, (entry) => entry),
      limits: consumers.map((id) =>
        [...snapshot.apis.values()]
          .map((api) => [
            api.id,
            snapshot
              .limitsOf(id, api)
              .map(({ policyId }) => policyId)
              .sort(),
          ])
          .sort(),
      ),
      lists: consumers.map((id) => textOf(snapshot, id)),
    };
  }

  it.each([1, 2, 3, 4])('leads to what the last state leads to from nothing, and tells whose list is another one (seed %i)', (seed) => {
    const random = randomOf(seed);
    const kinds = Object.keys(makers) as (keyof typeof makers)[];
    const states = createStates();
    const compiler = createSnapshotCompiler(doors);
    let before = compiler.compileAtOnce(states({})).snapshot;
    for (let round = 0; round < 30; round += 1) {
      const wasBefore = describeSnapshot(before);
      const made = Array.from({ length: 1 + random(4) }, () => makers[kinds[random(kinds.length)] as keyof typeof makers](random));
      const put = [...new Map(made.map((item) => [item.id, item])).values()];
      const remove = Array.from({ length: random(3) }, () => makers[kinds[random(kinds.length)] as keyof typeof makers](random).id);
      const state = states({ put, remove: remove.filter((id) => put.every((item) => item.id !== id)) });
      const { snapshot, items, state: outcome, changes } = compiler.compileAtOnce(state);
      const expected = createSnapshotCompiler(doors).compileAtOnce(anew(state));
      expect(describeSnapshot(snapshot)).toEqual(describeSnapshot(expected.snapshot));
      expect([items, outcome]).toEqual([expected.items, expected.state]);
      expect(describeSnapshot(before)).toEqual(wasBefore);
      const told = listChanges({ previous: before, next: snapshot, changes }, isListedAlike);
      for (const id of consumers) expect(told(id), `list of ${id} in round ${round}`).toBe(textOf(before, id) !== textOf(snapshot, id));
      before = snapshot;
    }
  });
});
