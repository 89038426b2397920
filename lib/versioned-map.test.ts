import { expect, it } from 'vitest';
import { VersionedMap } from './versioned-map.ts';

const contentOf = (map: ReadonlyMap<string, number>) => new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)));

it('every version goes on saying what it said, however many came after it', () => {
  const map = new VersionedMap<string, number>();
  const plain = new Map<string, number>();
  const versions: { version: ReadonlyMap<string, number>; expected: Map<string, number> }[] = [];
  for (let round = 0; round < 40; round += 1) {
    for (let step = 0; step < 5; step += 1) {
      const key = `key-${(round * 7 + step * 3) % 23}`;
      if ((round + step) % 3 === 0) {
        map.delete(key);
        plain.delete(key);
      } else {
        map.set(key, round);
        plain.set(key, round);
      }
    }
    versions.push({ version: map.publish(), expected: new Map(plain) });
  }
  for (const { version, expected } of versions) {
    expect(contentOf(version)).toEqual(contentOf(expected));
    expect(version.size).toBe(expected.size);
    expect([...version.keys()].sort()).toEqual([...expected.keys()].sort());
    expect([...version.values()]).toHaveLength(expected.size);
    for (let key = 0; key < 23; key += 1) {
      const name = `key-${key}`;
      expect([version.has(name), version.get(name)]).toEqual([expected.has(name), expected.get(name)]);
    }
  }
});

it('is the same version until something is written that differs', () => {
  const map = new VersionedMap<string, number>();
  map.set('a', 1);
  const first = map.publish();
  map.set('a', 1);
  map.delete('b');
  expect(map.publish()).toBe(first);
  map.set('a', 2);
  expect(map.get('a')).toBe(2);
  expect([first.get('a'), map.publish().get('a'), first.get('a')]).toEqual([1, 2, 1]);
});

it('what is being written is not in what was published', () => {
  const map = new VersionedMap<string, number>();
  const empty = map.publish();
  map.set('a', 1);
  expect([empty.size, empty.has('a'), [...empty]]).toEqual([0, false, []]);
});
