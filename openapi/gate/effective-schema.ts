import { arrayAt, canonical, escapePointer, isObject, objectAt, resolve, stringsAt, type JsonObject, type OpenApiDocument } from './document.ts';
import { intersectTypes, jsonTypeOf, type JsonType } from './json-types.ts';
import { constraintKinds, mergeConstraint, readConstraints, type Constraint } from './constraints.ts';

/** One schema and where it stands; a value must satisfy every atom of a list. */
export interface SchemaAtom {
  readonly schema: JsonObject;
  /** The component it belongs to, or the place where it stands inline. */
  readonly at: string;
  /** Where it is mentioned: differs from `at` when that is a reference. */
  readonly mentionedAt: string;
}

/**
 * What a list of atoms asks for together, with `allOf` folded in: comparing two of these does not
 * see a field that only moved between `allOf` members.
 */
export interface EffectiveSchema {
  readonly at: string;
  /** Undefined: any type. */
  readonly types: ReadonlySet<JsonType> | undefined;
  /** From `enum` and `const`. Undefined: any value. */
  readonly values: readonly unknown[] | undefined;
  readonly properties: ReadonlyMap<string, readonly SchemaAtom[]>;
  readonly required: ReadonlySet<string>;
  readonly additional: 'open' | 'closed' | readonly SchemaAtom[];
  readonly items: readonly SchemaAtom[] | undefined;
  /** `oneOf` and `anyOf`, one entry a keyword. */
  readonly unions: readonly (readonly SchemaAtom[])[];
  readonly constraints: ReadonlyMap<string, Constraint>;
  /** Keywords whose narrowing cannot be decided, by their canonical text. */
  readonly opaque: ReadonlyMap<string, string>;
  readonly defaultValue: unknown;
  readonly readOnly: boolean;
  readonly writeOnly: boolean;
}

/** What is compared part by part. */
const structuralKeywords = [
  ...['type', 'enum', 'const', 'properties', 'patternProperties', 'required', 'additionalProperties', 'unevaluatedProperties', 'items'],
  ...['allOf', 'oneOf', 'anyOf', '$ref', '$defs', 'discriminator', 'default', 'readOnly', 'writeOnly'],
];
/** What says nothing about values. */
const annotations = ['title', 'description', 'example', 'examples', 'deprecated', 'externalDocs', '$comment'];
const understood: ReadonlySet<string> = new Set([...structuralKeywords, ...annotations, ...Object.keys(constraintKinds)]);
/** Every other keyword is compared as text, known here or not: what cannot be judged must not pass. */
const isOpaque = (keyword: string): boolean => !understood.has(keyword) && !keyword.startsWith('x-');

/** Resolves a schema node; `at` is used unless a `$ref` gives the node a name of its own. Boolean schemas become objects (JSON Schema 2020-12 §4.3.2). */
export function atomOf(document: OpenApiDocument, node: unknown, at: string): SchemaAtom[] {
  const { node: target, pointer } = resolve(document, node);
  const schema = isObject(target) ? target : target === false ? { not: {} } : {};
  const atom = { schema, at: pointer ?? at, mentionedAt: at };
  // Siblings of $ref count in 3.1, but documentation beside a reference says nothing about values.
  const siblings =
    isObject(node) && pointer !== undefined ? withoutKeys(node, ['$ref', 'description', 'summary', 'example', 'examples', 'title']) : {};
  return Object.keys(siblings).length === 0 ? [atom] : [atom, { schema: memoSiblings(node as JsonObject, siblings), at, mentionedAt: at }];
}

/** Identity ends recursion, so the same node must give the same sibling object every time. */
const siblingObjects = new WeakMap<JsonObject, JsonObject>();

function memoSiblings(node: JsonObject, siblings: JsonObject): JsonObject {
  const known = siblingObjects.get(node);
  if (known !== undefined) return known;
  siblingObjects.set(node, siblings);
  return siblings;
}

const withoutKeys = (node: JsonObject, keys: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(node).filter(([key]) => !keys.includes(key)));

