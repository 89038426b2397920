import { describe, expect, it } from 'vitest';
import { canonicalHash, canonicalJson } from './canonical-json.ts';

describe('canonical JSON', () => {
  it('sorts members by UTF-16 code units, as the example of RFC 8785 §3.2.3 does', () => {
    const value = { '\u20ac': 'Euro', '\r': 'CR', '\ufb33': 'Dalet', '1': 'One', '\u{1f600}': 'Grin', '\u0080': 'Control', '\u00f6': 'O' };
    const order = [...canonicalJson(value).matchAll(/:"([A-Za-z]+)"/g)].map((match) => match[1]);
    expect(order).toEqual(['CR', 'One', 'Control', 'O', 'Euro', 'Grin', 'Dalet']);
  });

  it('writes literals, numbers and strings as the example of RFC 8785 §3.2.2 does', () => {
    const value = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '€$\u000f\nA\'B"\\\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('is the same text whatever order the members came in, at every depth', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: {} })).toBe(canonicalJson({ a: {}, b: [{ c: 2, d: 1 }] }));
  });

  it('leaves undefined members out, as sending them over the wire does', () => {
    const value = { a: 1, b: undefined, c: [undefined] };
    expect(canonicalJson(value)).toBe(canonicalJson(JSON.parse(JSON.stringify(value))));
  });

  it('refuses what JSON cannot hold', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 1, 1n]) expect(() => canonicalJson(value)).toThrow(TypeError);
  });

  it('hashes an empty list of items to the value that the contract gives as its example', () => {
    expect(canonicalHash([])).toBe('sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945');
  });
});
