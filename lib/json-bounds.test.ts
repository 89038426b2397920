import { describe, expect, it } from 'vitest';
import { boundsCounter, boundsFault } from './json-bounds.ts';

const bounds = { maxDepth: 8, maxKeys: 10, maxValues: 20 };
const faultOf = (text: string) => boundsFault(Buffer.from(text), bounds);
const members = (count: number, name = (index: number) => `k${index}`) =>
  `{${Array.from({ length: count }, (_, index) => `${JSON.stringify(name(index))}:0`).join(',')}}`;

describe('the bounds of a JSON text', () => {
  it.each<[string, string, string | undefined]>([
    ['as many levels as are allowed', `${'['.repeat(8)}${']'.repeat(8)}`, undefined],
    ['one level more', `${'['.repeat(9)}${']'.repeat(9)}`, 'nests deeper than 8 levels'],
    ['levels that are never closed', '{"a":'.repeat(9), 'nests deeper than 8 levels'],
    ['many lists side by side', `[${'[],'.repeat(15)}[]]`, undefined],
    ['as many members as are allowed', members(10), undefined],
    ['one member more', members(11), 'has more than 10 members'],
    ['one name again and again', members(11, () => 'same'), 'has more than 10 members'],
    ['the name of the prototype again and again', members(11, () => '__proto__'), 'has more than 10 members'],
    ['members spread over many objects', `[${Array.from({ length: 11 }, () => '{"a":0}').join()}]`, 'has more than 10 members'],
    ['white space around the colons', members(11).replaceAll(':', ' \n : '), 'has more than 10 members'],
    ['as many elements as are allowed', `[${Array.from({ length: 21 }, () => '1').join()}]`, undefined],
    ['one element more', `[${Array.from({ length: 22 }, () => '1').join()}]`, 'has more than 20 values'],
    ['brackets, colons and commas within a string', JSON.stringify(['[{:,'.repeat(50)]), undefined],
    ['quotes and backslashes within a string', JSON.stringify(['\\"\\\\"[{:,'.repeat(50)]), undefined],
    ['characters of several bytes within a string', JSON.stringify(['Ģ☺𝄞"[['.repeat(50)]), undefined],
    ['a string that never ends', `["${'['.repeat(50)}`, undefined],
    ['what is no JSON', ':'.repeat(11), 'has more than 10 members'],
  ])('for %s', (_what, text, fault) => {
    expect(faultOf(text)).toBe(fault);
  });

  it('may hold the members of the outermost object alone, whatever those within it have', () => {
    const ofOuter = (text: string) => boundsFault(Buffer.from(text), { maxDepth: 8, maxKeys: 100, maxValues: 100, maxOuterKeys: 3 });
    expect(ofOuter(`{"a":${members(20)},"b":[${members(20)}],"c":0}`)).toBeUndefined();
    expect(ofOuter(`[${members(20)}]`)).toBeUndefined();
    expect(ofOuter(members(4))).toBe('has more than 3 members beside one another');
  });
});

it('counts the same in pieces, wherever they are cut', () => {
  const text = Buffer.from(String.raw`{"a\"{":["\\",{"é":1}],"b":"\\\"[[","c":{}}`);
  JSON.parse(text.toString());
  for (const [maxDepth, maxKeys, maxValues] of [
    [3, 4, 3],
    [2, 4, 3],
    [3, 3, 3],
    [3, 4, 2],
  ] as const) {
    const bounds = { maxDepth, maxKeys, maxValues };
    const whole = boundsFault(text, bounds);
    for (let length = 1; length < text.length; length += 1) {
      const count = boundsCounter(bounds);
      let fault: string | undefined;
      for (let from = 0; from < text.length && fault === undefined; from += length) fault = count(text.subarray(from, from + length));
      expect([length, fault]).toEqual([length, whole]);
    }
  }
});