export const effectiveOf = (document: OpenApiDocument, node: unknown, at = '#'): EffectiveSchema => effective(document, atomOf(document, node, at));

/** Folds a list of atoms and everything they take in by `allOf`. An `allOf` that leads back to itself adds nothing the second time. */
export function effective(document: OpenApiDocument, atoms: readonly SchemaAtom[], visiting: ReadonlySet<JsonObject> = new Set()): EffectiveSchema {
  const parts = atoms.filter((atom) => !visiting.has(atom.schema)).map((atom) => partOf(document, atom, new Set([...visiting, atom.schema])));
  return parts.reduce((left, right) => merge(left, right), emptyAt(atoms[0]?.at ?? '#'));
}

const emptyAt = (at: string): EffectiveSchema => ({
  at,
  types: undefined,
  values: undefined,
  properties: new Map(),
  required: new Set(),
  additional: 'open',
  items: undefined,
  unions: [],
  constraints: new Map(),
  opaque: new Map(),
  defaultValue: undefined,
  readOnly: false,
  writeOnly: false,
});

function partOf(document: OpenApiDocument, atom: SchemaAtom, visiting: ReadonlySet<JsonObject>): EffectiveSchema {
  let part = ownKeywords(document, atom);
  for (const [index, member] of arrayAt(atom.schema, 'allOf').entries()) {
    part = merge(part, effective(document, atomOf(document, member, `${atom.at}/allOf/${String(index)}`), visiting));
  }
  for (const keyword of ['oneOf', 'anyOf']) {
    const branches = arrayAt(atom.schema, keyword).flatMap((branch, index) => {
      const at = `${atom.at}/${keyword}/${String(index)}`;
      const atoms = atomOf(document, branch, at);
      // A reference with siblings is two atoms; as a branch it must stay one.
      return atoms.length === 1 ? atoms : [{ schema: branch as JsonObject, at, mentionedAt: at }];
    });
    if (branches.length > 0) part = merge(part, unionPart(document, atom.at, branches, visiting));
  }
  return part;
}

/** `oneOf: [X, {type: null}]` is X made nullable and is compared as such; a real union keeps its branches. */
function unionPart(document: OpenApiDocument, at: string, branches: readonly SchemaAtom[], visiting: ReadonlySet<JsonObject>): EffectiveSchema {
  const parts = branches.map((branch) => effective(document, atomOf(document, branch.schema, branch.at), visiting));
  const isNull = (part: EffectiveSchema): boolean => part.types?.size === 1 && part.types.has('null');
  const rest = parts.filter((part) => !isNull(part));
  const only = rest[0];
  if (rest.length === 1 && only !== undefined) {
    if (rest.length === parts.length) return { ...only, at };
    return { ...only, at, types: only.types && new Set([...only.types, 'null']), values: only.values && [...only.values, null] };
  }
  const open = parts.some((part) => part.types === undefined);
  const types = open ? undefined : new Set(parts.flatMap((part) => [...(part.types ?? [])]));
  return { ...emptyAt(at), types, unions: [branches] };
}

function ownKeywords(document: OpenApiDocument, { schema, at }: SchemaAtom): EffectiveSchema {
  const values = 'const' in schema ? [schema['const']] : Array.isArray(schema['enum']) ? (schema['enum'] as unknown[]) : undefined;
  const declared = typeof schema['type'] === 'string' ? [schema['type']] : Array.isArray(schema['type']) ? stringsAt(schema, 'type') : undefined;
  const types = declared === undefined ? values?.map(jsonTypeOf) : (declared as JsonType[]);
  const named = (keyword: string, label: (name: string) => string): [string, SchemaAtom[]][] =>
    Object.entries(objectAt(schema, keyword)).map(([name, node]) => [label(name), atomOf(document, node, `${at}/${keyword}/${escapePointer(name)}`)]);
  // A pattern is a field with many names: slashes keep it apart from a field that is called like its text.
  const properties = [...named('properties', (name) => name), ...named('patternProperties', (pattern) => `/${pattern}/`)];
  return {
    at,
    types: types && new Set(types),
    values,
    properties: new Map(properties),
    required: new Set(stringsAt(schema, 'required')),
    additional: additionalOf(document, schema, at),
    items: schema['items'] === undefined ? undefined : atomOf(document, schema['items'], `${at}/items`),
    unions: [],
    constraints: readConstraints(schema),
    opaque: new Map([
      ...Object.keys(schema)
        .filter((keyword) => isOpaque(keyword) && schema[keyword] !== undefined)
        .map((keyword) => [keyword, canonical(inlined(document, schema[keyword]))] as const),
      ...(isObject(schema['discriminator']) ? [['discriminator', canonical(schema['discriminator']['propertyName'])] as const] : []),
    ]),
    defaultValue: schema['default'],
    readOnly: schema['readOnly'] === true,
    writeOnly: schema['writeOnly'] === true,
  };
}

