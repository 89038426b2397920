import fc from 'fast-check';
import { expect } from 'vitest';
import type { Capabilities } from '../engine/capabilities.ts';
import { gatewayId } from '../testing/config.ts';
import { guardsOf, itemsOf, platforms } from './platforms.ts';
import type { Platform } from './platforms.ts';
import { connectTo } from './run.ts';
import type { FaultKind, LawBench, LawSubject } from './subject.ts';

type Scene = { readonly bench: LawBench; readonly subject: LawSubject; readonly capabilities: Capabilities };
/** A law is a property over generated platforms and faults. */
export type Law = (scene: Scene) => fc.IAsyncPropertyWithHooks<unknown>;

const otherGateway = '6c2b1f1b-8f2f-4b4a-8e5f-4f9e7a6c1d22';
/** How much that is not ours is there: something always. */
const seeds = fc.integer({ min: 1, max: 3 });

/** What every adapter has to hold, by the words that the issue of a broken one would be filed under. */
export const laws: Readonly<Record<string, Law>> = {
  'diff(apply(x)) is empty': ({ bench, capabilities }) =>
    law(bench, [platforms(capabilities)], async (platform) => {
      const adapter = bench.adapter();
      const result = await connectTo(adapter).pass(itemsOf(platform));
      expect(result.outcome.items.filter(({ state }) => state === 'rejected')).toEqual([]);
      // Somebody who remembers nothing finds nothing to do.
      const again = await connectTo(adapter).pass(itemsOf(platform));
      adapter.close();
      expect(again.writes).toEqual([]);
      expect(again.drift).toEqual([]);
    }),

  'a second run writes nothing': ({ bench, capabilities }) =>
    law(bench, [platforms(capabilities)], async (platform) => {
      const adapter = bench.adapter();
      const connect = connectTo(adapter);
      await connect.pass(itemsOf(platform));
      bench.writes();
      for (const byDifference of [true, false]) await connect.pass(itemsOf(platform), { byDifference });
      adapter.close();
      expect(bench.writes()).toBe(0);
    }),

  'what is not ours is byte-equal afterwards': ({ bench, subject, capabilities }) =>
    law(bench, [platforms(capabilities), platforms(capabilities), seeds, faultIn(subject)], async (before, after, seed, fault) => {
      await bench.plantForeign(seed);
      const foreign = await bench.foreign([gatewayId]);
      const adapter = bench.adapter();
      const connect = connectTo(adapter);
      await connect.pass(itemsOf(before));
      bench.fail(fault.nth, fault.kind);
      await connect.pass(itemsOf(after));
      await connect.pass([]);
      adapter.close();
      expect(await bench.foreign([gatewayId])).toBe(foreign);
    }),

  'there is no moment in which an API is reachable without its policies': ({ bench, subject, capabilities }) =>
    law(bench, [platforms(capabilities), platforms(capabilities), faultIn(subject), fc.boolean()], async (before, after, fault, killed) => {
      const adapter = bench.adapter();
      const connect = connectTo(adapter);
      await connect.pass(itemsOf(before));
      const open: string[] = [];
      bench.watch(() => void Promise.resolve(bench.exposed(gatewayId)).then((exposed) => open.push(...unguarded(exposed, before, after))));
      let asked = 0;
      if (killed) await connect.pass(itemsOf(after), { killed, shouldStop: () => (asked += 1) > fault.nth });
      else {
        bench.fail(fault.nth, fault.kind);
        await connect.pass(itemsOf(after));
      }
      bench.watch(undefined);
      adapter.close();
      expect([...open, ...unguarded(await bench.exposed(gatewayId), before, after)]).toEqual([]);
    }),

  'after any fault the next pass converges': ({ bench, subject, capabilities }) =>
    law(bench, [platforms(capabilities), platforms(capabilities), faultIn(subject), fc.boolean()], async (before, after, fault, killed) => {
      const adapter = bench.adapter();
      const connect = connectTo(adapter);
      await connect.pass(itemsOf(before));
      bench.fail(fault.nth, fault.kind);
      await connect.pass(itemsOf(after), { killed });
      bench.heal();
      const healed = await connect.pass(itemsOf(after));
      expect(healed.outcome.state).not.toBe('rejected');
      expect(healed.outcome.items.filter(({ state }) => state === 'rejected')).toEqual([]);
      bench.writes();
      await connect.pass(itemsOf(after));
      adapter.close();
      expect(bench.writes()).toBe(0);
      expect(missing(await bench.exposed(gatewayId), after)).toEqual([]);
    }),

  'deletion deletes all of ours and only ours': ({ bench, capabilities }) =>
    law(bench, [platforms(capabilities), seeds, fc.boolean()], async (platform, seed, forgets) => {
      const empty = await bench.ours(gatewayId);
      await bench.plantForeign(seed);
      const foreign = await bench.foreign([gatewayId]);
      const adapter = bench.adapter();
      const connect = connectTo(adapter);
      await connect.pass(itemsOf(platform));
      await (forgets ? connectTo(adapter) : connect).pass([]);
      adapter.close();
      expect(await bench.ours(gatewayId)).toBe(empty);
      expect(await bench.foreign([gatewayId])).toBe(foreign);
    }),

  'the order of inputs does not matter': ({ bench, capabilities }) =>
    law(bench, [shuffled(platforms(capabilities))], async ({ items, other }) => {
      const adapter = bench.adapter();
      await connectTo(adapter).pass(items);
      const first = await bench.ours(gatewayId);
      await bench.reset();
      await connectTo(adapter).pass(other);
      adapter.close();
      expect(await bench.ours(gatewayId)).toBe(first);
    }),

  'two Connects never fight': ({ bench, capabilities }) =>
    law(bench, [platforms(capabilities), platforms(capabilities)], async (mine, theirs) => {
      const adapters = [bench.adapter(), bench.adapter()] as const;
      const [one, two] = [connectTo(adapters[0]), connectTo(adapters[1], otherGateway)];
      await one.pass(itemsOf(mine));
      await two.pass(itemsOf(theirs));
      // What the one was refused for the sake of the other stays refused, and nobody writes.
      await one.pass(itemsOf(mine));
      bench.writes();
      for (const [connect, platform] of [
        [one, mine],
        [two, theirs],
        [one, mine],
      ] as const)
        await connect.pass(itemsOf(platform));
      for (const adapter of adapters) adapter.close();
      expect(bench.writes()).toBe(0);
    }),

  'a lease lost means no further write': ({ bench, capabilities }) =>
    law(bench, [platforms(capabilities), platforms(capabilities), fc.nat(12)], async (before, after, granted) => {
      const adapter = bench.adapter();
      const connect = connectTo(adapter);
      await connect.pass(itemsOf(before));
      bench.writes();
      let asked = 0;
      await connect.pass(itemsOf(after), { shouldStop: () => (asked += 1) > granted });
      adapter.close();
      expect(bench.writes()).toBeLessThanOrEqual(granted);
    }),
};

