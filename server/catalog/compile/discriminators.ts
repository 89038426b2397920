import type { InPlace } from './in-place.ts';
import { isObject, objectMember, stringMember } from './json.ts';
import type { JsonObject } from './json.ts';
import type { FindSchema, Schema } from './schema-types.ts';

/** OpenAPI's Discriminator Object: the property that tells the schemas of a choice apart, and the references that its values stand for. */
export type Discriminator = { tag: string; mapping: readonly [value: string, reference: string][] };
/** A schema and the values of the tag that tell it; without a reference it is the base itself. */
export type Subtype = { reference: string | undefined; values: readonly string[] };
export type Subtypes = { tag: string; branches: readonly Subtype[] };

const componentPrefix = '#/components/schemas/';
/** More kinds of one thing than any model could choose from. */
const maxSubtypes = 128;
const maxHops = 16;
/** What generators write where a subtype's value is not its name. */
const valueExtensions = ['x-ms-discriminator-value', 'x-discriminator-value'];

export function discriminatorOf(node: unknown): Discriminator | undefined {
  const discriminator = isObject(node) ? objectMember(node, 'discriminator') : undefined;
  const tag = discriminator === undefined ? undefined : stringMember(discriminator, 'propertyName');
  if (discriminator === undefined || tag === undefined) return undefined;
  const mapping = Object.entries(objectMember(discriminator, 'mapping') ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return { tag, mapping: mapping.map(([value, target]) => [value, mappedReference(target)]) };
}

/**
 * The discriminator of a base: its own, or that of a member which stands in its `allOf` itself, as generators write it for a base that extends
 * another one. Undefined for a choice, whose branches are what its discriminator tells apart.
 */
function baseDiscriminatorOf(node: unknown): Discriminator | undefined {
  if (!isObject(node) || choiceOf(node) !== undefined) return undefined;
  const own = discriminatorOf(node);
  if (own !== undefined) return own;
  return inlineMembers(node)
    .map(baseDiscriminatorOf)
    .find((found) => found !== undefined);
}

/** The branches of a `oneOf` or `anyOf`. */
function choiceOf(node: JsonObject): readonly unknown[] | undefined {
  return [node['oneOf'], node['anyOf']].find(Array.isArray);
}

/** A base without its choice of subtypes, which is what they mean by it in their own `allOf`. */
export function withoutChoice(base: JsonObject): JsonObject {
  if (choiceOf(base) === undefined) return base;
  const { oneOf: _oneOf, anyOf: _anyOf, ...node } = base;
  return node;
}

function membersOf(node: JsonObject): readonly unknown[] {
  return Array.isArray(node['allOf']) ? node['allOf'] : [];
}

function inlineMembers(node: JsonObject): JsonObject[] {
  return membersOf(node).filter((member): member is JsonObject => isObject(member) && typeof member['$ref'] !== 'string');
}

/** What a schema extends: the references in its `allOf`, and in that of the members that stand there themselves. */
function extendedBy(node: JsonObject): unknown[] {
  const references = membersOf(node).filter((member) => isObject(member) && typeof member['$ref'] === 'string');
  return [...references, ...inlineMembers(node).flatMap(extendedBy)];
}

/** A mapping holds references, or names of components. */
function mappedReference(target: string): string {
  return /^[A-Za-z0-9._-]+$/.test(target) && !/\.(json|ya?ml)$/i.test(target) ? componentPrefix + target : target;
}

/**
 * Finds the subtypes of schemas that are a base: with a discriminator, and with no choice but one of schemas that extend the base, to which it
 * would lead back without end.
 */
export function subtypeFinder(document: JsonObject, target: FindSchema): (node: JsonObject) => Subtypes | undefined {
  const known = new WeakMap<JsonObject, Subtypes | undefined>();
  const components = Object.entries(objectMember(objectMember(document, 'components') ?? {}, 'schemas') ?? {});
  let children: Map<unknown, string[]> | undefined;

  /** The references to the components that extend a schema by their `allOf`. */
  function childrenOf(node: unknown): readonly string[] {
    if (children === undefined) {
      children = new Map();
      for (const [name, component] of components) {
        const bases = isObject(component) ? extendedBy(component) : [];
        for (const base of bases.map((each) => finalTarget(each, target))) {
          const list = children.get(base) ?? [];
          children.set(base, list);
          list.push(referenceTo(name));
        }
      }
    }
    return children.get(node) ?? [];
  }

  /** The references in a node's choice, when one of them leads to a schema that extends the node. */
  function extendingChoice(node: JsonObject): string[] | undefined {
    const references = (choiceOf(node) ?? []).map((branch) => (isObject(branch) ? branch['$ref'] : undefined));
    if (references.length === 0 || !references.every((reference) => typeof reference === 'string')) return undefined;
    const extending = new Set(childrenOf(node).map((reference) => finalTarget({ $ref: reference }, target)));
    return references.some((reference) => extending.has(finalTarget({ $ref: reference }, target))) ? references : undefined;
  }

  function find(node: JsonObject): Subtypes | undefined {
    const branches = extendingChoice(node);
    const discriminator = branches === undefined ? baseDiscriminatorOf(node) : discriminatorOf(node);
    if (discriminator === undefined) return undefined;
    // A discriminator in a member of `allOf` is applied at that member, unless other schemas extend the whole node.
    if (discriminatorOf(node) === undefined && childrenOf(node).length === 0) return undefined;
    const { tag } = discriminator;
    const found = new Map<unknown, { reference: string | undefined; values: Set<string> }>();
    const add = (reference: string, value?: string): void => {
      const schema = finalTarget({ $ref: reference }, target);
      const entry = found.get(schema) ?? { reference: schema === node ? undefined : reference, values: new Set() };
      if (isObject(schema)) found.set(schema, entry);
      if (value !== undefined) entry.values.add(value);
    };
    for (const [value, reference] of discriminator.mapping) add(reference, value);
    for (const reference of branches ?? []) add(reference);
    if (discriminator.mapping.length === 0 && branches === undefined)
      for (const [name, component] of components) if (component === node) add(referenceTo(name));
    for (const reference of childrenOf(node)) add(reference);
    // A Map may grow while it is walked: subtypes of subtypes are subtypes too.
    for (const schema of found.keys()) {
      if (schema === node || found.size > maxSubtypes) continue;
      const own = baseDiscriminatorOf(schema);
      if (own?.tag === tag) for (const [value, reference] of own.mapping) add(reference, value);
      for (const reference of childrenOf(schema)) add(reference);
    }
    if ([...found.keys()].every((schema) => schema === node)) return undefined;
    const self = referenceTo(components.find(([, component]) => component === node)?.[0] ?? '');
    return {
      tag,
      branches: [...found].slice(0, maxSubtypes).map(([schema, { reference, values }]) => ({
        reference,
        values: allowed(values.size > 0 ? [...values] : impliedValues(schema, reference ?? self), tag, schema, target),
      })),
    };
  }

  return (node) => {
    if (!known.has(node)) known.set(node, find(node));
    return known.get(node);
  };
}

/** The values of the tag that mean this branch of a choice; none when nothing tells. */
export function tagValues(branch: unknown, { tag, mapping }: Discriminator, target: FindSchema): readonly string[] {
  const reference = isObject(branch) ? branch['$ref'] : undefined;
  if (typeof reference !== 'string') return [];
  const schema = finalTarget(branch, target);
  const explicit = mapping.filter(([, each]) => finalTarget({ $ref: each }, target) === schema).map(([value]) => value);
  const own = baseDiscriminatorOf(schema);
  // It tells its own kinds apart by the same property, of which only some may be meant.
  if (own?.tag === tag) {
    const kinds = new Set(own.mapping.map(([value]) => value));
    return explicit.every((value) => kinds.has(value)) ? explicit : [];
  }
  return allowed(explicit.length > 0 ? explicit : impliedValues(schema, reference), tag, schema, target);
}

/** The references of a mapping to schemas that no branch of the choice leads to. */
export function mappedElsewhere(
  branches: readonly unknown[],
  { tag, mapping }: Discriminator,
  graph: { target: FindSchema; inPlace: (schema: unknown) => InPlace },
): string[] {
  const targets = branches.map((branch) => finalTarget(branch, graph.target));
  if (targets.some((schema) => baseDiscriminatorOf(schema)?.tag === tag)) return [];
  const reached = new Set(targets.flatMap((schema) => [schema, ...graph.inPlace(schema).schemas]));
  const elsewhere = new Map(mapping.map(([, reference]) => [finalTarget({ $ref: reference }, graph.target), reference]));
  return [...elsewhere].filter(([schema]) => isObject(schema) && !reached.has(schema)).map(([, reference]) => reference);
}

/** The schema, with the values of the discriminator's property that stand for it. */
export function withTag(schema: Schema, tag: string, values: readonly string[]): Schema {
  if (values.length === 0) return schema;
  const base = isObject(schema) ? schema : {};
  const properties = isObject(base['properties']) ? base['properties'] : {};
  const declared = isObject(properties[tag]) ? properties[tag] : {};
  const typed = declared['type'] === undefined ? values : values.map((value) => valueOfType(value, declared['type']));
  const { enum: _values, const: _value, ...rest } = declared;
  const told = typed.length === 1 ? { const: typed[0] } : { enum: typed };
  return { ...base, properties: { ...properties, [tag]: { ...rest, ...told } } };
}

/** The keys of a mapping are strings, even where the property is a number or a boolean. */
function valueOfType(value: string, type: unknown): unknown {
  const types: unknown[] = Array.isArray(type) ? type : [type];
  if (types.includes('string')) return value;
  if ((types.includes('integer') || types.includes('number')) && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
  return types.includes('boolean') && (value === 'true' || value === 'false') ? value === 'true' : value;
}

/** The schema's name is the value where no mapping says otherwise. */
function impliedValues(schema: unknown, reference: string): string[] {
  const extension = isObject(schema) ? valueExtensions.map((name) => schema[name]).find((value) => typeof value === 'string') : undefined;
  if (typeof extension === 'string') return [extension];
  return reference.startsWith(componentPrefix) ? [reference.slice(componentPrefix.length).replaceAll('~1', '/').replaceAll('~0', '~')] : [];
}

/** The values that the schema's own words leave; all of them being refused, the document contradicts itself and none is demanded. */
function allowed(values: readonly string[], tag: string, schema: unknown, target: FindSchema): readonly string[] {
  const lists = declaredValues(schema, tag, target, new Set());
  return values.filter((value) => lists.every((list) => list.some((each) => String(each) === value)));
}

function declaredValues(schema: unknown, tag: string, target: FindSchema, seen: Set<unknown>): unknown[][] {
  const found = finalTarget(schema, target);
  if (!isObject(found) || seen.has(found)) return [];
  seen.add(found);
  const property = finalTarget(objectMember(found, 'properties')?.[tag], target);
  const own = !isObject(property)
    ? []
    : 'const' in property
      ? [[property['const']]]
      : Array.isArray(property['enum'])
        ? [property['enum'] as unknown[]]
        : [];
  const members: unknown[] = Array.isArray(found['allOf']) ? found['allOf'] : [];
  return [...own, ...members.flatMap((member) => declaredValues(member, tag, target, seen))];
}

function finalTarget(schema: unknown, target: FindSchema): unknown {
  let current = schema;
  for (let hop = 0; hop < maxHops && isObject(current) && typeof current['$ref'] === 'string'; hop += 1) current = target(current['$ref']);
  return current;
}

function referenceTo(component: string): string {
  return componentPrefix + component.replaceAll('~', '~0').replaceAll('/', '~1');
}
