import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { compareDecimals, decimalOf, isMultipleOf, isWhole } from '@stoa/lib/decimal.ts';
import type { Decimal } from '@stoa/lib/decimal.ts';
import { ExactNumber } from '@stoa/lib/exact-json.ts';
import type { Ajv2020 } from 'ajv/dist/2020.js';
import type { DataValidationCxt, SchemaValidateFunction } from 'ajv/dist/types/index.js';

type Container = Record<string, unknown>;

/** The value that each stand-in was made of. */
const originals = new WeakMap<object, object>();

/**
 * A copy of a value for Ajv, which knows JavaScript's numbers only: an `ExactNumber` becomes one of the same type and format. What it is
 * compared with, the keywords of `useExactNumbers` take from the original.
 */
export function standInFor(value: unknown): unknown {
  if (value instanceof ExactNumber) return doubleLike(decimalOf(value.text), Number(value.text));
  if (typeof value !== 'object' || value === null) return value;
  const copy: object = Array.isArray(value)
    ? value.map(standInFor)
    : Object.fromEntries(Object.entries(value).map(([name, member]) => [name, standInFor(member)]));
  originals.set(copy, value);
  return copy;
}

/** The largest double that an int64 can hold, and the smallest that neither end of it can. */
const maxInt64Double = 9223372036854774784;
const beyondInt64 = 9223372036854777856;
const int64 = { min: decimalOf('-9223372036854775808'), max: decimalOf('9223372036854775807') };

/** A finite double that is whole when the number is, and an int64 when the number is. */
function doubleLike(exact: Decimal, rounded: number): number {
  if (!isWhole(exact)) return Number.isSafeInteger(rounded) ? rounded + 0.5 : Number.isInteger(rounded) ? 0.5 : rounded;
  const isInt64 = compareDecimals(exact, int64.min) >= 0 && compareDecimals(exact, int64.max) <= 0;
  if (isInt64) return Math.max(-maxInt64Double, Math.min(maxInt64Double, rounded));
  return Math.sign(rounded) * Math.min(Number.MAX_VALUE, Math.max(beyondInt64, Math.abs(rounded)));
}

/** The value at a place before stand-ins were made: an `ExactNumber`, or what Ajv sees anyway. */
function originalOf(data: unknown, place: DataValidationCxt | undefined): unknown {
  if (typeof data === 'object' && data !== null) return originals.get(data) ?? data;
  const parent = place?.parentData as object | undefined;
  const original = parent === undefined ? undefined : (originals.get(parent) as Container | undefined);
  return original?.[String(place?.parentDataProperty)] ?? data;
}

const decimalAt = (data: unknown, place: DataValidationCxt | undefined): Decimal => decimalOf(String(originalOf(data, place)));

type Judge = (schema: unknown, data: unknown, place: DataValidationCxt | undefined) => boolean;
type Keyword = { readonly type?: 'number' | 'array'; readonly holds: Judge; readonly param: string };

const bound = (holds: (order: number) => boolean): Keyword => ({
  type: 'number',
  holds: (schema, data, place) => holds(compareDecimals(decimalAt(data, place), decimalOf(String(schema)))),
  param: 'limit',
});

const multipleOf: Keyword = {
  type: 'number',
  holds: (schema, data, place) => isMultipleOf(decimalAt(data, place), decimalOf(String(schema))),
  param: 'multipleOf',
};

const exactKeywords: Readonly<Record<string, Keyword>> = {
  minimum: bound((order) => order >= 0),
  maximum: bound((order) => order <= 0),
  exclusiveMinimum: bound((order) => order > 0),
  exclusiveMaximum: bound((order) => order < 0),
  const: { holds: (schema, data, place) => isSame(schema, originalOf(data, place)), param: 'allowedValue' },
  enum: {
    holds: (schema, data, place) => (schema as unknown[]).some((value) => isSame(value, originalOf(data, place))),
    param: 'allowedValues',
  },
  uniqueItems: {
    type: 'array',
    holds: (schema, data) => schema !== true || new Set((originalOf(data, undefined) as unknown[]).map(keyOf)).size === (data as unknown[]).length,
    param: 'uniqueItems',
  },
};

/** Makes a validator compare numbers by their decimal digits, not as doubles; for values that `standInFor` has made. */
export function useExactNumbers(ajv: Ajv2020): Ajv2020 {
  for (const [name, keyword] of Object.entries(exactKeywords)) replace(ajv, name, keyword);
  return useDecimalMultiples(ajv);
}

/** Compares each element once, where the validator's own keyword compares each with all before: 50,000 objects of one call took it a minute. */
export function useLinearUniqueness(ajv: Ajv2020): Ajv2020 {
  replace(ajv, 'uniqueItems', {
    type: 'array',
    holds: (schema, data) => schema !== true || new Set((data as unknown[]).map(canonicalJson)).size === (data as unknown[]).length,
    param: 'uniqueItems',
  });
  return ajv;
}

/** Makes 19.99 a multiple of 0.01, which it is not when doubles are divided. */
export function useDecimalMultiples(ajv: Ajv2020): Ajv2020 {
  replace(ajv, 'multipleOf', multipleOf);
  return ajv;
}

function replace(ajv: Ajv2020, name: string, { type, holds, param }: Keyword): void {
  const validate: SchemaValidateFunction = (schema: unknown, data: unknown, _parentSchema, place) => {
    if (holds(schema, data, place)) return true;
    validate.errors = [{ keyword: name, params: { [param]: schema } }];
    return false;
  };
  ajv.removeKeyword(name);
  ajv.addKeyword({ keyword: name, ...(type !== undefined && { type }), validate });
}

function isSame(a: unknown, b: unknown): boolean {
  return keyOf(a) === keyOf(b);
}

/** Equal for what JSON Schema takes for the same value, whatever the spelling of its numbers. */
function keyOf(value: unknown): string {
  return canonicalJson(withNumbersAsText(value));
}

function withNumbersAsText(value: unknown): unknown {
  if (typeof value === 'number' || value instanceof ExactNumber) {
    const { sign, digits, exponent } = decimalOf(String(value));
    return [sign, digits, exponent, 'number'];
  }
  if (typeof value === 'string') return [value, 'string'];
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return [value.map(withNumbersAsText), 'array'];
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withNumbersAsText(member)]));
}
