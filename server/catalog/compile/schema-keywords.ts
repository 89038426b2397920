import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';

export type KeywordKind = 'value' | 'text' | 'schema' | 'schemas' | 'schema_map';

/**
 * The keywords of JSON Schema 2020-12 that are kept, by what they hold, and MCP's `x-mcp-header`. Everything else (`x-…`, `xml`, `externalDocs`, stray
 * words such as `id`, which Ajv refuses) says nothing about values and is left out. `$defs` is left out because its members
 * are brought along by the references that lead to them.
 */
export const schemaKeywords: ReadonlyMap<string, KeywordKind> = new Map<string, KeywordKind>([
  ...['title', 'description', 'format', 'contentEncoding', 'contentMediaType'].map((name): [string, KeywordKind] => [name, 'text']),
  ...[
    ...['type', 'enum', 'const', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly', 'pattern', 'required', 'dependentRequired'],
    ...['multipleOf', 'maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum', 'maxLength', 'minLength', 'maxItems', 'minItems'],
    ...['uniqueItems', 'maxContains', 'minContains', 'maxProperties', 'minProperties', 'x-mcp-header'],
  ].map((name): [string, KeywordKind] => [name, 'value']),
  ...[
    ...['items', 'contains', 'additionalProperties', 'unevaluatedProperties', 'unevaluatedItems', 'propertyNames'],
    ...['not', 'if', 'then', 'else', 'contentSchema'],
  ].map((name): [string, KeywordKind] => [name, 'schema']),
  ...['allOf', 'anyOf', 'oneOf', 'prefixItems'].map((name): [string, KeywordKind] => [name, 'schemas']),
  ...['properties', 'patternProperties', 'dependentSchemas'].map((name): [string, KeywordKind] => [name, 'schema_map']),
]);

/** Keywords that apply a schema to the value itself, not to a part of it: a loop of these alone never ends. */
const inPlaceKeywords: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas']);

export function isInPlace(keyword: string): boolean {
  return inPlaceKeywords.has(keyword);
}

/** A reference in a schema. `inPlace`: it applies to the value itself; `inAllOf`: it is a member of the schema's own `allOf`; `isRoot`: it is the whole schema. */
export type FoundReference = { reference: string; inPlace: boolean; inAllOf: boolean; isRoot: boolean };

/** Every reference in a schema, found where schemas stand only: a property may itself be named `$ref`. `more` gives further ones of a node, and is told whether that is the schema itself or a member of its `allOf`. */
export function referencesOf(schema: unknown, more: (node: JsonObject, isOwn: boolean) => readonly string[]): FoundReference[] {
  const references: FoundReference[] = [];
  const visit = (node: unknown, inPlace: boolean, inAllOf: boolean): void => {
    if (!isObject(node)) return;
    if (typeof node['$ref'] === 'string') references.push({ reference: node['$ref'], inPlace, inAllOf, isRoot: node === schema });
    for (const reference of more(node, inAllOf || node === schema)) references.push({ reference, inPlace, inAllOf: false, isRoot: false });
    for (const [keyword, value] of Object.entries(node)) {
      const kind = schemaKeywords.get(keyword);
      const below = inPlace && isInPlace(keyword);
      if (kind === 'schema' && !Array.isArray(value)) visit(value, below, false);
      else if (kind === 'schemas' || kind === 'schema')
        for (const item of Array.isArray(value) ? value : []) visit(item, below, keyword === 'allOf' && (inAllOf || node === schema));
      else if (kind === 'schema_map' && isObject(value)) for (const item of Object.values(value)) visit(item, below, false);
    }
  };
  visit(schema, true, false);
  return references;
}
