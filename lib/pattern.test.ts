import { describe, expect, it, vi } from 'vitest';
import { formats } from './formats.ts';
import { compileGlob, compilePattern, patternFault, PatternBudgetExceeded, withPatternAllowance } from './pattern.ts';
import { enginesThatRead } from './testing/engines.ts';

const matches = (pattern: string, text: string): boolean => compilePattern(pattern).test(text);

// How long a program that matches such patterns keeps others waiting is measured by experiments/cases/bad-pattern.ts.
describe('a pattern from outside', () => {
  it.each([
    ['^[A-Z]{3}-\\d{4}$', 'ABC-1234', 'ABC-123'],
    ['^a\\sb$', 'a\u00a0b', 'a_b'],
    ['^[^\\S ]$', '\t', ' '],
    ['^.$', '\u{1F600}', '\u2028'],
    ['^\\u{1F600}$', '\u{1F600}', 'x'],
    ['^[\\u4e00-\\u9fa5]$', '\u4e2d', 'x'],
    ['^\\p{Script=Greek}+$', 'αβγ', 'abc'],
    ['^[\\s\\S]{2}$', '\n\n', '\n'],
    ['^[\\w-.]+$', 'a-.b', 'a b'],
    ['^(?<year>\\d{4})-(\\d\\d)$', '2020-01', '2020-1'],
    ['b$', 'ab', 'ab\n'],
    ['^(?i:ab)$', 'AB', 'AC'],
    ['[^]', '\n', ''],
  ])('%s means what ECMA-262 says', (pattern, right, wrong) => {
    expect([matches(pattern, right), matches(pattern, wrong)]).toEqual([true, false]);
    const native = new RegExp(pattern, pattern.includes('-.') ? '' : 'u');
    expect([native.test(right), native.test(wrong)]).toEqual([true, false]);
  });

  it.each([
    ['(?=a)b', 'looks ahead'],
    ['(?<!a)b', 'looks behind'],
    ['(a)\\1', 'refers back to one of its groups'],
    ['[a', 'is no regular expression of ECMA-262'],
    ['(?P<name>a)', 'is no regular expression of ECMA-262'],
    ['\\A[a-z]+\\z', 'holds \\A, which is no escape of ECMA-262'],
    ['(?:(?:a{100}){100}){100}', 'is larger than 2500 steps once its repetitions are written out'],
    ['a{0,99999}', 'is larger than 2500 steps once its repetitions are written out'],
    [`${'[ab]{900}'.repeat(3)}`, 'is larger than 2500 steps once its repetitions are written out'],
    ['('.repeat(1500) + ')'.repeat(1500), 'is nested too deeply'],
    ['a'.repeat(5000), 'is longer than 4096 characters'],
  ])('%.40s is refused with the reason', (pattern, why) => {
    expect(patternFault(pattern)).toBe(why);
  });

  it('is read once from left to right, where a back-tracking engine would try every way', async () => {
    for (const pattern of ['^(a+)+$', '^(a|aa)+$', '^(a|a)*$', '(x+x+)+y', '^(([a-z])+.)+[A-Z]([a-z])+$', '^(.*?,){11}P']) {
      const pump = pattern.startsWith('(x') ? 'x' : 'a';
      for (const text of [`${pump.repeat(25)}!`, `${pump.repeat(20_000)}!`]) {
        const results: boolean[] = [];
        expect(await enginesThatRead(text, () => results.push(matches(pattern, text)))).toEqual({ linear: 1, native: [] });
        expect(results).toEqual([false]);
      }
    }
  });

  it('is not matched against a text for which that would take long', async () => {
    const text = 'ab'.repeat(50_000);
    const judge = () => expect(() => matches('[ab]{1000}$', text)).toThrow(PatternBudgetExceeded);
    expect(await enginesThatRead(text, judge)).toEqual({ linear: 0, native: [] });
    expect(() => matches('[ab]{1000}$', text)).toThrow('is longer than the 2492 characters for which its pattern can be checked');
  });

  it('has a bound for all values of one check together, and the next check begins anew', async () => {
    const text = 'ab'.repeat(600);
    const check = () => withPatternAllowance(() => Array.from({ length: 2000 }, (_, n) => matches('(?:[ab]{500}|[bc]{400})$', `${text}${n}`)));
    // A clock by which each match takes a millisecond, and an allowance of a hundred.
    let nowMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 1));
    const judge = () => expect(check).toThrow('has more values with patterns than can be checked in one call');
    const { linear } = await enginesThatRead(text, judge);
    clock.mockRestore();
    expect(linear).toBe(101);
    expect(withPatternAllowance(() => matches('^a$', 'a'))).toBe(true);
  });
});

