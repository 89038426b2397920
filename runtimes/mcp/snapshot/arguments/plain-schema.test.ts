import { formats } from '@stoa/lib/formats.ts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { isPlainSchema } from './plain-schema.ts';

const ajv = new Ajv2020({ strict: false, strictNumbers: true, ownProperties: true, logger: false, formats });
const isValid = (schema: unknown): boolean => ajv.validate('https://json-schema.org/draft/2020-12/schema', schema);
const isPlain = (schema: Record<string, unknown>): boolean => isPlainSchema(schema, (reference) => reference === '#/$defs/Node');

const everyday = {
  type: 'object',
  title: 'Order',
  properties: {
    id: { type: 'string', minLength: 1, maxLength: 64, format: 'uuid', description: 'Which.', example: 'x' },
    amount: { type: ['number', 'null'], minimum: 0, exclusiveMaximum: 10, multipleOf: 0.5, default: 1 },
    lines: { type: 'array', items: { $ref: '#/$defs/Node' }, minItems: 0, maxItems: 9, uniqueItems: true },
    either: { anyOf: [{ const: 1 }, { enum: ['a', 2, null] }], not: { type: 'boolean' } },
  },
  required: ['id'],
  additionalProperties: false,
  $defs: { Node: { type: 'object', properties: { next: { $ref: '#/$defs/Node' } } } },
};

it('takes everyday schemas without the whole check', () => {
  expect([isPlain(everyday), isValid(everyday)]).toEqual([true, true]);
});

it('never takes what the whole check refuses, whatever stands where', () => {
  const keywords = Object.keys({
    ...everyday,
    ...everyday.properties.id,
    ...everyday.properties.amount,
    ...everyday.properties.lines,
    ...everyday.properties.either,
  });
  const further = ['examples', 'const', 'allOf', 'oneOf', 'prefixItems', 'maximum', 'exclusiveMinimum', 'minProperties', 'pattern', '$id', '$anchor'];
  const values = [
    null,
    true,
    -1,
    0,
    1.5,
    3,
    '',
    'text',
    '#/$defs/None',
    '#/$defs/Node',
    [],
    ['a', 'a'],
    ['a'],
    [1],
    [{}],
    [true],
    {},
    { a: 1 },
    { a: {} },
  ];
  const schemas = [...keywords, ...further].flatMap((keyword) => values.map((value) => ({ [keyword]: value })));
  const nested = schemas.map((schema) => ({ type: 'object', properties: { a: schema } }));
  const plain = [...schemas, ...nested].filter(isPlain);
  expect(plain.length).toBeGreaterThan(100);
  expect(plain.filter((schema) => !isValid(schema))).toEqual([]);
});

it('leaves to the whole check what is deep, large, or refers to what is not there', () => {
  let deep: Record<string, unknown> = {};
  for (let depth = 0; depth < 100; depth += 1) deep = { items: deep };
  expect([isPlain(deep), isPlain({ $ref: '#/$defs/None' }), isPlain({ allOf: Array.from({ length: 20_001 }, () => ({})) })]).toEqual([
    false,
    false,
    false,
  ]);
});