/** Each case begins with an empty gateway, and leaves no fault behind. */
function law<T extends [unknown, ...unknown[]]>(
  bench: LawBench,
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  holds: (...values: T) => Promise<void>,
): fc.IAsyncPropertyWithHooks<unknown> {
  const fresh = async (): Promise<void> => {
    bench.heal();
    bench.watch(undefined);
    await bench.reset();
    bench.writes();
  };
  // fast-check types its properties by the number of their arbitraries, which are as many as there are values.
  const property = fc.asyncProperty(fc.tuple(...arbitraries), (values) => holds(...(values as T)));
  return property.beforeEach(fresh);
}

const faultIn = ({ faults }: LawSubject): fc.Arbitrary<{ nth: number; kind: FaultKind }> =>
  fc.record({ nth: fc.integer({ min: 1, max: 12 }), kind: fc.constantFrom(...faults) });

const shuffled = (platform: fc.Arbitrary<Platform>) =>
  platform.chain((chosen) => {
    const items = itemsOf(chosen);
    return fc.shuffledSubarray(items, { minLength: items.length, maxLength: items.length }).map((other) => ({ items, other }));
  });

/**
 * What is open and should not be. On the way from one platform to another an API keeps the policies that both have; one that is new has all of its own from its
 * first moment, and one that goes has all of its own to its last.
 */
function unguarded(exposed: Awaited<ReturnType<LawBench['exposed']>>, before: Platform, after: Platform): string[] {
  return exposed.flatMap(({ api, guards }) => {
    const [old, fresh] = [guardsOf(before, api), guardsOf(after, api)];
    const wanted = old === undefined ? (fresh ?? []) : fresh === undefined ? old : old.filter((kind) => fresh.includes(kind));
    const lacking = wanted.filter((kind) => !guards.includes(kind));
    return lacking.length === 0 ? [] : [`${api} without ${lacking.join(', ')}`];
  });
}

/** What should be reachable with all of its policies and is not. */
function missing(exposed: Awaited<ReturnType<LawBench['exposed']>>, platform: Platform): string[] {
  return platform.apis.flatMap(({ name, policies }) => {
    const found = exposed.find(({ api }) => api === name);
    if (found === undefined) return [name];
    const lacking = policies.filter(({ kind }) => !found.guards.includes(kind));
    return lacking.map(({ kind }) => `${name} without ${kind}`);
  });
}
