import { enginesThatRead } from '@stoa/lib/testing/engines.ts';
import { describe, expect, it } from 'vitest';
import { lazyValidator } from './arguments.ts';

// How long a Gateway that checks such arguments keeps others waiting is measured by experiments/cases/bad-pattern.ts.

const textSchema = (schema: Record<string, unknown>) => ({ type: 'object', properties: { a: schema } });
const faults = (schema: Record<string, unknown>, args: Record<string, unknown>) => lazyValidator(schema)(args);
const takes = (schema: Record<string, unknown>, args: Record<string, unknown>): boolean => faults(schema, args).length === 0;
const lookAhead = '^(?=.*[0-9]).+$';

describe('alternatives within alternatives', () => {
  /** Which of the two it is, the end of the value tells: each level is looked at by both, which look at the next one by both. */
  const Node = { anyOf: ['a', 'b'].map((last) => ({ type: 'object', properties: { next: { $ref: '#/$defs/Node' }, last: { const: last } } })) };
  const schema = { ...textSchema({ $ref: '#/$defs/Node' }), $defs: { Node } };
  const nested = (levels: number): object => (levels === 0 ? { last: 'c' } : { next: nested(levels - 1) });

  it('are checked as far as a bounded number of steps goes, and refused beyond it', () => {
    expect(faults(schema, { a: nested(5) }).at(-1)?.message).toMatch(/^and \d+ more$/);
    expect(faults(schema, { a: nested(18) })).toEqual([
      { pointer: '', message: expect.stringContaining('takes too many steps to check: alternatives within alternatives') },
    ]);
  });

  it('are bounded where nothing leads back, too', () => {
    const levels = Array.from({ length: 18 }, (_, n) => [`L${n}`, { allOf: [{ $ref: `#/$defs/L${n + 1}` }, { $ref: `#/$defs/L${n + 1}` }] }]);
    const $defs = Object.fromEntries([...levels, ['L18', { type: 'string' }]]) as Record<string, unknown>;
    expect(faults({ ...textSchema({ $ref: '#/$defs/L0' }), $defs }, { a: 'x' })[0]?.message).toContain('too many steps');
    expect(faults({ ...textSchema({ $ref: '#/$defs/L9' }), $defs }, { a: 'x' })).toEqual([]);
  });

  it('leave what many values need, and do not count what only has the name of a reference', () => {
    const Item = { type: 'object', properties: { id: { $ref: '#/$defs/Id' }, $ref: { type: 'string' }, more: { const: { $ref: '#/$defs/Id' } } } };
    const items = { type: 'array', items: { anyOf: [{ $ref: '#/$defs/Other' }, { $ref: '#/$defs/Item' }] } };
    const $defs = { Item, Id: { anyOf: [{ type: 'string' }, { $ref: '#/$defs/Other' }] }, Other: { type: 'integer' } };
    const many = Array.from({ length: 40_000 }, (_, n) => ({ id: n, $ref: 'x', more: { $ref: '#/$defs/Id' } }));
    expect(faults({ ...textSchema(items), $defs }, { a: many })).toEqual([]);
    expect(faults({ ...textSchema(items), $defs }, { a: [...many, { id: true }] })[0]?.pointer).toBe('/a/40000');
  });
});

