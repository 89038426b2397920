import { expect, it } from 'vitest';
import { lastOf, memoOf } from './memo.ts';

it('keeps answers for short texts, and no more than so many', () => {
  const asked: string[] = [];
  const memo = memoOf((text) => (asked.push(text), text === 'none' ? undefined : text.length), { most: 2, maxChars: 4 });
  for (const text of ['a', 'a', 'none', 'none', 'longer', 'longer']) expect(memo(text)).toBe(text === 'none' ? undefined : text.length);
  expect(asked).toEqual(['a', 'none', 'longer', 'longer']);
  memo('b');
  memo('a');
  expect(asked.slice(4)).toEqual(['b', 'a']);
});

it('keeps the last answer', () => {
  const asked: string[] = [];
  const last = lastOf((text) => (asked.push(text), text.length));
  for (const text of ['ab', 'ab', 'c', 'ab']) expect(last(text)).toBe(text.length);
  expect(asked).toEqual(['ab', 'c', 'ab']);
});