describe('a glob', () => {
  it('takes * for any characters and everything else literally', async () => {
    const glob = compileGlob('/orders/*.{id}+(a)');
    expect([glob.test('/orders/x/y.{id}+(a)'), glob.test('/orders/xZ{id}+(a)'), glob.test('/orders/.{id}+(a)/')]).toEqual([true, false, false]);
    const text = `${'a'.repeat(25)}b`;
    const judge = () => expect(compileGlob('*a'.repeat(12)).test(text)).toBe(false);
    expect(await enginesThatRead(text, judge)).toEqual({ linear: 1, native: [] });
  });
});

describe('formats', () => {
  const check = (name: string, text: string): boolean => {
    const format = formats[name] as ((text: string) => boolean) | { validate: (text: string) => boolean };
    return (typeof format === 'function' ? format : format.validate)(text);
  };

  it.each([
    ['email', 'a.b@c.example.com', 'a@b'],
    ['uri', 'https://a.example/c?d=e#f', '/c'],
    ['uri-reference', '/c?d', 'a b'],
    ['uri-template', '/a/{b}', '/a/{b'],
    ['url', 'https://a.example/', 'a.example'],
    ['hostname', 'a-b.example.com', '-a.example.com'],
    ['ipv4', '192.0.2.1', '192.0.2.256'],
    ['ipv6', '2001:db8::1', '2001:db8:::1'],
    ['uuid', '0b0c5d0e-1111-4222-8333-444455556666', '0b0c5d0e'],
    ['date-time', '2026-11-22T18:24:00Z', '2026-11-22'],
    ['duration', 'P1Y2MT3H', 'P1YT'],
    ['byte', 'aGk=', 'not base64\naGk='],
    ['regex', '^(a+)+$', '[a'],
    ['json-pointer', '/a/~0b', 'a'],
  ])('%s takes %s and refuses %s', (name, right, wrong) => {
    expect([check(name, right), check(name, wrong)]).toEqual([true, false]);
  });

  it('none has the engine of the language try more than one way through a text', async () => {
    const pumps = ['a', '1', '-', '.', 'a.', 'a-', '%41', ':', '0:', '{a}', '@', '\n', '~0', ' ', 'T', '/a'];
    const native = new Set<string>();
    for (const format of Object.values(formats)) {
      const test =
        typeof format === 'function' ? (format as (text: string) => unknown) : (format as { validate?: (text: string) => unknown }).validate;
      if (test === undefined) continue;
      for (const pump of pumps) {
        const text = `${pump.repeat(25)}!`;
        for (const source of (await enginesThatRead(text, () => test(text))).native) native.add(source);
      }
    }
    // None of these repeats what holds a repetition, nor repeats twice, side by side, what may match the same: whoever adds one looks for that.
    expect([...native].sort()).toEqual([
      String.raw`[PT]$`,
      String.raw`^(?:https?|ftp):`,
      String.raw`^(\d\d):(\d\d):(\d\d(?:\.\d+)?)(z|([+-])(\d\d)(?::?(\d\d))?)?$`,
      String.raw`^(\d\d\d\d)-(\d\d)-(\d\d)$`,
      String.raw`^[A-Za-z0-9+/]*={0,2}$`,
      String.raw`^[a-z][a-z0-9+.-]*:`,
      String.raw`t|\s`,
    ]);
  });
});
