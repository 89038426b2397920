import { adaptKeywords } from './adapt-keywords.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { unreachable } from './references.ts';
import { definitionName } from './schema-graph.ts';
import type { SchemaGraph } from './schema-graph.ts';
import { isInPlace, schemaKeywords } from './schema-keywords.ts';

/** Which way a value travels: `readOnly` properties are no input, `writeOnly` ones no output. */
export type Direction = 'input' | 'output';
export type Schema = JsonObject | boolean;

export type Conversion = {
  graph: SchemaGraph;
  direction: Direction;
  /** OpenAPI 3.0 says that what stands beside a `$ref` is ignored; 3.1 says that it counts. */
  ignoresSiblings: boolean;
  /** Collects the references that were kept and need a definition. */
  references: Set<string>;
  lose: (what: string) => void;
  /** Says where losses inside an inlined definition are reported. */
  loseAt: (where: string) => (what: string) => void;
};

type Position = Conversion & {
  /** The definition whose schema is being converted; undefined in a schema that has no name. */
  owner: string | undefined;
  /** Whether the schema still applies to the owner's own value, not to a part of it. */
  inPlace: boolean;
  /** Properties that the schema around this one has hidden: they are not required here either. */
  hidden: ReadonlySet<string>;
};

const annotations: ReadonlySet<string> = new Set(['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly']);
const none: ReadonlySet<string> = new Set();
/** How many references are followed from a property to the schema that says `readOnly`. */
const maxHops = 8;

/** A schema of OpenAPI 3.0 or 3.1 as JSON Schema 2020-12. What cannot be expressed is reported and accepts any value. */
export function convertSchema(schema: unknown, conversion: Conversion, owner?: string): Schema {
  return convertNode(schema, { ...conversion, owner, inPlace: true, hidden: none });
}

function convertNode(node: unknown, position: Position): Schema {
  if (typeof node === 'boolean') return node;
  if (!isObject(node)) {
    position.lose('A schema is not an object; any value is accepted in its place.');
    return {};
  }
  if (typeof node['$ref'] === 'string') return convertReference(node, node['$ref'], position);
  if (typeof node['$dynamicRef'] === 'string') position.lose('"$dynamicRef" cannot be followed; any value is accepted in its place.');
  return convertKeywords(node, position);
}

function convertReference(node: JsonObject, reference: string, position: Position): Schema {
  const siblings = position.ignoresSiblings ? {} : convertKeywords(node, position);
  const target = position.graph.target(reference);
  if (target === undefined) {
    position.lose(`${unreachable(reference)} Any value is accepted in its place.`);
    return siblings;
  }
  if (position.owner !== undefined && position.inPlace && position.graph.isEndless(position.owner, reference)) {
    position.lose(`The schema refers to itself without end (${reference}); any value is accepted in its place.`);
    return siblings;
  }
  if (!position.graph.isInlined(reference)) {
    position.references.add(reference);
    return { $ref: `#/$defs/${definitionName(reference)}`, ...siblings };
  }
  return beside(siblings, convertNode(target, { ...position, lose: position.loseAt(reference), owner: reference, inPlace: true }));
}

/** An inlined schema together with what stood beside the reference to it. */
function beside(siblings: JsonObject, inlined: Schema): Schema {
  const names = Object.keys(siblings);
  if (names.length === 0) return inlined;
  if (isObject(inlined) && names.every((name) => annotations.has(name))) return { ...inlined, ...siblings };
  const allOf: unknown[] = Array.isArray(siblings['allOf']) ? siblings['allOf'] : [];
  return { ...siblings, allOf: [...allOf, inlined] };
}

function convertKeywords(node: JsonObject, around: Position): JsonObject {
  const hidden = new Set([...around.hidden, ...hiddenProperties(node, around)]);
  const position = { ...around, hidden: none };
  const result: JsonObject = {};
  for (const [keyword, value] of Object.entries(node)) {
    const kind = schemaKeywords.get(keyword);
    const below = { ...position, inPlace: around.inPlace && isInPlace(keyword), hidden: keyword === 'allOf' ? hidden : none };
    if (kind === 'value' || (kind === 'text' && typeof value === 'string')) result[keyword] = value;
    else if (kind === 'schema' && keyword === 'items' && Array.isArray(value)) result['prefixItems'] = value.map((item) => convertNode(item, below));
    else if (kind === 'schema') result[keyword] = convertNode(value, below);
    else if (kind === 'schemas' && Array.isArray(value)) {
      if (value.length > 0) result[keyword] = value.map((item) => convertNode(item, below));
    } else if (kind === 'schema_map' && isObject(value)) result[keyword] = convertMap(keyword, value, below, hidden);
  }
  if (Array.isArray(result['required'])) {
    const required = (result['required'] as unknown[]).filter((name) => typeof name !== 'string' || !hidden.has(name));
    if (required.length > 0) result['required'] = [...new Set(required)];
    else delete result['required'];
  }
  return adaptKeywords(node, result, around.lose);
}

function convertMap(keyword: string, members: JsonObject, position: Position, hidden: ReadonlySet<string>): JsonObject {
  const kept = Object.entries(members).filter(([name]) => keyword !== 'properties' || !hidden.has(name));
  return Object.fromEntries(kept.map(([name, member]) => [name, convertNode(member, position)]));
}

/** The properties that do not travel in this direction, wherever `allOf` declares them. */
function hiddenProperties(schema: JsonObject, position: Position, seen = new Set<JsonObject>()): string[] {
  if (seen.has(schema)) return [];
  seen.add(schema);
  const properties = isObject(schema['properties']) ? Object.entries(schema['properties']) : [];
  const own = properties.filter(([, property]) => isHidden(property, position)).map(([name]) => name);
  const members: unknown[] = Array.isArray(schema['allOf']) ? schema['allOf'] : [];
  return members.reduce<string[]>((names, member) => {
    const target = isObject(member) && typeof member['$ref'] === 'string' ? position.graph.target(member['$ref']) : member;
    return isObject(target) ? [...names, ...hiddenProperties(target, position, seen)] : names;
  }, own);
}

function isHidden(property: unknown, position: Position): boolean {
  const marker = position.direction === 'input' ? 'readOnly' : 'writeOnly';
  let current = property;
  for (let hop = 0; hop < maxHops && isObject(current); hop += 1) {
    if (current[marker] === true) return true;
    current = typeof current['$ref'] === 'string' ? position.graph.target(current['$ref']) : undefined;
  }
  return false;
}
