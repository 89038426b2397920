import { isUnicodePattern } from '@stoa/lib/pattern-syntax.ts';
import { patternFault } from '@stoa/lib/pattern.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { mendRounded } from './rounded.ts';
import type { Schema } from './schema-types.ts';

const typeNames: ReadonlySet<unknown> = new Set(['null', 'boolean', 'object', 'array', 'number', 'string', 'integer']);

/**
 * What differs between the schemas of OpenAPI 3.0 (and of documents that mix the dialects) and JSON Schema 2020-12: `nullable`, `example`,
 * boolean `exclusiveMinimum` and `exclusiveMaximum`. Also mends what would make a validator refuse the whole schema.
 * @param source the schema as the document has it; its members are only read
 * @param result the keywords converted so far; changed in place
 */
export function adaptKeywords(source: JsonObject, result: JsonObject, lose: (what: string) => void): JsonObject {
  adaptExclusive(result, 'exclusiveMinimum', 'minimum');
  adaptExclusive(result, 'exclusiveMaximum', 'maximum');
  adaptExamples(source, result);
  mendType(result, lose);
  mendRounded(result, lose);
  mendPatterns(result, lose);
  if (Array.isArray(result['enum']) && result['enum'].length === 0) {
    delete result['enum'];
    lose('An empty "enum" allows nothing and is left out.');
  }
  if ('required' in result && !Array.isArray(result['required'])) {
    delete result['required'];
    lose('"required" is not a list of property names and is left out.');
  }
  for (const flag of ['deprecated', 'readOnly', 'writeOnly']) if (typeof result[flag] !== 'boolean') delete result[flag];
  if (Array.isArray(result['enum'])) result['enum'] = distinct(result['enum']);
  // Model hosts refuse an array whose schema has no `items`.
  const types: unknown[] = Array.isArray(result['type']) ? result['type'] : [result['type']];
  if (types.includes('array') && !('items' in result) && !('prefixItems' in result)) result['items'] = {};
  return isNullable(source) ? nullable(result) : result;
}

function adaptExclusive(result: JsonObject, exclusive: string, inclusive: string): void {
  const flag = result[exclusive];
  if (typeof flag !== 'boolean') return;
  delete result[exclusive];
  if (!flag || typeof result[inclusive] !== 'number') return;
  result[exclusive] = result[inclusive];
  delete result[inclusive];
}

function adaptExamples(source: JsonObject, result: JsonObject): void {
  if ('examples' in result && !Array.isArray(result['examples'])) delete result['examples'];
  if (Object.hasOwn(source, 'example') && !('examples' in result)) result['examples'] = [source['example']];
}

function mendType(result: JsonObject, lose: (what: string) => void): void {
  if (!('type' in result)) return;
  const types = Array.isArray(result['type']) ? result['type'] : [result['type']];
  const known = [...new Set(types.filter((type) => typeNames.has(type)))];
  if (known.length === types.length && known.length > 0) return;
  delete result['type'];
  lose(`The type ${JSON.stringify(types).slice(0, 100)} is none of JSON Schema; any type is accepted in its place.`);
}

/** A pattern that validators would refuse is left out; one that only a back-tracking engine could match is shown, and enforced by the upstream alone. */
function mendPatterns(result: JsonObject, lose: (what: string) => void): void {
  if ('pattern' in result && !isKept(result['pattern'], lose)) delete result['pattern'];
  if (!isObject(result['patternProperties'])) return;
  for (const pattern of Object.keys(result['patternProperties'])) {
    if (isKept(pattern, lose)) continue;
    delete result['patternProperties'][pattern];
    // What the pattern took would be refused.
    for (const keyword of ['additionalProperties', 'unevaluatedProperties']) delete result[keyword];
  }
}

function isKept(pattern: unknown, lose: (what: string) => void): boolean {
  if (typeof pattern !== 'string' || !isUnicodePattern(pattern)) {
    lose(`The pattern ${String(pattern).slice(0, 200)} is no regular expression of ECMA-262 and is left out.`);
    return false;
  }
  const fault = patternFault(pattern);
  if (fault !== undefined) lose(`The pattern ${pattern.slice(0, 200)} ${fault}: it is shown and not enforced.`);
  return true;
}

/** OpenAPI 3.0's `nullable`, and what Swagger 2.0 has in its place. */
export function isNullable(source: JsonObject): boolean {
  return source['nullable'] === true || source['x-nullable'] === true;
}

/** OpenAPI leaves open what `nullable` means beside `allOf`, `anyOf` and `oneOf`; nearly everybody who writes it there means that null is allowed. */
function nullable(result: JsonObject): JsonObject {
  if (['allOf', 'anyOf', 'oneOf', 'not', 'const', '$ref'].some((keyword) => keyword in result)) return orNull(result);
  if ('type' in result) {
    const types: unknown[] = Array.isArray(result['type']) ? result['type'] : [result['type']];
    result['type'] = types.includes('null') ? types : [...types, 'null'];
  }
  const values: unknown = result['enum'];
  if (Array.isArray(values) && !values.includes(null)) result['enum'] = [...(values as unknown[]), null];
  return result;
}

/** A schema, or null in its place. */
export function orNull(schema: Schema): JsonObject {
  const { title, description, ...rest } = isObject(schema) ? schema : {};
  const told = { ...(title === undefined ? {} : { title }), ...(description === undefined ? {} : { description }) };
  return { ...told, anyOf: [isObject(schema) ? rest : schema, { type: 'null' }] };
}

/**
 * `oneOf` as `anyOf`. Branches in the field overlap (open objects, shared enumerations, subtypes), and what fits two of them would be
 * refused although the API takes it; a branch that was given up fits everything.
 */
export function asChoice({ oneOf, ...result }: JsonObject): JsonObject {
  if (oneOf === undefined) return result;
  if (result['anyOf'] === undefined) return { ...result, anyOf: oneOf };
  const allOf: unknown[] = Array.isArray(result['allOf']) ? result['allOf'] : [];
  return { ...result, allOf: [...allOf, { anyOf: oneOf }] };
}

/** Each value once: JSON Schema asks for it, and clients and model hosts refuse repetitions. */
function distinct(values: unknown[]): unknown[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
