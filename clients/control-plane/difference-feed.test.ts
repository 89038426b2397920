import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hashOfNothing } from './list-hash.ts';
import { advanceUntil, api, consumer, createSigner, keyOf, policyOn, problem } from './testing/fake-control-plane.ts';
import { createItemFeed } from './testing/item-feed.ts';
import type { Answer, ItemFeed } from './testing/item-feed.ts';
import { applied, createTestConnection } from './testing/test-connection.ts';
import type { TestConnection } from './testing/test-connection.ts';

let test: TestConnection;
let feed: ItemFeed;

beforeEach(() => {
  vi.useFakeTimers();
  test = createTestConnection();
  feed = createItemFeed(test);
});

afterEach(async () => {
  await test.end();
  vi.useRealTimers();
});

const [alice, bob, orders, billing] = [consumer('alice'), consumer('bob'), api('orders'), api('billing')];
const key = keyOf(alice, 'key');
const acks = () => test.server.named('ack').map(({ body }) => body);
const bases = () => test.server.named('config').map(({ url }) => url.searchParams.get('base'));
const itemFiles = async () => (await readdir(join(test.stateDir, 'items'), { recursive: true })).filter((name) => name.endsWith('.json')).sort();
const fileOf = (item: unknown) => `${feed.hashOfItem(item).slice(7, 9)}/${feed.hashOfItem(item).slice(7)}.json`;

/** Makes the state one of these items and waits until it is acknowledged. */
async function bring(generation: number, ...items: unknown[]): Promise<string> {
  const hash = feed.desire(generation, items);
  await advanceUntil(() => acks().some((ack) => ack.generation === generation && ack.hash === hash), 1);
  return hash;
}

describe('a Control Plane that tells differences', () => {
  it('is asked for the difference to what is at hand, and sends what changed alone', async () => {
    await test.start();
    const first = await bring(1, alice, orders);
    const second = await bring(2, alice, orders, key);
    await bring(3, alice, billing, key);
    expect(bases().slice(0, 3)).toEqual([hashOfNothing, first, second]);
    expect(feed.answered.slice(1)).toEqual([JSON.stringify(key).length, JSON.stringify(billing).length]);
    expect(test.given.map(({ state: { changed, removed } }) => [changed.map(({ id }) => id), removed])).toEqual([
      [[orders.id, alice.id], []],
      [[key.id], []],
      [[billing.id], [orders.id]],
    ]);
  });

  it('has what did not change stay the same object from one state to the next', async () => {
    await test.start();
    await bring(1, alice, orders);
    await bring(2, alice, orders, key);
    const [before, after] = test.given.map(({ state }) => state.items);
    expect(after?.get(orders.id)).toBe(before?.get(orders.id));
    expect([before?.size, after?.size]).toEqual([2, 3]);
  });

  it('is told of the items alone that were not plainly applied', async () => {
    await test.start({
      apply: async () => ({
        state: 'applied_with_warnings',
        items: [{ id: orders.id, state: 'applied_with_warnings', phase: 'render', reason: 'Why.' }],
      }),
    });
    const hash = await bring(1, alice, orders);
    const items = [{ id: orders.id, state: 'applied_with_warnings', phase: 'render', reason: 'Why.' }];
    expect(acks()[0]).toEqual({ lease_epoch: 1, generation: 1, hash, state: 'applied_with_warnings', items, unlisted_applied: true });
  });

  it('is told of a rejection in one line, whatever was rejected', async () => {
    await test.start({ apply: async () => Promise.reject(new Error('a bug')) });
    await bring(1, alice, bob, orders);
    expect(acks()[0]).toMatchObject({ state: 'rejected', items: [{ state: 'rejected', phase: 'apply', reason: 'a bug' }] });
    expect(acks()[0]).not.toHaveProperty('unlisted_applied');
  });

  it('tells the difference to what was taken last, when something between was rejected', async () => {
    await test.start({
      apply: async (state, permit) => {
        test.given.push({ state, items: [], permit });
        return state.generation === 2 ? { state: 'rejected', items: [] } : applied;
      },
    });
    const first = await bring(1, alice);
    await bring(2, alice, bob);
    await bring(3, alice, key);
    expect(bases().slice(0, 3)).toEqual([hashOfNothing, first, first]);
    expect(test.given.at(-1)?.state.changed.map(({ id }) => id)).toEqual([key.id]);
  });

  it('that does not know the state at hand any more sends all of it, and what is at hand stays the same object', async () => {
    await test.start();
    feed.forget(await bring(1, alice, orders));
    await bring(2, alice, orders, key);
    expect(test.given[1]?.state.changed).toEqual([key]);
    expect(test.given[1]?.state.items.get(orders.id)).toBe(test.given[0]?.state.items.get(orders.id));
  });
});

