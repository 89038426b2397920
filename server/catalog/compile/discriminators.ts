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

/** A mapping holds references, or names of components. */
function mappedReference(target: string): string {
  return /^[A-Za-z0-9._-]+$/.test(target) && !/\.(json|ya?ml)$/i.test(target) ? componentPrefix + target : target;
}

/** Finds the subtypes of schemas that are a base: with a discriminator and no choice of their own. */
export function subtypeFinder(document: JsonObject, target: FindSchema): (node: JsonObject) => Subtypes | undefined {
  const known = new WeakMap<JsonObject, Subtypes | undefined>();
  const components = Object.entries(objectMember(objectMember(document, 'components') ?? {}, 'schemas') ?? {});
  let children: Map<unknown, string[]> | undefined;

  /** Which components name a schema in their `allOf`. */
  function childrenOf(node: unknown): readonly string[] {
    if (children === undefined) {
      children = new Map();
      for (const [name, component] of components) {
        const bases: unknown[] = isObject(component) && Array.isArray(component['allOf']) ? component['allOf'] : [];
        for (const base of bases.map((each) => finalTarget(each, target))) {
          const list = children.get(base) ?? [];
          children.set(base, list);
          list.push(referenceTo(name));
        }
      }
    }
    return children.get(node) ?? [];
  }

  function find(node: JsonObject): Subtypes | undefined {
    const discriminator = discriminatorOf(node);
    if (discriminator === undefined || 'oneOf' in node || 'anyOf' in node) return undefined;
    const { tag } = discriminator;
    const found = new Map<unknown, { reference: string | undefined; values: Set<string> }>();
    const add = (reference: string, value?: string): void => {
      const schema = finalTarget({ $ref: reference }, target);
      const entry = found.get(schema) ?? { reference: schema === node ? undefined : reference, values: new Set() };
      if (isObject(schema)) found.set(schema, entry);
      if (value !== undefined) entry.values.add(value);
    };
    for (const [value, reference] of discriminator.mapping) add(reference, value);
    if (discriminator.mapping.length === 0) for (const [name, component] of components) if (component === node) add(referenceTo(name));
    for (const reference of childrenOf(node)) add(reference);
    // A Map may grow while it is walked: subtypes of subtypes are subtypes too.
    for (const schema of found.keys()) {
      if (schema === node || found.size > maxSubtypes) continue;
      const own = discriminatorOf(schema);
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
  // It tells its own kinds apart by the same property.
  if (discriminatorOf(schema)?.tag === tag) return [];
  const explicit = mapping.filter(([, each]) => finalTarget({ $ref: each }, target) === schema).map(([value]) => value);
  return allowed(explicit.length > 0 ? explicit : impliedValues(schema, reference), tag, schema, target);
}

/** The references of a mapping to schemas that no branch of the choice leads to. */
export function mappedElsewhere(
  branches: readonly unknown[],
  { tag, mapping }: Discriminator,
  graph: { target: FindSchema; inPlace: (schema: unknown) => InPlace },
): string[] {
  const targets = branches.map((branch) => finalTarget(branch, graph.target));
  if (targets.some((schema) => discriminatorOf(schema)?.tag === tag)) return [];
  const reached = new Set(targets.flatMap((schema) => [schema, ...graph.inPlace(schema).schemas]));
  const elsewhere = new Map(mapping.map(([, reference]) => [finalTarget({ $ref: reference }, graph.target), reference]));
  return [...elsewhere].filter(([schema]) => isObject(schema) && !reached.has(schema)).map(([, reference]) => reference);
}

/** A schema that knows the tag of its objects. */
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

/** A tag is text in the document, whatever it is in the value. */
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
