import fc from 'fast-check';
import { expect, it } from 'vitest';
import { argumentWords, wordsOf } from './argument-words.ts';
import { lazyValidator } from './arguments.ts';

/** Words of the validator, which say what it found and not what to send. */
const rawWords =
  /must NOT|must match|allowed value|equal to constant|schema in|must pass|must be (string|integer|object|array|boolean|number|null)\b|must be [<>]|valid item|property name|boolean schema/;

const fewest = { minLength: 2, minItems: 2, minProperties: 2 };
/** For each keyword a schema that has it, a value that it refuses, and what is said of that. */
const refused: Readonly<Record<string, readonly [schema: object, value: unknown, words: string]>> = {
  type: [{ type: ['integer', 'null'] }, 'x', 'must be a whole number or null'],
  enum: [{ enum: ['a', 2] }, 'x', 'must be one of "a", 2'],
  const: [{ const: { a: 1 } }, 'x', 'must be {"a":1}'],
  minimum: [{ minimum: 1 }, 0, 'must be at least 1'],
  maximum: [{ maximum: 1 }, 2, 'must be at most 1'],
  exclusiveMinimum: [{ exclusiveMinimum: 1 }, 1, 'must be more than 1'],
  exclusiveMaximum: [{ exclusiveMaximum: 1 }, 1, 'must be less than 1'],
  multipleOf: [{ multipleOf: 0.01 }, 0.001, 'must be a multiple of 0.01'],
  minLength: [{ minLength: 1 }, '', 'must not be empty'],
  maxLength: [{ maxLength: 1 }, 'xy', 'must have at most 1 character'],
  pattern: [{ pattern: '^a+$' }, 'x', 'must be of the form ^a+$'],
  format: [{ format: 'uuid' }, 'x', 'must be a UUID such as 5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11'],
  minItems: [fewest, [1], 'must have at least 2 entries'],
  maxItems: [{ maxItems: 1 }, [1, 2], 'must have at most 1 entry'],
  items: [{ prefixItems: [{}], items: false }, [1, 2], 'must have at most 1 entry'],
  unevaluatedItems: [{ prefixItems: [{}], unevaluatedItems: false }, [1, 2], 'must have at most 1 entry'],
  uniqueItems: [{ uniqueItems: true }, [1, 1], 'must not hold the same entry twice'],
  contains: [{ contains: { const: 2 } }, [1], 'must have at least 1 entry of those that the schema of the tool names'],
  minProperties: [fewest, { a: 1 }, 'must have at least 2 members'],
  maxProperties: [{ maxProperties: 0 }, { a: 1 }, 'must have at most 0 members'],
  required: [{ required: ['b'] }, { a: 1 }, 'is required'],
  dependentRequired: [{ dependentRequired: { a: ['b'] } }, { a: 1 }, 'is required where a is given'],
  additionalProperties: [{ additionalProperties: false }, { a: 1 }, 'is not an argument of this tool'],
  unevaluatedProperties: [{ unevaluatedProperties: false }, { a: 1 }, 'is not an argument of this tool'],
  propertyNames: [{ propertyNames: { pattern: '^b' } }, { a: 1 }, 'must not have a member named a'],
  not: [{ not: { const: 1 } }, 1, 'must not be what the schema of the tool excludes'],
  anyOf: [{ anyOf: [{ const: 1 }] }, 2, 'must be one of the forms that the schema of the tool names'],
  oneOf: [{ oneOf: [{ minimum: 1 }, { minimum: 2 }] }, 3, 'must be only one of the forms that the schema of the tool names, and is several'],
  if: [{ if: { minimum: 1 }, then: { const: 5 } }, 2, 'must be what the schema of the tool says for this case'],
  'false schema': [{ properties: { a: false } }, { a: 1 }, 'must not be given'],
};
const told = (schema: object, args: Record<string, unknown>): string[] =>
  lazyValidator({ type: 'object', ...schema })(args).map(({ message }) => message);

it('of every keyword is said what stands there when it is right, in no words of the validator', () => {
  // Of a revision before 2020-12, whose words are there in case.
  expect([...Object.keys(refused), 'additionalItems'].sort()).toEqual(Object.keys(argumentWords).sort());
  for (const [keyword, [schema, value, words]] of Object.entries(refused))
    expect(told({ properties: { at: schema } }, { at: value }), keyword).toContain(words);
  expect(wordsOf({ keyword: 'newer', params: {} })).toBe('is not what the schema of the tool says');
});

it('wherever in the arguments the fault is, and of whatever length what is quoted of a schema', () => {
  const place = fc.array(fc.constantFrom('properties', 'items'), { maxLength: 4 });
  const within = (path: readonly string[], schema: object): object =>
    path.reduceRight((inner, step) => (step === 'items' ? { type: 'array', items: inner } : { properties: { a: inner } }), schema);
  const around = (path: readonly string[], value: unknown): unknown =>
    path.reduceRight((inner, step) => (step === 'items' ? [inner] : { a: inner }), value);
  fc.assert(
    fc.property(place, fc.constantFrom(...Object.values(refused)), ([...path], [schema, value]) => {
      const messages = told({ properties: { at: within(path, schema) } }, { at: around(path, value) });
      expect(messages.length).toBeGreaterThan(0);
      for (const message of messages) expect(message).not.toMatch(rawWords);
    }),
    { numRuns: 100 },
  );
  const long = told({ properties: { a: { enum: Array.from({ length: 500 }, (_, n) => `value ${n}`) } } }, { a: 'x' });
  expect(long[0]?.length).toBeLessThan(400);
});
