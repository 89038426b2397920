import { bounded, isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { schemaKeywords } from './schema-keywords.ts';
import type { Schema } from './schema-types.ts';

/** How much of a schema's prose is kept. Prose goes before structure does: a model can do without the former. */
export type Prose = 'all' | 'short' | 'none';
/** In the order in which they are tried. */
export const prose: readonly Prose[] = ['all', 'short', 'none'];

const maxShortCharacters = 160;
const maxDescribedValues = 64;
/** Levels of a value that are kept when a schema without prose still is too large; the deepest fits nearly always. */
const depths = [16, 12, 8, 6, 5, 4, 3, 2, 1];
const examples: ReadonlySet<string> = new Set(['examples', 'default']);
const texts: ReadonlySet<string> = new Set(['title', 'description', 'examples', 'default', 'deprecated', 'contentMediaType']);

/** A schema with less prose; it accepts exactly the same. */
export function trimmed(schema: Schema, level: Prose): Schema {
  if (level === 'all' || !isObject(schema)) return schema;
  const dropped = level === 'short' ? examples : texts;
  return mapSchemas(schema, (keyword, value) => {
    if (dropped.has(keyword)) return undefined;
    return keyword === 'description' && typeof value === 'string' ? bounded(value, maxShortCharacters) : value;
  });
}

/** A schema whose deep parts accept any value, as few of them as `maxBytes` allow. */
export function pruned(schema: JsonObject, maxBytes: number): JsonObject {
  const shallow = depths.map((depth) => () => pruneBelow(withoutUnevaluated(schema), depth) as JsonObject);
  for (const make of shallow) {
    const made = make();
    if (JSON.stringify(made).length <= maxBytes) return made;
  }
  return { type: 'object' };
}

/** Properties that only a part that was cut knows would be refused. */
export function withoutUnevaluated(schema: JsonObject): JsonObject {
  return mapSchemas(schema, (keyword, value) => (keyword === 'unevaluatedProperties' || keyword === 'unevaluatedItems' ? undefined : value));
}

/** `change` sees every keyword of every schema and leaves one out by undefined. */
function mapSchemas(schema: JsonObject, change: (keyword: string, value: unknown) => unknown): JsonObject {
  const below = (value: unknown): unknown => (isObject(value) ? mapSchemas(value, change) : value);
  const result: JsonObject = {};
  for (const [keyword, given] of Object.entries(schema)) {
    const value = change(keyword, given);
    const kind = keyword === '$defs' ? 'schema_map' : schemaKeywords.get(keyword);
    if (value === undefined) continue;
    else if (kind === 'schema') result[keyword] = below(value);
    else if (kind === 'schemas') result[keyword] = (value as unknown[]).map(below);
    else if (kind === 'schema_map')
      result[keyword] = Object.fromEntries(Object.entries(value as JsonObject).map(([name, member]) => [name, below(member)]));
    else result[keyword] = value;
  }
  return result;
}

function pruneBelow(schema: Schema, depth: number): Schema {
  if (!isObject(schema)) return schema;
  if (depth === 0) return {};
  const result: JsonObject = {};
  for (const [keyword, value] of Object.entries(schema)) {
    const kind = schemaKeywords.get(keyword);
    // When the schema of a `not` or `if` accepts more values, the schema around it refuses more.
    if (keyword === 'not' || keyword === 'if' || keyword === 'maxContains') continue;
    if (keyword === 'enum' && Array.isArray(value) && value.length > maxDescribedValues) continue;
    const below = (member: unknown): Schema => pruneBelow(member as Schema, depth - 1);
    if (kind === 'schema') result[keyword] = below(value);
    else if (kind === 'schemas') result[keyword] = (value as unknown[]).map(below);
    else if (kind === 'schema_map')
      result[keyword] = Object.fromEntries(Object.entries(value as JsonObject).map(([name, member]) => [name, below(member)]));
    else result[keyword] = value;
  }
  return result;
}
