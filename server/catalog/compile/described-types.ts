import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { isInternal, resolvePointer } from './references.ts';

/** How deep references and combinations are followed. */
const maxDepth = 16;
const structural: readonly [keyword: string, type: string][] = [
  ['properties', 'object'],
  ['items', 'array'],
];

/** Whether every value that a schema of the document accepts is an object, as far as its own words say so. */
export function describesObject(document: JsonObject, schema: unknown): boolean {
  const types = describedTypes(document, schema);
  return types?.size === 1 && types.has('object');
}

/** The JSON types that a schema of the document accepts, as far as its own words say so; undefined when they may be any. */
export function describedTypes(document: JsonObject, schema: unknown, depth = 0): ReadonlySet<string> | undefined {
  if (!isObject(schema) || depth > maxDepth) return undefined;
  const own = withoutNull(document, schema, depth);
  return own !== undefined && schema['nullable'] === true ? new Set([...own, 'null']) : own;
}

function withoutNull(document: JsonObject, schema: JsonObject, depth: number): ReadonlySet<string> | undefined {
  const below = (each: unknown) => describedTypes(document, each, depth + 1);
  const type = schema['type'];
  if (typeof type === 'string') return new Set([type]);
  if (Array.isArray(type)) return new Set(type.map(String));
  const reference = schema['$ref'];
  if (typeof reference === 'string') return isInternal(reference) ? below(resolvePointer(document, reference)) : undefined;
  const members = Array.isArray(schema['allOf']) ? schema['allOf'].map(below).filter((each) => each !== undefined) : [];
  if (members[0] !== undefined) return members.find((each) => each.size === 1) ?? members[0];
  for (const choices of [schema['anyOf'], schema['oneOf']]) {
    if (!Array.isArray(choices) || choices.length === 0) continue;
    const each = choices.map(below);
    return each.some((types) => types === undefined) ? undefined : new Set(each.flatMap((types) => [...(types ?? [])]));
  }
  for (const [keyword, described] of structural) if (isObject(schema[keyword])) return new Set([described]);
  return undefined;
}