describe('the patterns of a tool', () => {
  it('are enforced as JSON Schema says', () => {
    expect(faults(textSchema({ pattern: '^[A-Z]{3}$' }), { a: 'abc' })).toEqual([{ pointer: '/a', message: 'must be of the form ^[A-Z]{3}$' }]);
    expect(takes({ type: 'object', patternProperties: { '^x-': { type: 'string' } }, additionalProperties: false }, { 'x-a': 'b' })).toBe(true);
    expect(takes({ type: 'object', patternProperties: { '^x-': { type: 'string' } }, additionalProperties: false }, { 'x-a': 1 })).toBe(false);
  });

  it.each<[string, Record<string, unknown>]>([
    ...['^(a+)+$', '^(a|aa)+$', '^([a-z]+\\d?)*!$', '^(a?){30}a{30}$'].map((pattern): [string, Record<string, unknown>] => [pattern, { pattern }]),
    ['names of properties', { type: 'object', patternProperties: { '^(a+)+$': false }, minProperties: 2 }],
  ])('are matched by the linear engine, however they are nested: %s', async (_what, schema) => {
    const text = `${'a'.repeat(25)}?`;
    const judge = () => expect(takes(textSchema(schema), { a: 'pattern' in schema ? text : { [text]: 1 } })).toBe(false);
    const { linear, native } = await enginesThatRead(text, judge);
    expect([linear > 0, native]).toEqual([true, []]);
  });

  it('that are arguments themselves are read and not matched', () => {
    expect(takes(textSchema({ format: 'regex' }), { a: '^(a+)+$' })).toBe(true);
  });

  it('refuse a text that is too long for them, and say so', () => {
    expect(faults(textSchema({ pattern: '[ab]{1000}$' }), { a: 'ab'.repeat(50_000) })).toEqual([
      { pointer: '', message: 'is longer than the 2492 characters for which its pattern can be checked' },
    ]);
  });

  it('are left out where a linear engine cannot match them, and the rest is enforced', () => {
    const schema = textSchema({ type: 'string', maxLength: 3, pattern: lookAhead });
    expect([takes(schema, { a: 'abc' }), takes(schema, { a: 'abcd' }), takes(schema, { a: 1 })]).toEqual([true, false, false]);
  });
});

it('a list of many objects is looked through once for duplicates', () => {
  let reads = 0;
  const many = Array.from({ length: 1000 }, (_, n) => ({
    a: 1,
    get n() {
      reads += 1;
      return n;
    },
  }));
  expect(takes(textSchema({ type: 'array', uniqueItems: true }), { a: many })).toBe(true);
  // Whoever compared each with each would read them half a million times.
  expect(reads).toBe(1000);
  expect(
    faults(textSchema({ uniqueItems: true }), {
      a: [
        { x: 1, y: 2 },
        { y: 2, x: 1 },
      ],
    }),
  ).toEqual([{ pointer: '/a', message: 'must not hold the same entry twice' }]);
  expect(takes(textSchema({ uniqueItems: true }), { a: [1, '1', true, null, [1], { 0: 1 }] })).toBe(true);
});

describe('a pattern that is left out never makes a tool refuse what it took', () => {
  it.each<[string, Record<string, unknown>, unknown]>([
    ['below not', { not: { pattern: lookAhead } }, 'abc'],
    ['below oneOf', { oneOf: [{ pattern: lookAhead }, { pattern: '^[a-z]+$' }] }, 'abc'],
    ['below if', { if: { pattern: lookAhead }, then: { minLength: 5 } }, 'abc'],
    ['below a counted contains', { contains: { pattern: lookAhead }, maxContains: 1 }, ['a', 'b', '1']],
    ['in a definition below oneOf', { oneOf: [{ $ref: '#/$defs/Digit' }, { pattern: '^[a-z]+$' }] }, 'abc'],
    ['in a definition of a definition below not', { not: { $ref: '#/$defs/Again' } }, 'abc'],
    ['in the name of properties', { type: 'object', patternProperties: { [lookAhead]: { type: 'number' } }, additionalProperties: false }, { a1: 2 }],
    ['in the name of properties of a part', { allOf: [{ patternProperties: { [lookAhead]: true } }], unevaluatedProperties: false }, { a1: 2 }],
  ])('%s', (_where, schema, value) => {
    const $defs = { Digit: { pattern: lookAhead }, Again: { allOf: [{ $ref: '#/$defs/Digit' }] } };
    expect(takes({ ...textSchema(schema), $defs }, { a: value })).toBe(true);
  });

  it('and what has the name of a keyword only is no pattern', () => {
    const schema = {
      type: 'object',
      properties: { pattern: { type: 'string', enum: ['a'], default: { pattern: lookAhead } }, not: { type: 'number' } },
    };
    expect([takes(schema, { pattern: 'a', not: 1 }), takes(schema, { pattern: 'b' }), takes(schema, { not: 'x' })]).toEqual([true, false, false]);
  });
});
