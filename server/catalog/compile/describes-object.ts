import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { isInternal, resolvePointer } from './references.ts';

/** How deep references and combinations are followed. */
const maxDepth = 16;

/** Whether every value that a schema of the document accepts is an object, as far as its own words say so. */
export function describesObject(document: JsonObject, schema: unknown, depth = 0): boolean {
  if (!isObject(schema) || depth > maxDepth || schema['nullable'] === true) return false;
  const below = (each: unknown): boolean => describesObject(document, each, depth + 1);
  const type = schema['type'];
  if (type !== undefined) return type === 'object' || (Array.isArray(type) && type.length === 1 && type[0] === 'object');
  const reference = schema['$ref'];
  if (typeof reference === 'string') return isInternal(reference) && below(resolvePointer(document, reference));
  if (Array.isArray(schema['allOf']) && schema['allOf'].some(below)) return true;
  for (const choices of [schema['anyOf'], schema['oneOf']]) if (Array.isArray(choices) && choices.length > 0) return choices.every(below);
  return isObject(schema['properties']);
}
