import { adaptKeywords, asChoice, isNullable, orNull } from './adapt-keywords.ts';
import { discriminatorOf, mappedElsewhere, tagValues, withoutChoice, withTag } from './discriminators.ts';
import type { Subtypes } from './discriminators.ts';
import { describesFile, fileSchema } from './files.ts';
import { hiddenNames, leaveOutHidden } from './hidden-properties.ts';
import { closesTogether } from './in-place.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { unreachable } from './references.ts';
import { definitionName } from './schema-graph.ts';
import type { SchemaGraph } from './schema-graph.ts';
import { isInPlace, schemaKeywords } from './schema-keywords.ts';
import type { KeywordKind } from './schema-keywords.ts';
import type { Direction, Schema } from './schema-types.ts';

export type Conversion = {
  graph: SchemaGraph;
  direction: Direction;
  /** OpenAPI 3.0 says that what stands beside a `$ref` is ignored; 3.1 says that it counts. */
  ignoresSiblings: boolean;
  /** Collects the references that were kept and need a definition. */
  references: Set<string>;
  /** How many schemas may still be converted: copies of copies could go on for ever. */
  budget: { left: number };
  lose: (what: string) => void;
  /** Says where losses inside an inlined definition are reported. */
  loseAt: (where: string) => (what: string) => void;
};

/** What became of a schema: `exact` when it accepts what the document's does, `whole` when it knows all properties of the value itself. */
type Outcome = { exact: boolean; whole: boolean };

type Position = Conversion & {
  /** The node of the graph whose schema is being converted; undefined in a schema that has no name. */
  owner: string | undefined;
  /** Whether the schema still applies to the owner's own value, not to a part of it. */
  inPlace: boolean;
  /** Properties that are left out in this direction (`readOnly` ones of arguments, `writeOnly` ones of results), as the schemas around this one say. */
  hidden: ReadonlySet<string>;
  /** Whether a schema around this one closes the object as a whole. */
  closedAround: boolean;
  /** Whether this is the owner's schema or a member of its `allOf`. What such a member refers to is what the owner extends. */
  extends: boolean;
  /**
   * Which bases stay themselves, instead of becoming the choice of their subtypes: all of them (`*`) in the `allOf` of a subtype, and those with
   * this discriminator property while their subtypes are being written.
   */
  plain: string | undefined;
  outcome: Outcome;
};

const annotations: ReadonlySet<string> = new Set(['title', 'description', 'default', 'example', 'examples', 'deprecated', 'readOnly', 'writeOnly']);
const none: ReadonlySet<string> = new Set();
/** The value of `plain` for all bases, whatever their discriminator. */
const inAllOf = '*';
/** To accept more in one of these is to demand more of the value, so that it is kept exactly or not at all. */
const conditions: ReadonlySet<string> = new Set(['not', 'if']);
/** How many schemas one schema may become by the definitions that are copied into it. */
export const maxSchemas = 20_000;

/** A schema of OpenAPI 3.0 or 3.1 as JSON Schema 2020-12. What cannot be expressed is reported and accepts any value. */
export function convertSchema(schema: unknown, conversion: Conversion, owner?: string): Schema {
  const outcome = { exact: true, whole: true };
  const root = { inPlace: true, extends: owner !== undefined, hidden: none, closedAround: false, plain: undefined };
  return convertNode(schema, { ...conversion, ...root, owner, outcome });
}

function convertNode(node: unknown, position: Position): Schema {
  if (typeof node === 'boolean') return node;
  if (!isObject(node)) return anyValue(position, 'A schema is not an object; any value is accepted in its place.');
  if ((position.budget.left -= 1) < 0)
    return anyValue(position, `The schema has more than ${maxSchemas} parts; any value is accepted in place of the rest.`);
  if (typeof node['$ref'] === 'string') return convertReference(node, node['$ref'], position);
  if (typeof node['$dynamicRef'] === 'string') anyValue(position, '"$dynamicRef" cannot be followed; any value is accepted in its place.');
  if (position.direction === 'input' && describesFile(node)) return isNullable(node) ? orNull(fileSchema(node)) : fileSchema(node);
  const subtypes = position.graph.subtypes(node);
  if (subtypes === undefined) return convertKeywords(node, position);
  const isPlain = position.plain === inAllOf || position.plain === subtypes.tag;
  return isPlain ? convertKeywords(withoutChoice(node), position) : convertSubtypes(node, subtypes, position);
}

/** A part that is given up accepts any value. The schemas around it are told so: a condition or a closed object would mean something else then. */
function anyValue(position: Position, what: string): JsonObject {
  position.lose(what);
  position.outcome.exact = false;
  position.outcome.whole = false;
  return {};
}