describe('a server from before differences', () => {
  it('is asked in the old way when it takes the place of a newer one, and its keys are the same items', async () => {
    await test.start();
    await bring(1, alice, orders, key);
    const { id: _id, kind: _kind, consumer_id: _consumer, ...material } = key;
    const items = [{ ...alice, keys: [material] }, orders] as never;
    test.server.always('config', ({ url }) =>
      url.searchParams.has('base') ? problem(400) : Response.json(test.signer.config(2, items), { headers: { etag: '"2"' } }),
    );
    await advanceUntil(() => acks().length === 2);
    expect(bases().at(-1)).toBeNull();
    expect(test.given[1]?.state).toMatchObject({ generation: 2, changed: [], removed: [] });
    expect(acks()[1]).toMatchObject({
      state: 'applied',
      items: [
        { id: alice.id, state: 'applied' },
        { id: orders.id, state: 'applied' },
      ],
    });
    expect(await readdir(test.stateDir)).toContain('last-known-good.json');
    expect(await readdir(test.stateDir)).not.toContain('manifest');
  });

  it('leaves a whole document on disk, which a newer one replaces by items', async () => {
    test.server.always('register', () => Response.json(test.registered));
    test.server.always('config', () => Response.json(test.signer.config(1, [alice, orders]), { headers: { etag: '"1"' } }));
    const connection = await test.start();
    await advanceUntil(() => acks().length === 1, 1);
    await connection.stop({ deregister: false });
    feed = createItemFeed(test);
    await (await test.start()).firstConfig;
    expect(test.restored[0]?.state).toMatchObject({ generation: 1 });
    await bring(2, alice, orders, key);
    expect(test.given.at(-1)?.state.changed).toEqual([key]);
    await advanceUntil(() => test.server.named('config').length > 2, 1);
    expect((await readdir(test.stateDir)).filter((name) => /manifest|last/.test(name))).toEqual(['manifest']);
    expect(await itemFiles()).toEqual([alice, orders, key].map(fileOf).sort());
  });
});

describe('a difference that does not fit', () => {
  const cases: [what: string, spoil: (answer: Answer) => Answer][] = [
    ['with a list that is not the one that is signed', ({ manifest, lines }) => ({ manifest: { ...manifest, removed: [alice.id] }, lines })],
    ['to another state than was asked for', ({ manifest, lines }) => ({ manifest: { ...manifest, base: `sha256:${'0'.repeat(64)}` }, lines })],
    [
      'with an item that was changed on its way',
      ({ manifest, lines }) => ({ manifest, lines: lines.map((line) => Buffer.from(line.toString().replace('bob', 'bop'))) }),
    ],
    ['that was cut short', ({ manifest }) => ({ manifest, lines: [] })],
    ['with an item that its list does not name', ({ manifest, lines }) => ({ manifest, lines: [...lines, Buffer.from('{}')] })],
  ];
  it.each(cases)('%s is asked for as a whole, once, and applied', async (_, spoil) => {
    await test.start();
    const first = await bring(1, alice);
    feed.spoil(spoil);
    await bring(2, alice, bob);
    expect(bases().slice(0, 3)).toEqual([hashOfNothing, first, hashOfNothing]);
    expect(acks().map(({ state }) => state)).toEqual(['applied', 'applied']);
    expect(test.given[1]?.state.changed).toEqual([bob]);
  });

  it.each(cases)('%s and still does not as a whole is rejected, and asked for again with back-off', async (_, spoil) => {
    await test.start();
    const first = await bring(1, alice);
    feed.spoil(spoil, ({ manifest, lines }) => ({ manifest, lines: lines.slice(1) }));
    await bring(2, alice, bob);
    expect(acks()[1]).toMatchObject({ state: 'rejected', items: [{ phase: 'validate' }] });
    expect(bases().slice(0, 3)).toEqual([hashOfNothing, first, hashOfNothing]);
    const asked = bases().length;
    await vi.advanceTimersByTimeAsync(4000);
    expect(bases().length).toBeLessThanOrEqual(asked + 1);
    await advanceUntil(() => acks().at(-1).state === 'applied');
  });

  it.each<[string, string, (answer: Answer) => Answer]>([
    [
      'signed by another',
      'signature is wrong',
      ({ manifest, lines }) => ({ manifest: { ...manifest, ...createSigner().name(2, manifest.hash) }, lines }),
    ],
    [
      'for another gateway',
      'for the gateway',
      ({ manifest, lines }) => ({ manifest: { ...manifest, gateway_id: '6b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11' }, lines }),
    ],
    [
      'listed under another name',
      'another name',
      ({ manifest, lines }) => ({ manifest: { ...manifest, changed: manifest.changed.map((entry) => ({ ...entry, id: 'consumer:z' })) }, lines }),
    ],
    ['of another shape', 'must have required property', ({ manifest, lines }) => ({ manifest: { ...manifest, changed: [{} as never] }, lines })],
  ])('because it is %s is rejected at once; what was good is served', async (_, reason, spoil) => {
    const connection = await test.start();
    await bring(1, alice);
    feed.spoil(spoil);
    await bring(2, alice, bob);
    expect(acks()[1]).toMatchObject({ state: 'rejected', items: expect.anything() });
    expect(connection.state()).toMatchObject({ state: 'stale', generation: 1, reason: expect.stringContaining(reason) });
    expect(test.given).toHaveLength(1);
  });
});

