import { parseExactJson } from '@stoa/lib/exact-json.ts';
import { expect, it } from 'vitest';
import { lazyValidator } from './arguments.ts';

function judge(schema: object, number: string): readonly string[] {
  const { value, isExact } = parseExactJson(`{"n":${number}}`);
  return lazyValidator({ type: 'object', properties: { n: schema } })(value as Record<string, unknown>, isExact).map(({ message }) => message);
}

it.each([
  [{ type: 'integer' }, '9007199254740993'],
  [{ type: 'integer' }, '1e400'],
  [{ type: 'integer' }, '-0'],
  [{ type: 'integer', format: 'int64' }, '9223372036854775807'],
  [{ type: 'integer', format: 'int64' }, '-9223372036854775808'],
  [{ type: 'number', format: 'double' }, '0.1234567890123456789'],
  [{ type: 'number', maximum: 9007199254740992 }, '9007199254740991'],
  [{ type: 'integer', minimum: 9007199254740992 }, '9007199254740993'],
  [{ exclusiveMaximum: 1 }, '0.99999999999999999999'],
  [{ exclusiveMinimum: 0 }, '1e-400'],
  [{ minimum: 0 }, '-0'],
  [{ multipleOf: 3 }, '9007199254740993'],
  [{ multipleOf: 0.01 }, '19.99'],
  [{ multipleOf: 0.01 }, '90071992547409930.01'],
  [{ type: 'array', uniqueItems: true }, '[9007199254740993,9007199254740992]'],
  [{ enum: [9007199254740992, 0] }, '-0'],
  [{ oneOf: [{ type: 'string' }, { type: 'integer' }] }, '9007199254740993'],
  [{ $ref: '#/properties/n/items', items: { maximum: 9007199254740994 } }, '9007199254740993'],
])('%j takes %s', (schema, number) => {
  expect(judge(schema, number)).toEqual([]);
});

it.each([
  [{ type: 'integer' }, '9007199254740993.5', 'must be a whole number'],
  [{ type: 'integer' }, '0.99999999999999999999', 'must be a whole number'],
  [{ type: 'integer' }, '1e-400', 'must be a whole number'],
  [{ type: 'string' }, '9007199254740993', 'must be a string'],
  [{ type: 'object' }, '9007199254740993', 'must be an object'],
  [{ type: 'integer', format: 'int32' }, '9007199254740993', 'must be a whole number of 32 bits'],
  [{ maximum: 9007199254740992 }, '9007199254740993', 'must be at most 9007199254740992'],
  [{ minimum: 1 }, '0.99999999999999999999', 'must be at least 1'],
  [{ exclusiveMinimum: 9007199254740992 }, '9007199254740991.9', 'must be more than 9007199254740992'],
  [{ exclusiveMaximum: 0 }, '1e-400', 'must be less than 0'],
  [{ maximum: 5 }, '1e400', 'must be at most 5'],
  [{ minimum: 5 }, '-1e400', 'must be at least 5'],
  [{ multipleOf: 2 }, '9007199254740993', 'must be a multiple of 2'],
  [{ multipleOf: 0.01 }, '19.995', 'must be a multiple of 0.01'],
  [{ const: 9007199254740992 }, '9007199254740993', 'must be 9007199254740992'],
  [{ enum: [9007199254740992] }, '9007199254740993', 'must be one of 9007199254740992'],
  [{ uniqueItems: true }, '[1e400,10e399]', 'must not hold the same entry twice'],
])('%j refuses %s', (schema, number, message) => {
  expect(judge(schema, number)).toEqual([message]);
});
