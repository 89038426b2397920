import { expect, it } from 'vitest';
import { api, config, perMinute } from '../testing/config.ts';
import { kongWithRedis } from '../vendors/kong/capabilities.ts';
import { AdminError } from './admin-error.ts';
import { managedObject } from './managed.ts';
import type { Finding, GatewayAdapter, Inspected, ManagedObject } from './model.ts';
import { planDocument } from './plan-document.ts';
import type { ObjectRole } from './plan-document.ts';
import { reconcile } from './reconcile.ts';
import { createRenderer } from './render.ts';

type Fields = Readonly<Record<string, unknown>>;
type Document = ReadonlyMap<string, { readonly object: ManagedObject; readonly fields: Fields }>;
type Observed = { readonly version: number; readonly document: Document };

/** A gateway in memory that takes all of ours as one document, tells its faults by object, and refuses a write that was made up from an older one. */
function documentGateway() {
  let observed: Observed = { version: 1, document: new Map() };
  const writes: string[][] = [];
  const refuses = new Map<string, string>();
  const behind: (() => void)[] = [];
  const unserved: Finding[] = [];
  const inspect = ({ document }: Observed): Inspected<Fields> => ({
    find: (_kind, id) => document.get(id)?.fields,
    mismatch: (object, found) => (JSON.stringify(object.fields) === JSON.stringify(found) ? undefined : 'differs'),
    marked: [...document].map(([id, { object }]) => ({ id, itemId: object.owner, label: object.label })),
  });
  const adapter: GatewayAdapter<Observed, Document> = {
    type: 'document',
    capabilities: { ...kongWithRedis, delay: { seconds: 0, says: '' } },
    reach: async () => ({ type: 'document' }),
    fetch: async () => observed,
    transform: {
      claim: (_api, { method, path }) => ({ claim: `${method} ${path}` }),
      api: (gatewayId, { api: item, policies }) => ({
        objects: [
          managedObject(gatewayId, { kind: 'site', name: item.name, owner: item.id, fields: { upstream: item.upstream.url } }),
          ...policies.map(({ id, name, policy }) =>
            managedObject(gatewayId, { kind: 'guard', name: `${item.name} ${name}`, owner: item.id, alsoFor: [id], fields: { policy } }),
          ),
        ],
        warnings: [],
      }),
      callers: () => ({ objects: [], warnings: [] }),
    },
    plan: (input) =>
      planDocument(input, {
        gateway: inspect(input.observed),
        roleOf: ({ kind }): ObjectRole => (kind === 'site' ? 'exposure' : 'guard'),
        payloadOf: (target) => new Map(target.map((object) => [object.id, { object, fields: object.fields }])),
      }),
    inspect: (_gatewayId, given) => inspect(given),
    writer: ({ version }) => ({
      async write({ payload }) {
        behind.shift()?.();
        const labels = [...payload.values()].map(({ object }) => object.label);
        writes.push(labels);
        if (observed.version !== version) throw new AdminError('stale', 'Somebody changed it meanwhile.');
        const culprits = new Map(
          [...payload].flatMap(([id, { object }]) => (refuses.has(object.label) ? [[id, refuses.get(object.label) ?? ''] as const] : [])),
        );
        if (culprits.size > 0) throw new AdminError('refused', 'The document is not valid.', { culprits });
        observed = { version: version + 1, document: payload };
      },
    }),
    probe: async () => ({ rejections: unserved, warnings: [] }),
    describe: () => ({ type: 'document' }),
    discovered: () => [],
    close: () => undefined,
  };
  const render = createRenderer(adapter);
  let lastApplied: readonly ManagedObject[] = [];
  return {
    writes,
    refuses,
    unserved,
    /** Somebody else changes the document just before the next write. */
    changedBeforeWrite: () => behind.push(() => (observed = { ...observed, version: observed.version + 1 })),
    exposed: () => [...observed.document.values()].map(({ object }) => object.label),
    async pass(...items: Parameters<typeof config>[0]) {
      const signal = AbortSignal.timeout(20_000);
      const common = { adapter, render, config: config(items), lastApplied, signal, nowMs: 0, onObserved: () => undefined, shouldStop: () => false };
      const result = await reconcile(common);
      lastApplied = result.applied;
      return result;
    },
  };
}

const [one, two] = [api('one', { operations: [] }), api('two', { operations: [] })];

it('makes every change of a document in one write, and the second run none', async () => {
  const gateway = documentGateway();
  expect((await gateway.pass(one, two, perMinute(5, one))).outcome.state).toBe('applied');
  expect(gateway.writes).toEqual([['site one', 'guard one limit', 'site two']]);
  await gateway.pass(one, two, perMinute(5, one));
  expect(gateway.writes).toHaveLength(1);
  await gateway.pass();
  expect([gateway.exposed(), gateway.writes.length]).toEqual([[], 2]);
});

it('goes on without what a document was refused for, and says of it what the gateway said', async () => {
  const gateway = documentGateway();
  gateway.refuses.set('site one', 'its upstream cannot be resolved');
  const { outcome, retry } = await gateway.pass(one, two, perMinute(5, one));
  expect(gateway.exposed()).toEqual(['site two']);
  expect(outcome.items).toMatchObject([
    { id: one.id, state: 'rejected', phase: 'apply', reason: 'site one: its upstream cannot be resolved.' },
    { id: two.id, state: 'applied' },
    {},
  ]);
  expect(retry).toBe(false);
  expect(gateway.writes).toHaveLength(2);
});

it('takes an API out of a document whose guard was refused, and keeps one as it was whose new revision was', async () => {
  const gateway = documentGateway();
  await gateway.pass(one, two);
  gateway.refuses.set('guard one limit', 'no such zone');
  const changed = { ...two, upstream: { url: 'http://elsewhere.example' } };
  const { outcome } = await gateway.pass(one, changed, perMinute(5, one));
  expect(gateway.exposed()).toEqual(['site two']);
  expect(outcome.items.map(({ state }) => state)).toEqual(['rejected', 'applied', 'rejected']);
});

it('reads and plans again where somebody changed the gateway since it was read, and gives up after five times', async () => {
  const gateway = documentGateway();
  gateway.changedBeforeWrite();
  expect(await gateway.pass(one)).toMatchObject({ outcome: { state: 'applied' }, retry: false });
  expect(gateway.writes).toHaveLength(2);
  for (let n = 0; n < 9; n += 1) gateway.changedBeforeWrite();
  expect(await gateway.pass(one, two)).toMatchObject({ outcome: { state: 'applied_with_warnings' }, retry: true });
  expect(gateway.writes).toHaveLength(7);
});

it('says of what reads back and is not served that it is not applied, and tries again', async () => {
  const gateway = documentGateway();
  gateway.unserved.push({ itemId: one.id, phase: 'verify', reason: 'The proxy still answers as before.' });
  const { outcome, retry } = await gateway.pass(one, two);
  expect(outcome.items).toMatchObject([
    { id: one.id, state: 'rejected', phase: 'verify', reason: 'The proxy still answers as before.' },
    { state: 'applied' },
  ]);
  expect(retry).toBe(true);
});