function convertReference(node: JsonObject, reference: string, position: Position): Schema {
  const { graph } = position;
  const beside = siblingsOf(node, position);
  // Properties beside a closed object are meant to be taken, as they are in `allOf`.
  if (position.direction === 'input' && isObject(beside['properties']) && graph.inPlace(graph.target(reference)).isClosed) {
    const allOf: unknown[] = Array.isArray(beside['allOf']) ? beside['allOf'] : [];
    const together = convertKeywords({ ...beside, allOf: [...allOf, { $ref: reference }] }, position);
    return isNullable(node) ? orNull(together) : together;
  }
  const siblings = convertKeywords(beside, position);
  const target = graph.target(reference);
  if (target === undefined) return { ...anyValue(position, `${unreachable(reference)} Any value is accepted in its place.`), ...siblings };
  const own = graph.nodeOf(reference, isPlain(reference, position));
  if (position.owner !== undefined && position.inPlace && graph.isEndless(position.owner, own))
    return { ...anyValue(position, `The schema refers to itself without end (${reference}); any value is accepted in its place.`), ...siblings };
  const isCopied = graph.isInlined(reference) || needsCopy(reference, position);
  const below = { ...position, lose: position.loseAt(reference), owner: own, inPlace: true, extends: true };
  const made = isCopied ? besideInlined(siblings, convertNode(target, below)) : kept(reference, siblings, position);
  return isNullable(node) ? orNull(made) : made;
}

function kept(reference: string, siblings: JsonObject, position: Position): JsonObject {
  position.references.add(reference);
  // Its definition may be cut for its size later.
  position.outcome.exact = false;
  return { $ref: `#/$defs/${definitionName(reference)}`, ...siblings };
}

/** Whether the place of the reference makes the definition mean something else than it does elsewhere. */
function needsCopy(reference: string, position: Position): boolean {
  if (isPlain(reference, position)) return true;
  if (!position.closedAround && position.hidden.size === 0) return false;
  const { isClosed, names } = position.graph.inPlace(position.graph.target(reference));
  return (position.closedAround && isClosed) || [...position.hidden].some((name) => names.has(name));
}

function isPlain(reference: string, { graph, plain }: Position): boolean {
  const tag = graph.baseTag(reference);
  return tag !== undefined && (plain === inAllOf || plain === tag);
}

function siblingsOf(
  { $ref: _reference, nullable: _nullable, 'x-nullable': _xNullable, ...siblings }: JsonObject,
  { ignoresSiblings, lose }: Position,
): JsonObject {
  if (!ignoresSiblings) return siblings;
  const ignored = Object.keys(siblings).filter((keyword) => schemaKeywords.has(keyword) && !annotations.has(keyword));
  if (ignored.length > 0) lose(`What stands beside a reference is ignored, as OpenAPI 3.0 says: ${ignored.join(', ')}.`);
  return Object.fromEntries(Object.entries(siblings).filter(([keyword]) => annotations.has(keyword)));
}

/** An inlined schema together with what stood beside the reference to it. */
function besideInlined(siblings: JsonObject, inlined: Schema): Schema {
  const names = Object.keys(siblings);
  if (names.length === 0) return inlined;
  if (isObject(inlined) && names.every((name) => annotations.has(name))) return { ...inlined, ...siblings };
  const allOf: unknown[] = Array.isArray(siblings['allOf']) ? siblings['allOf'] : [];
  return { ...siblings, allOf: [...allOf, inlined] };
}

/** A base as the choice of its subtypes, each told by its value of the tag. */
function convertSubtypes(node: JsonObject, { tag, branches }: Subtypes, position: Position): Schema {
  const below = { ...position, plain: tag };
  const anyOf = branches.map(({ reference, values }) => {
    const made = reference === undefined ? convertKeywords(withoutChoice(node), below) : convertReference({ $ref: reference }, reference, below);
    return position.hidden.has(tag) ? made : withTag(made, tag, values);
  });
  position.outcome.exact = false;
  const told = Object.fromEntries(
    Object.entries(node).filter(
      ([keyword, value]) => annotations.has(keyword) && schemaKeywords.get(keyword) === 'text' && typeof value === 'string',
    ),
  );
  return isNullable(node) ? orNull({ ...told, anyOf }) : { ...told, anyOf };
}