/** Replaces references by what they point to, so that an edit behind one is seen; a reference inside its own target stays as it is. */
function inlined(document: OpenApiDocument, node: unknown, within: readonly unknown[] = []): unknown {
  if (Array.isArray(node)) return node.map((item) => inlined(document, item, within));
  if (!isObject(node)) return node;
  const { node: target, pointer } = resolve(document, node);
  if (pointer === undefined) return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, inlined(document, value, within)]));
  return within.includes(target) ? node : inlined(document, target, [...within, target]);
}

function additionalOf(document: OpenApiDocument, schema: JsonObject, at: string): EffectiveSchema['additional'] {
  const [additional = 'open', unevaluated = 'open'] = ['additionalProperties', 'unevaluatedProperties'].map((keyword) => {
    const value = schema[keyword];
    if (value === undefined || value === true) return 'open';
    return value === false ? 'closed' : atomOf(document, value, `${at}/${keyword}`);
  });
  return mergeAdditional(additional, unevaluated);
}

function merge(left: EffectiveSchema, right: EffectiveSchema): EffectiveSchema {
  const properties = new Map(left.properties);
  for (const [name, atoms] of right.properties) properties.set(name, distinct([...(properties.get(name) ?? []), ...atoms]));
  const constraints = new Map(left.constraints);
  for (const [keyword, value] of right.constraints) constraints.set(keyword, mergeConstraint(keyword, constraints.get(keyword), value));
  return {
    at: left.at,
    types: left.types === undefined ? right.types : right.types === undefined ? left.types : intersectTypes(left.types, right.types),
    values: left.values === undefined ? right.values : right.values === undefined ? left.values : commonValues(left.values, right.values),
    properties,
    required: new Set([...left.required, ...right.required]),
    additional: mergeAdditional(left.additional, right.additional),
    items: left.items === undefined ? right.items : right.items === undefined ? left.items : distinct([...left.items, ...right.items]),
    unions: [...left.unions, ...right.unions],
    constraints,
    opaque: new Map([
      ...left.opaque,
      ...[...right.opaque].map(([keyword, text]) => [keyword, [left.opaque.get(keyword), text].filter(Boolean).join(' and ')] as const),
    ]),
    defaultValue: left.defaultValue ?? right.defaultValue,
    readOnly: left.readOnly || right.readOnly,
    writeOnly: left.writeOnly || right.writeOnly,
  };
}

const distinct = (atoms: readonly SchemaAtom[]): SchemaAtom[] =>
  atoms.filter((atom, index) => atoms.findIndex((other) => other.schema === atom.schema) === index);

const commonValues = (left: readonly unknown[], right: readonly unknown[]): unknown[] => {
  const texts = new Set(right.map(canonical));
  return left.filter((value) => texts.has(canonical(value)));
};

function mergeAdditional(left: EffectiveSchema['additional'], right: EffectiveSchema['additional']): EffectiveSchema['additional'] {
  if (left === 'closed' || right === 'closed') return 'closed';
  if (left === 'open') return right;
  return right === 'open' ? left : distinct([...left, ...right]);
}
