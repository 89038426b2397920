import { expect, it } from 'vitest';
import { changesByName, differencesOf } from './differences.ts';

it('tells where two documents differ, by pointer', () => {
  const before = { info: { title: 'Orders', version: '1' }, paths: { '/orders': { get: {} }, '/old': {} } };
  const after = { info: { title: 'Orders', version: '2' }, paths: { '/orders': { get: {} } }, servers: [{ url: 'x' }] };
  expect(differencesOf(before, after)).toEqual([
    { pointer: '/info/version', change: 'changed', before: '1', after: '2' },
    { pointer: '/paths/~1old', change: 'removed', before: {} },
    { pointer: '/servers', change: 'added', after: [{ url: 'x' }] },
  ]);
  expect(differencesOf(after, structuredClone(after))).toEqual([]);
});

it('ends where nobody reads on, however much differs', () => {
  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`k${at}`, at]));
  expect(differencesOf({}, many).length).toBe(300);
});

it('tells which of named things came, went and changed', () => {
  const before = [
    { n: 'a', v: 1 },
    { n: 'b', v: 1 },
    { n: 'c', v: 1 },
  ];
  const after = [
    { n: 'b', v: 2 },
    { n: 'c', v: 1 },
    { n: 'd', v: 1 },
  ];
  expect(changesByName(before, after, ({ n }) => n)).toEqual({ added: ['d'], removed: ['a'], changed: ['b'] });
});
