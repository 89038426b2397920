import { cycleFinder } from './cycles.ts';
import { discriminatorOf, mappedElsewhere, subtypeFinder, withoutChoice } from './discriminators.ts';
import type { Subtypes } from './discriminators.ts';
import { inPlaceOf } from './in-place.ts';
import type { InPlace } from './in-place.ts';
import { isObject, shortHash } from './json.ts';
import type { JsonObject } from './json.ts';
import { isInternal, resolvePointer } from './references.ts';
import { referencesOf } from './schema-keywords.ts';

/** A definition is copied to where it is used up to this size, its own references included; a larger one is kept once in `$defs`. */
const maxInlinedBytes = 1024;
const maxHops = 16;

/** Of a schema whose subtypes stand for it: the schema without them, as their own `allOf` means it. */
const plainSuffix = '\nplain';

type Facts = { target: JsonObject | boolean | undefined; bytes: number; references: string[]; inPlace: string[] };

export type SchemaGraph = {
  /** The schema a reference names; undefined when it leads nowhere or outside. */
  target: (reference: string) => JsonObject | boolean | undefined;
  /** Whether the schema is small and leads back to itself nowhere, so that it is copied in place of the reference. */
  isInlined: (reference: string) => boolean;
  /** Whether two nodes refer to each other (or one to itself) without ever descending into a part of the value. */
  isEndless: (from: string, to: string) => boolean;
  /** The node of a reference, with subtypes in the base's place or plain. */
  nodeOf: (reference: string, plain: boolean) => string;
  /** The reference of a node. */
  referenceOf: (node: string) => string;
  /** The subtypes that stand for a base. */
  subtypes: (node: JsonObject) => Subtypes | undefined;
  /** The property that tells the subtypes of a base apart; undefined when the reference leads to none. */
  baseTag: (reference: string) => string | undefined;
  /** What applies to the value of a schema itself. */
  inPlace: (schema: unknown) => InPlace;
};

/** What the references of a document lead to. Everything is found on demand and remembered. */
export function schemaGraph(document: JsonObject): SchemaGraph {
  const known = new Map<string, Facts>();
  const expandedBytes = new Map<string, number>();
  const inPlaceKnown = new WeakMap<JsonObject, InPlace>();
  const subtypes = subtypeFinder(document, target);

  function target(reference: string): JsonObject | boolean | undefined {
    const found = isInternal(reference) ? resolvePointer(document, reference) : undefined;
    return isObject(found) || typeof found === 'boolean' ? found : undefined;
  }

  function inPlaceKnownOf(schema: unknown): InPlace {
    if (!isObject(schema)) return inPlaceOf(schema, target);
    const before = inPlaceKnown.get(schema) ?? inPlaceOf(schema, target);
    inPlaceKnown.set(schema, before);
    return before;
  }

  function baseTag(reference: string): string | undefined {
    let found: unknown = target(reference);
    for (let hop = 0; hop < maxHops && isObject(found) && typeof found['$ref'] === 'string'; hop += 1) found = target(found['$ref']);
    return isObject(found) ? subtypes(found)?.tag : undefined;
  }

  const nodeOf = (reference: string, plain: boolean): string => (plain ? reference + plainSuffix : reference);
  const referenceOf = (node: string): string => (node.endsWith(plainSuffix) ? node.slice(0, -plainSuffix.length) : node);

  /** Where a discriminator leads to, besides the references that stand there anyway. */
  function told(node: JsonObject): string[] {
    const base = subtypes(node);
    if (base !== undefined)
      return base.branches.flatMap(({ reference }) => (reference === undefined ? [] : [nodeOf(reference, baseTag(reference) === base.tag)]));
    const discriminator = discriminatorOf(node);
    const choices = [node['oneOf'], node['anyOf']].find(Array.isArray);
    return discriminator === undefined || choices === undefined ? [] : mappedElsewhere(choices, discriminator, graph);
  }

  function factsOf(id: string): Facts {
    const before = known.get(id);
    if (before !== undefined) return before;
    const isPlain = id.endsWith(plainSuffix);
    const reference = referenceOf(id);
    const found = target(reference);
    const schema = isPlain && isObject(found) ? withoutChoice(found) : found;
    const tag = isPlain ? baseTag(reference) : undefined;
    const inside = referencesOf(schema, (node, isOwn) => (isPlain && isOwn && subtypes(node)?.tag === tag ? [] : told(node))).filter((entry) =>
      isInternal(entry.reference),
    );
    const nodes = inside.map((entry) => ({
      ...entry,
      node: nodeOf(entry.reference, (entry.inAllOf || (isPlain && entry.isRoot)) && baseTag(entry.reference) !== undefined),
    }));
    const facts = {
      target: schema,
      bytes: schema === undefined ? 0 : JSON.stringify(schema).length,
      references: nodes.map((entry) => entry.node),
      inPlace: nodes.filter((entry) => entry.inPlace).map((entry) => entry.node),
    };
    known.set(id, facts);
    return facts;
  }

  const all = cycleFinder(
    (reference) => factsOf(reference).references,
    (reference, cyclic) => {
      const facts = factsOf(reference);
      const below = facts.references.reduce((sum, each) => sum + (expandedBytes.get(each) ?? 0), 0);
      expandedBytes.set(reference, cyclic ? Infinity : facts.bytes + below);
    },
  );
  const inPlace = cycleFinder((reference) => factsOf(reference).inPlace);

  const graph: SchemaGraph = {
    target,
    isInlined: (reference) => !all.cyclic(reference) && (expandedBytes.get(reference) ?? Infinity) <= maxInlinedBytes,
    isEndless: (from, to) => inPlace.cyclic(to) && inPlace.component(from) === inPlace.component(to),
    nodeOf,
    referenceOf,
    subtypes,
    baseTag,
    inPlace: inPlaceKnownOf,
  };
  return graph;
}

/** The key of a definition below `$defs`: the component's own name, or one that is unique by a hash of the reference. */
export function definitionName(reference: string): string {
  const component = /^#\/components\/schemas\/([A-Za-z0-9._-]{1,100})$/.exec(reference)?.[1];
  if (component !== undefined) return component;
  const last = reference
    .slice(reference.lastIndexOf('/') + 1)
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .slice(0, 60);
  return `${last}_${shortHash(reference)}`;
}
