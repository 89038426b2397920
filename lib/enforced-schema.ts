import { compilePattern, patternFault, patternSteps } from './pattern.ts';
import type { Pattern } from './pattern.ts';

type Schema = Readonly<Record<string, unknown>>;
/** A pattern that is shown and not enforced. */
export type UnenforcedPattern = { pattern: string; why: string };

/** All patterns of one schema together, so that the first call of a tool compiles them in a moment. */
const maxSteps = 5000;
export const onePatternTooMany = 'is one pattern too many for one tool';
/** Keywords whose values are data. */
export const dataKeywords: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples', 'example']);
/** Keywords whose values are schemas by name, so that a property called `pattern` is not taken for the keyword. */
export const mapKeywords: ReadonlySet<string> = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);

/** The `regExp` of Ajv's `code` options: everything in an enforced schema is compiled by the linear engine. */
export const linearRegExp = Object.assign(
  (pattern: string): Pattern & { toString(): string } => ({ ...compilePattern(pattern), toString: () => pattern }),
  {
    code: 'linearRegExp',
  },
);

/**
 * The schema with what a linear engine cannot match left out, and why. Leaving something out never makes the schema refuse what it took, so
 * a combination that counts or negates matches is loosened where a pattern below it is missing.
 */
export function enforcedSchema(schema: Schema): { schema: Schema; unenforced: UnenforcedPattern[] } {
  const refused = refusedPatterns(schema);
  if (refused.size === 0) return { schema, unenforced: [] };
  const loosened = loosen(schema, { refused, looseDefinitions: looseDefinitions(schema, refused) }) as Schema;
  return { schema: loosened, unenforced: Array.from(refused, ([pattern, why]) => ({ pattern, why })) };
}

function refusedPatterns(schema: Schema): Map<string, string> {
  const refused = new Map<string, string>();
  const taken = new Set<string>();
  let steps = 0;
  for (const pattern of patternsOf(schema)) {
    if (taken.has(pattern) || refused.has(pattern)) continue;
    const why = patternFault(pattern) ?? ((steps += patternSteps(pattern)) > maxSteps ? onePatternTooMany : undefined);
    if (why === undefined) taken.add(pattern);
    else refused.set(pattern, why);
  }
  return refused;
}

function* patternsOf(node: unknown, isMap = false): Generator<string> {
  if (typeof node !== 'object' || node === null) return;
  if (!isMap && !Array.isArray(node)) {
    const { pattern, patternProperties } = node as Schema;
    if (typeof pattern === 'string') yield pattern;
    if (isObject(patternProperties)) yield* Object.keys(patternProperties);
  }
  for (const [key, child] of Object.entries(node)) {
    if (!isMap && dataKeywords.has(key)) continue;
    yield* patternsOf(child, !isMap && mapKeywords.has(key));
  }
}

type Loosening = { refused: ReadonlyMap<string, string>; looseDefinitions: ReadonlySet<string> };

/** References to definitions that will take more than they are written to take, directly or through other definitions. */
function looseDefinitions(schema: Schema, refused: ReadonlyMap<string, string>): ReadonlySet<string> {
  const waiting = new Map(
    Object.entries(isObject(schema['$defs']) ? schema['$defs'] : {}).map(([name, value]) => [`#/$defs/${escapePointer(name)}`, value]),
  );
  const loose = new Set<string>();
  for (let before = -1; before < loose.size; ) {
    before = loose.size;
    for (const [reference, value] of waiting) {
      if (!isLoose(value, { refused, looseDefinitions: loose })) continue;
      loose.add(reference);
      waiting.delete(reference);
    }
  }
  return loose;
}

function isLoose(node: unknown, loosening: Loosening, isMap = false): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if (!isMap && !Array.isArray(node)) {
    const { $ref: reference, pattern, patternProperties } = node as Schema;
    if (typeof pattern === 'string' && loosening.refused.has(pattern)) return true;
    if (isObject(patternProperties) && Object.keys(patternProperties).some((key) => loosening.refused.has(key))) return true;
    if (typeof reference === 'string' && loosening.looseDefinitions.has(reference)) return true;
  }
  return Object.entries(node).some(([key, child]) => (isMap || !dataKeywords.has(key)) && isLoose(child, loosening, !isMap && mapKeywords.has(key)));
}

function loosen(node: unknown, loosening: Loosening, isMap = false): unknown {
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) return node.map((item) => loosen(item, loosening));
  if (isMap) return mapValues(node as Schema, (child) => loosen(child, loosening));
  const result: Record<string, unknown> = { ...node };
  const isAffected = (keyword: string): boolean => keyword in result && isLoose(result[keyword], loosening);
  if (typeof result['pattern'] === 'string' && loosening.refused.has(result['pattern'])) delete result['pattern'];
  if (isObject(result['patternProperties'])) loosenPatternProperties(result, result['patternProperties'], loosening.refused);
  if (isAffected('not')) delete result['not'];
  if (isAffected('contains')) delete result['maxContains'];
  if (isAffected('oneOf')) replaceByAnyOf(result, ['oneOf'], result['oneOf'] as unknown[]);
  if (isAffected('if')) replaceByAnyOf(result, ['if', 'then', 'else'], [result['then'] ?? {}, result['else'] ?? {}]);
  return mapEntries(result, (key, child) => (dataKeywords.has(key) ? child : loosen(child, loosening, mapKeywords.has(key))));
}

/** Which properties such a pattern meant is not known: all that are not named are taken. */
function loosenPatternProperties(schema: Record<string, unknown>, patterns: Schema, refused: ReadonlyMap<string, string>): void {
  const kept = Object.entries(patterns).filter(([pattern]) => !refused.has(pattern));
  if (kept.length === Object.keys(patterns).length) return;
  schema['patternProperties'] = Object.fromEntries(kept);
  schema['additionalProperties'] = true;
}

function replaceByAnyOf(schema: Record<string, unknown>, keywords: readonly string[], branches: readonly unknown[]): void {
  for (const keyword of keywords) delete schema[keyword];
  schema['allOf'] = [...(Array.isArray(schema['allOf']) ? (schema['allOf'] as unknown[]) : []), { anyOf: branches }];
}

const mapEntries = (object: Schema, change: (key: string, value: unknown) => unknown): Schema =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(key, value)]));
const mapValues = (object: Schema, change: (value: unknown) => unknown): Schema => mapEntries(object, (_key, value) => change(value));
const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
const isObject = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);