describe('the state directory', () => {
  it('gets what is new, and loses what is not needed any more', async () => {
    await test.start();
    await bring(1, alice, orders);
    const before = await itemFiles();
    const untouched = await stat(join(test.stateDir, 'items', fileOf(orders)));
    await bring(2, orders, key);
    await bring(3, orders, key, billing);
    expect(before).toEqual([alice, orders].map(fileOf).sort());
    expect(await itemFiles()).toEqual([orders, key, billing].map(fileOf).sort());
    expect((await stat(join(test.stateDir, 'items', fileOf(orders)))).mtimeMs).toBe(untouched.mtimeMs);
    for (const name of ['manifest', ...(await itemFiles()).map((file) => join('items', file))])
      expect((await stat(join(test.stateDir, name))).mode & 0o777, name).toBe(0o600);
    expect((await stat(join(test.stateDir, 'items'))).mode & 0o777).toBe(0o700);
  });

  const restart = async (...spoil: [item: unknown, content: string][]) => {
    const connection = await test.start();
    await bring(1, alice, key, orders, billing, policyOn(orders));
    await connection.stop({ deregister: false });
    for (const [item, content] of spoil) await writeFile(join(test.stateDir, 'items', fileOf(item)), content);
    return test.start();
  };
  const restoredIds = () => test.restored[0]?.items.map(({ id }) => id);

  it('is restored from without a question, and what is in force still is acknowledged again without an item on the way', async () => {
    await restart();
    expect(test.restored[0]?.state.items.size).toBe(5);
    await advanceUntil(() => acks().length === 2, 1);
    expect(feed.answered.at(-1)).toBe(0);
    expect(test.given.at(-1)?.state).toMatchObject({ changed: [], removed: [] });
  });

  it.each(['', '{"id":', JSON.stringify(bob)])('has one damaged item fetched again alone, and serves the rest until then: %s', async (content) => {
    await restart([orders, content]);
    expect(restoredIds()).toEqual([billing.id, alice.id, policyOn(orders).id]);
    await advanceUntil(() => acks().length === 2, 1);
    expect(test.server.named('item').map(({ url }) => url.pathname.split('/').at(-1))).toEqual([feed.hashOfItem(orders)].map(encodeURIComponent));
    expect(feed.answered.at(-1)).toBe(0);
    expect(test.given.at(-1)?.state.changed).toEqual([orders]);
    expect(await readFile(join(test.stateDir, 'items', fileOf(orders)), 'utf8')).toBe(
      JSON.stringify(orders, Object.keys(orders).sort()).replace('"upstream":{}', `"upstream":${JSON.stringify(orders.upstream)}`),
    );
  });

  it('serves no API whose policy is damaged, and every other', async () => {
    await restart([policyOn(orders), 'torn']);
    expect(restoredIds()).toEqual([billing.id, alice.id]);
    expect(test.restored[0]?.state.items.has(key.id)).toBe(true);
  });

  it('serves no API at all beside a damaged item when its list was written by another', async () => {
    const connection = await test.start();
    await bring(1, alice, key, orders, billing, policyOn(orders));
    await connection.stop({ deregister: false });
    const manifest = join(test.stateDir, 'manifest');
    // Whoever can write here says that the policy is a consumer, which guards nothing.
    const text = (await readFile(manifest, 'utf8')).replace('"kind":"policy"', '"kind":"consumer"');
    await writeFile(manifest, text);
    await writeFile(join(test.stateDir, 'items', fileOf(policyOn(orders))), '');
    await test.start();
    expect(restoredIds()).toEqual([alice.id]);
  });

  it('is given up for the whole state when the damaged item cannot be had alone', async () => {
    test.server.next('item', problem(404));
    await restart([orders, 'torn']);
    await advanceUntil(() => acks().length === 2, 1);
    expect(bases().at(-1)).not.toBeNull();
    expect(bases().filter((base) => base === hashOfNothing)).toHaveLength(2);
    expect(test.given.at(-1)?.state.changed).toEqual([orders]);
  });

  it.each<[string, (text: string) => string]>([
    ['cut short', (text) => text.slice(0, 200)],
    ['changed', (text) => text.replace(/"hash":"sha256:(.)/, '"hash":"sha256:$1$1').replace(/(sha256:[0-9a-f]{64})[0-9a-f]/, '$1')],
    ['empty', () => ''],
  ])('has a manifest that was %s moved aside, and is not an empty configuration', async (_, spoil) => {
    const connection = await test.start();
    await bring(1, alice, orders);
    await connection.stop({ deregister: false });
    const path = join(test.stateDir, 'manifest');
    await writeFile(path, spoil(await readFile(path, 'utf8')));
    const again = await test.start();
    expect(test.restored).toEqual([]);
    expect(again.state().state).toBe('none');
    expect(await readdir(test.stateDir)).toContain('manifest.damaged');
    await advanceUntil(() => again.state().state === 'fresh', 1);
  });
});
