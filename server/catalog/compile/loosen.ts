import type { Schema } from './schema-types.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { schemaKeywords } from './schema-keywords.ts';

/** What an answer may be although its description says otherwise: servers leave out what is required and send values nobody listed. */
const demands: ReadonlySet<string> = new Set([
  ...['required', 'dependentRequired', 'dependentSchemas', 'enum', 'const', 'format', 'pattern', 'patternProperties', 'propertyNames'],
  ...['multipleOf', 'maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum', 'maxLength', 'minLength', 'maxItems', 'minItems'],
  ...['uniqueItems', 'contains', 'maxContains', 'minContains', 'maxProperties', 'minProperties'],
  ...['not', 'if', 'then', 'else', 'unevaluatedProperties', 'unevaluatedItems', 'contentSchema', 'x-mcp-header'],
]);

/**
 * The schema of a result that real answers fit: the names and types of what may be there, and nothing that demands or forbids. A client
 * throws away every answer that does not fit the schema listed, and a server's description is rarely true to the letter. Whatever has a type may
 * be null too, which is how most servers say that there is no value.
 */
export function loosen(schema: Schema): Schema {
  if (!isObject(schema)) return {};
  const result: JsonObject = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (demands.has(keyword)) continue;
    const kind = schemaKeywords.get(keyword);
    // Closed objects and tuples are open: `false` forbids, and any other schema describes.
    if (kind === 'schema' && value === false) continue;
    if (keyword === 'type') result[keyword] = orNull(value);
    else if (kind === 'schema') result[keyword] = loosen(value as Schema);
    else if (kind === 'schemas') result[keyword] = (value as Schema[]).map(loosen);
    else if (kind === 'schema_map')
      result[keyword] = Object.fromEntries(Object.entries(value as JsonObject).map(([name, member]) => [name, loosen(member as Schema)]));
    else result[keyword] = value;
  }
  // A name that a pattern described would meet this schema instead.
  if ('patternProperties' in schema) delete result['additionalProperties'];
  return withValues(schema, result);
}

function orNull(type: unknown): unknown {
  if (type === 'null') return type;
  const types: unknown[] = Array.isArray(type) ? type : [type];
  return types.includes('null') ? types : [...types, 'null'];
}

/** Values listed are told as examples. */
function withValues(schema: JsonObject, result: JsonObject): JsonObject {
  const values: unknown[] = Array.isArray(schema['enum']) ? schema['enum'] : 'const' in schema ? [schema['const']] : [];
  return values.length === 0 || 'examples' in result ? result : { ...result, examples: values };
}
