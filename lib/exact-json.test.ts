import { describe, expect, it } from 'vitest';
import { ExactNumber, findBeyondDouble, parseExactJson, withoutLoneSurrogates } from './exact-json.ts';

describe('parsing JSON without rounding', () => {
  it.each([
    '9007199254740993',
    '-9007199254740993',
    '1234567890123456789012345678901234567890',
    '0.1234567890123456789012345',
    '12345678.123456789',
    '1e400',
    '-1E+400',
    '1e-400',
    '-0',
    '-0.0',
    '-0e5',
    `1${'0'.repeat(5000)}1`,
  ])('writes %s again as it was read', (number) => {
    for (const text of [number, `[${number}]`, `{"a":[1,{"b":${number}}],"c":"${number}"}`]) {
      const { value, isExact } = parseExactJson(text);
      expect(JSON.stringify(value)).toBe(text);
      expect(isExact).toBe(true);
    }
  });

  it.each(['0', '7', '-0.5', '9007199254740992', '1e5', '1E21', '0.30', '1.5e-300', '51.50735091234567', '"9007199254740993"', '"-0"', 'true'])(
    'leaves %s to JavaScript',
    (text) => {
      expect(parseExactJson(text)).toEqual({ value: JSON.parse(text) as unknown, isExact: false });
    },
  );

  it.each(['{9007199254740993:1}', '00012345678901234567', '[1.2.3.4.5.6.7.8.9]', '1e400e400', '12345678901234567-', '"a"9007199254740993', '-'])(
    'refuses %s as JSON.parse does',
    (text) => {
      expect(() => parseExactJson(text)).toThrow(SyntaxError);
    },
  );

  it('keeps a member called __proto__, and escaped quotes before a number', () => {
    const text = '{"__proto__":9007199254740993,"a\\\\\\"":9007199254740993}';
    expect(JSON.stringify(parseExactJson(text).value)).toBe(text);
  });

  it('does not run out of stack', () => {
    const depth = 100_000;
    let { value } = parseExactJson(`${'['.repeat(depth)}9007199254740993${']'.repeat(depth)}`);
    while (Array.isArray(value)) value = value[0] as unknown;
    expect(value).toEqual(new ExactNumber('9007199254740993'));
  });
});

it('finds the number that is beyond every double', () => {
  expect(findBeyondDouble('{"a":[9007199254740993,1e308,"1e400"],"b":-1e400}')).toBe('-1e400');
  expect(findBeyondDouble('{"a":[1e-400,"1e400",1.7e308]}')).toBeUndefined();
});

it.each([
  ['"\\ud800"', '"\\ufffd"'],
  ['"\\uDC00 a"', '"\\ufffd a"'],
  ['"\\ud83d\\ude00"', '"\\ud83d\\ude00"'],
  ['"\\ud83d\\ud83d\\ude00"', '"\\ufffd\\ud83d\\ude00"'],
  ['"\\\\ud800"', '"\\\\ud800"'],
  ['"\\\\\\ud800"', '"\\\\\\ufffd"'],
  ['{"\\ud800":1}', '{"\\ufffd":1}'],
])('makes %s well-formed: %s', (text, expected) => {
  expect(withoutLoneSurrogates(text)).toBe(expected);
});
