import { cycleFinder } from './cycles.ts';
import { isObject, shortHash } from './json.ts';
import type { JsonObject } from './json.ts';
import { isInternal, resolvePointer } from './references.ts';
import { referencesOf } from './schema-keywords.ts';

/** A definition is copied to where it is used up to this size, its own references included; a larger one is kept once in `$defs`. */
const maxInlinedBytes = 1024;

type Facts = { target: JsonObject | boolean | undefined; bytes: number; references: string[]; inPlace: string[] };

export type SchemaGraph = {
  /** The schema a reference names; undefined when it leads nowhere or outside. */
  target: (reference: string) => JsonObject | boolean | undefined;
  /** Whether the schema is small and leads back to itself nowhere, so that it is copied in place of the reference. */
  isInlined: (reference: string) => boolean;
  /** Whether two definitions refer to each other (or one to itself) without ever descending into a part of the value. */
  isEndless: (from: string, to: string) => boolean;
};

/** What the references of a document lead to. Everything is found on demand and remembered. */
export function schemaGraph(document: JsonObject): SchemaGraph {
  const known = new Map<string, Facts>();
  const expandedBytes = new Map<string, number>();

  function factsOf(reference: string): Facts {
    const before = known.get(reference);
    if (before !== undefined) return before;
    const found = isInternal(reference) ? resolvePointer(document, reference) : undefined;
    const target = isObject(found) || typeof found === 'boolean' ? found : undefined;
    const inside = referencesOf(target).filter((entry) => isInternal(entry.reference));
    const facts = {
      target,
      bytes: target === undefined ? 0 : JSON.stringify(target).length,
      references: inside.map((entry) => entry.reference),
      inPlace: inside.filter((entry) => entry.inPlace).map((entry) => entry.reference),
    };
    known.set(reference, facts);
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

  return {
    target: (reference) => factsOf(reference).target,
    isInlined: (reference) => !all.cyclic(reference) && (expandedBytes.get(reference) ?? Infinity) <= maxInlinedBytes,
    isEndless: (from, to) => inPlace.cyclic(to) && inPlace.component(from) === inPlace.component(to),
  };
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
