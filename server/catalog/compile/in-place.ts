import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { isInPlace } from './schema-keywords.ts';
import type { FindSchema } from './schema-types.ts';

/** What all schemas that apply to one value itself say together. */
export type InPlace = {
  /** Whether one of them allows no properties but those it knows. */
  isClosed: boolean;
  /** Whether all of them were found. */
  isWhole: boolean;
  /** The properties that they describe. */
  described: ReadonlySet<string>;
  /** The properties that they describe or demand. */
  names: ReadonlySet<string>;
  schemas: ReadonlySet<JsonObject>;
};

/** Walks a schema, its references and combinations without descending into parts of the value. */
export function inPlaceOf(schema: unknown, target: FindSchema): InPlace {
  const schemas = new Set<JsonObject>();
  const described = new Set<string>();
  const names = new Set<string>();
  let isClosed = false;
  let isWhole = true;
  const waiting: unknown[] = [schema];
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (!isObject(node) || schemas.has(node)) continue;
    schemas.add(node);
    if (typeof node['$ref'] === 'string') {
      const found = target(node['$ref']);
      isWhole &&= found !== undefined;
      waiting.push(found);
    }
    if (node['additionalProperties'] === false || node['unevaluatedProperties'] === false) isClosed = true;
    if (isObject(node['properties'])) for (const name of Object.keys(node['properties'])) described.add(name);
    if (Array.isArray(node['required'])) for (const name of node['required']) names.add(String(name));
    for (const [keyword, value] of Object.entries(node)) {
      if (!isInPlace(keyword) || keyword === 'not' || keyword === 'if') continue;
      waiting.push(
        ...(Array.isArray(value) ? (value as unknown[]) : keyword === 'dependentSchemas' && isObject(value) ? Object.values(value) : [value]),
      );
    }
  }
  for (const name of described) names.add(name);
  return { isClosed, isWhole, described, names, schemas };
}

/**
 * Whether a schema combines objects of which one is closed: each by itself would refuse what the others know, so that nothing at all is
 * accepted. Everybody who writes it means the object as a whole.
 */
export function closesTogether(node: JsonObject, inPlace: (schema: unknown) => InPlace): boolean {
  const lists = ['allOf', 'anyOf', 'oneOf']
    .map((keyword) => node[keyword])
    .filter((list): list is unknown[] => Array.isArray(list) && list.length > 0);
  if (lists.length === 0) return false;
  const describes = (schema: unknown): boolean => inPlace(schema).described.size > 0 || !inPlace(schema).isWhole;
  const choices = [node['anyOf'], node['oneOf']].filter((list) => Array.isArray(list) && list.some(describes)).length;
  const members = Array.isArray(node['allOf']) ? node['allOf'].filter(describes).length : 0;
  const own = isObject(node['properties']) || node['additionalProperties'] === false ? 1 : 0;
  return own + members + choices > 1 && inPlace(node).isClosed;
}
