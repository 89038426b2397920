import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import type { Direction, FindSchema } from './schema-types.ts';

type Where = { direction: Direction; target: FindSchema };
/** `hidden`: properties that do not travel. `notRequired`: those and the ones that only some branch of a choice hides. */
export type HiddenNames = { hidden: readonly string[]; notRequired: readonly string[] };

const always = ['allOf'];
const perhaps = ['allOf', 'anyOf', 'oneOf', 'then', 'else'];
const maxDepth = 8;

/** The properties of a schema that do not travel in a direction: `readOnly` ones are no input, `writeOnly` ones no output. */
export function hiddenNames(schema: JsonObject, where: Where): HiddenNames {
  if (!isObject(schema['properties']) && perhaps.every((keyword) => schema[keyword] === undefined)) return { hidden: [], notRequired: [] };
  return { hidden: namesIn(schema, always, where, new Set()), notRequired: namesIn(schema, perhaps, where, new Set()) };
}

function namesIn(schema: unknown, keywords: readonly string[], where: Where, seen: Set<unknown>): string[] {
  const found = isObject(schema) && typeof schema['$ref'] === 'string' ? where.target(schema['$ref']) : schema;
  if (!isObject(found) || seen.has(found)) return [];
  seen.add(found);
  const properties = isObject(found['properties']) ? Object.entries(found['properties']) : [];
  const own = properties.filter(([, property]) => isHidden(property, where, 0)).map(([name]) => name);
  return [...own, ...keywords.flatMap((keyword) => listOf(found[keyword]).flatMap((member) => namesIn(member, keywords, where, seen)))];
}

function isHidden(property: unknown, where: Where, depth: number): boolean {
  if (!isObject(property) || depth > maxDepth) return false;
  if (property[where.direction === 'input' ? 'readOnly' : 'writeOnly'] === true) return true;
  const below = (each: unknown): boolean => isHidden(each, where, depth + 1);
  if (typeof property['$ref'] === 'string' && below(where.target(property['$ref']))) return true;
  if (Array.isArray(property['allOf']) && property['allOf'].some(below)) return true;
  return [property['anyOf'], property['oneOf']].some((choices) => Array.isArray(choices) && choices.length > 0 && choices.every(below));
}

/** Leaves hidden properties out of a converted schema, and what would demand them. */
export function leaveOutHidden(result: JsonObject, hidden: ReadonlySet<string>, notRequired: ReadonlySet<string>): void {
  if (Array.isArray(result['required'])) {
    const required = (result['required'] as unknown[]).filter((name) => typeof name !== 'string' || !notRequired.has(name));
    if (required.length > 0) result['required'] = [...new Set(required)];
    else delete result['required'];
  }
  if (notRequired.size > 0 && isObject(result['dependentRequired']))
    result['dependentRequired'] = Object.fromEntries(
      Object.entries(result['dependentRequired']).map(([name, list]) => [name, listOf(list).filter((each) => !notRequired.has(String(each)))]),
    );
  if (hidden.size === 0) return;
  // Counted with the hidden ones.
  delete result['minProperties'];
  if (isObject(result['properties']))
    result['properties'] = Object.fromEntries(Object.entries(result['properties']).filter(([name]) => !hidden.has(name)));
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}