function convertKeywords(node: JsonObject, around: Position): JsonObject {
  const { hidden, notRequired } = hiddenNames(node, { direction: around.direction, target: around.graph.target });
  const closing = around.direction === 'input' && !around.closedAround && closesTogether(node, around.graph.inPlace);
  const outcome = { exact: true, whole: true };
  const position = { ...around, hidden: new Set([...around.hidden, ...hidden]), closedAround: around.closedAround || closing, outcome };
  const result: JsonObject = {};
  for (const [name, value] of Object.entries(node)) {
    // A list of items is how earlier drafts described a tuple.
    const keyword = name === 'items' && Array.isArray(value) ? 'prefixItems' : name;
    const converted = convertKeyword(keyword, value, node, position);
    if (converted !== undefined) result[keyword] = converted;
  }
  leaveOutHidden(result, position.hidden, new Set([...position.hidden, ...notRequired]));
  if (position.hidden.size + notRequired.length > 0 || 'oneOf' in result) outcome.exact = false;
  if (position.closedAround && result['additionalProperties'] === false) delete result['additionalProperties'];
  if (closing) result['unevaluatedProperties'] = false;
  // Properties that only a schema given up knows would be refused.
  if (around.closedAround || !outcome.whole) delete result['unevaluatedProperties'];
  if (!outcome.whole) delete result['unevaluatedItems'];
  const lose = (what: string): void => {
    around.lose(what);
    outcome.exact = false;
  };
  const adapted = adaptKeywords(node, asChoice(result), lose);
  around.outcome.exact &&= outcome.exact;
  around.outcome.whole &&= outcome.whole;
  return adapted;
}

function convertKeyword(keyword: string, value: unknown, node: JsonObject, around: Position): unknown {
  const kind = schemaKeywords.get(keyword);
  if (kind === 'value' || (kind === 'text' && typeof value === 'string')) return value;
  const inPlace = isInPlace(keyword);
  const outcome = { exact: true, whole: true };
  const isExtended = keyword === 'allOf' && around.extends;
  const below: Position = inPlace
    ? { ...around, extends: isExtended, plain: isExtended ? inAllOf : undefined, outcome }
    : { ...around, inPlace: false, extends: false, hidden: none, closedAround: false, plain: undefined, outcome };
  const converted = convertMembers(kind, keyword, value, node, below);
  const isCondition = conditions.has(keyword) || (keyword === 'contains' && 'maxContains' in node);
  const isDropped = converted !== undefined && !outcome.exact && isCondition;
  if (isDropped) around.lose(`"${keyword}" cannot be kept as it is and is left out.`);
  around.outcome.exact &&= outcome.exact;
  if (inPlace && keyword !== 'not') around.outcome.whole &&= outcome.whole && !isDropped;
  return isDropped ? undefined : converted;
}

function convertMembers(kind: KeywordKind | undefined, keyword: string, value: unknown, node: JsonObject, below: Position): unknown {
  if (kind === 'schema') return convertNode(value, below);
  if (kind === 'schema_map' && isObject(value))
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, convertNode(member, below)]));
  if (kind !== 'schemas' || !Array.isArray(value) || value.length === 0) return undefined;
  if (keyword === 'allOf') return value.map((member) => convertNode(member, tellsOfItself(member, below) ? { ...below, plain: undefined } : below));
  return tellApart(
    value.map((branch) => convertNode(branch, below)),
    value,
    node,
    below,
  );
}

/** Whether a member of `allOf` stands there itself and is a base whose subtypes do not extend the owner. */
function tellsOfItself(member: unknown, { graph, owner }: Position): boolean {
  if (!isObject(member) || typeof member['$ref'] === 'string') return false;
  const subtypes = graph.subtypes(member);
  if (subtypes === undefined || owner === undefined) return subtypes !== undefined;
  if (graph.baseTag(graph.referenceOf(owner)) === subtypes.tag) return false;
  return subtypes.branches.every(
    ({ reference }) => reference === undefined || !graph.isEndless(owner, graph.nodeOf(reference, graph.baseTag(reference) === subtypes.tag)),
  );
}

/** The branches of a choice, each with the value of the tag that its discriminator names, and those that only its mapping names. */
function tellApart(branches: Schema[], sources: readonly unknown[], node: JsonObject, position: Position): Schema[] {
  const discriminator = discriminatorOf(node);
  if (discriminator === undefined || position.hidden.has(discriminator.tag)) return branches;
  const more = mappedElsewhere(sources, discriminator, position.graph).map((reference) => ({ $ref: reference }));
  const all = [...branches, ...more.map((branch) => convertReference(branch, branch.$ref, position))];
  const valuesOf = (source: unknown) => tagValues(source, discriminator, position.graph.target);
  return [...sources, ...more].map((source, index) => withTag(all[index] ?? {}, discriminator.tag, valuesOf(source)));
}
