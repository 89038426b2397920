import { describe, expect, it } from 'vitest';
import { formats } from './formats.ts';
import { compileGlob, compilePattern, patternFault, PatternBudgetExceeded, withPatternAllowance } from './pattern.ts';

const matches = (pattern: string, text: string): boolean => compilePattern(pattern).test(text);
const milliseconds = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

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

  it('is read once from left to right, where a back-tracking engine would try every way', () => {
    for (const pattern of ['^(a+)+$', '^(a|aa)+$', '^(a|a)*$', '(x+x+)+y', '^(([a-z])+.)+[A-Z]([a-z])+$', '^(.*?,){11}P']) {
      const pump = pattern.startsWith('(x') ? 'x' : 'a';
      expect(milliseconds(() => expect(matches(pattern, `${pump.repeat(25)}!`)).toBe(false))).toBeLessThan(250);
      expect(milliseconds(() => expect(matches(pattern, `${pump.repeat(20_000)}!`)).toBe(false))).toBeLessThan(250);
    }
  });

  it('is not matched against a text for which that would take long', () => {
    expect(() => matches('[ab]{1000}$', 'ab'.repeat(50_000))).toThrow(PatternBudgetExceeded);
    expect(() => matches('[ab]{1000}$', 'ab'.repeat(50_000))).toThrow('is longer than the 2492 characters for which its pattern can be checked');
  });

  it('has a bound for all values of one check together, and the next check begins anew', () => {
    const check = () =>
      withPatternAllowance(() => Array.from({ length: 2000 }, (_, n) => matches('(?:[ab]{500}|[bc]{400})$', `${'ab'.repeat(600)}${n}`)));
    expect(milliseconds(() => expect(check).toThrow('has more values with patterns than can be checked in one call'))).toBeLessThan(1000);
    expect(withPatternAllowance(() => matches('^a$', 'a'))).toBe(true);
  });
});

describe('a glob', () => {
  it('takes * for any characters and everything else literally', () => {
    const glob = compileGlob('/orders/*.{id}+(a)');
    expect([glob.test('/orders/x/y.{id}+(a)'), glob.test('/orders/xZ{id}+(a)'), glob.test('/orders/.{id}+(a)/')]).toEqual([true, false, false]);
    expect(milliseconds(() => expect(compileGlob('*a'.repeat(12)).test(`${'a'.repeat(25)}b`)).toBe(false))).toBeLessThan(250);
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

  it('none takes long for a text made to be ambiguous', () => {
    const pumps = ['a', '1', '-', '.', 'a.', 'a-', '%41', ':', '0:', '{a}', '@', '\n', '~0', ' ', 'T', '/a'];
    for (const [name, format] of Object.entries(formats)) {
      const test =
        typeof format === 'function' ? (format as (text: string) => unknown) : (format as { validate?: (text: string) => unknown }).validate;
      if (test === undefined) continue;
      for (const size of [25, 3000]) {
        const used = milliseconds(() => pumps.forEach((pump) => test(`${pump.repeat(size).slice(0, size)}!`)));
        expect(used, `${name} with ${size} characters`).toBeLessThan(1500);
      }
    }
  });
});
