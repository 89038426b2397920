import { cut } from '@stoa/lib/problem.ts';
import type { ErrorObject } from 'ajv/dist/2020.js';

/** Patterns and lists of values are the upstream's, and may be as long as its document. */
const maxQuotedChars = 300;

/** What a keyword of JSON Schema says of itself where it is not met. */
type Params = Readonly<Record<string, unknown>>;

const types: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
};

const formats: Readonly<Record<string, string>> = {
  date: 'a date such as 2026-11-22',
  time: 'a time with its zone, such as 18:24:00Z',
  'date-time': 'an instant with its zone, such as 2026-11-22T18:24:00Z',
  duration: 'a duration such as P1DT12H',
  email: 'an e-mail address',
  uuid: 'a UUID such as 5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11',
  uri: 'a URL such as https://api.example.com',
  int32: 'a whole number of 32 bits',
  int64: 'a whole number of 64 bits',
  float: 'a number that a float can hold',
  double: 'a number that a double can hold',
};

const counted = (count: unknown, one: string, many: string): string => `${String(count)} ${count === 1 ? one : many}`;
const quoted = (value: unknown): string => cut(typeof value === 'string' ? value : JSON.stringify(value), maxQuotedChars);
const atLeast =
  (one: string, many: string) =>
  ({ limit }: Params) =>
    limit === 1 && one === 'character' ? 'must not be empty' : `must have at least ${counted(limit, one, many)}`;
const atMost =
  (one: string, many: string) =>
  ({ limit }: Params) =>
    `must have at most ${counted(limit, one, many)}`;

/** For each keyword, the end of a sentence that begins with the place at fault and says what stands there when it is right: a model mends its call by it. */
export const argumentWords: Readonly<Record<string, (params: Params) => string>> = {
  type: ({ type }) =>
    `must be ${[type]
      .flat()
      .map((each) => types[String(each)] ?? String(each))
      .join(' or ')}`,
  enum: ({ allowedValues }) => `must be one of ${cut((allowedValues as unknown[]).map((value) => JSON.stringify(value)).join(', '), maxQuotedChars)}`,
  const: ({ allowedValue }) => `must be ${quoted(JSON.stringify(allowedValue))}`,
  minimum: ({ limit }) => `must be at least ${String(limit)}`,
  maximum: ({ limit }) => `must be at most ${String(limit)}`,
  exclusiveMinimum: ({ limit }) => `must be more than ${String(limit)}`,
  exclusiveMaximum: ({ limit }) => `must be less than ${String(limit)}`,
  multipleOf: ({ multipleOf }) => `must be a multiple of ${String(multipleOf)}`,
  minLength: atLeast('character', 'characters'),
  maxLength: atMost('character', 'characters'),
  pattern: ({ pattern }) => `must be of the form ${quoted(pattern)}`,
  format: ({ format }) => `must be ${formats[String(format)] ?? `of the format ${quoted(format)}`}`,
  minItems: atLeast('entry', 'entries'),
  maxItems: atMost('entry', 'entries'),
  items: atMost('entry', 'entries'),
  additionalItems: atMost('entry', 'entries'),
  unevaluatedItems: atMost('entry', 'entries'),
  uniqueItems: () => 'must not hold the same entry twice',
  contains: ({ minContains = 1, maxContains }) => {
    const entries =
      maxContains === undefined
        ? `at least ${counted(minContains, 'entry', 'entries')}`
        : `${String(minContains)} to ${counted(maxContains, 'entry', 'entries')}`;
    return `must have ${entries} of those that the schema of the tool names`;
  },
  minProperties: atLeast('member', 'members'),
  maxProperties: atMost('member', 'members'),
  required: () => 'is required',
  dependentRequired: ({ property }) => `is required where ${quoted(property)} is given`,
  additionalProperties: () => 'is not an argument of this tool',
  unevaluatedProperties: () => 'is not an argument of this tool',
  propertyNames: ({ propertyName }) => `must not have a member named ${quoted(propertyName)}`,
  not: () => 'must not be what the schema of the tool excludes',
  anyOf: () => 'must be one of the forms that the schema of the tool names',
  oneOf: ({ passingSchemas }) =>
    passingSchemas === null || passingSchemas === undefined
      ? 'must be one of the forms that the schema of the tool names'
      : 'must be only one of the forms that the schema of the tool names, and is several',
  if: ({ failingKeyword }) => `must be what the schema of the tool says ${failingKeyword === 'else' ? 'otherwise' : 'for this case'}`,
  'false schema': () => 'must not be given',
};

/** What is wrong with an argument. Of a keyword that is none of the standard's, words that are true of each. */
export const wordsOf = ({ keyword, params }: Pick<ErrorObject, 'keyword' | 'params'>): string =>
  (Object.hasOwn(argumentWords, keyword) ? argumentWords[keyword]?.(params as Params) : undefined) ?? 'is not what the schema of the tool says';
