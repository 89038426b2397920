import { convertSchema, maxSchemas } from './convert-schema.ts';
import type { Direction, Schema } from './schema-types.ts';
import type { InPlace } from './in-place.ts';
import type { JsonObject } from './json.ts';
import { loosen } from './loosen.ts';
import { schemaChecker } from './schema-checker.ts';
import type { SchemaChecker } from './schema-checker.ts';
import { definitionName, schemaGraph } from './schema-graph.ts';
import { trimmed } from './trim.ts';
import type { Prose } from './trim.ts';

/** Reports a loss at a place of the document. */
export type Report = (where: string, what: string) => void;
export type Fragment = { schema: Schema; references: Set<string> };
type Definition = Fragment & { bytes: number };

/** Ajv compiles a chain of references recursively, and on a thread of its own or deep in a call 256 exhausted the stack. */
const maxDefinitions = 128;

/** `fault`: why a validator refuses one of the definitions. `isFull`: whether it was for their bytes that some are abridged. */
export type Definitions = { definitions: JsonObject; abridged: number; isFull: boolean; fault: string | undefined };

export type ToolSchemas = {
  /** One schema of the document; `references` are the definitions it needs beside it. */
  convert: (schema: unknown, direction: Direction, where: string) => Fragment;
  /** The definition a reference leads to. */
  definition: (reference: string, direction: Direction) => Fragment;
  /** The schema a reference leads to, as the document has it. */
  source: (reference: string) => unknown;
  /** What applies to the value of a schema of the document itself. */
  inPlace: (schema: unknown) => InPlace;
  /** All definitions that are needed, nearest first; those beyond the bounds accept any value and are counted. */
  definitions: (references: Iterable<string>, direction: Direction, prose: Prose, maxBytes: number) => Definitions;
  /** Why a validator refuses a fragment, its definitions aside. */
  faultOf: SchemaChecker;
};

/** The schemas of one document, converted once for each direction. */
export function toolSchemas(document: JsonObject, report: Report): ToolSchemas {
  const graph = schemaGraph(document);
  const ignoresSiblings = String(document['openapi']).startsWith('3.0');
  const converted = new Map<string, Definition>();
  const faultOf = schemaChecker();

  function convert(schema: unknown, direction: Direction, where: string, owner?: string): Fragment {
    const references = new Set<string>();
    const loseAt = (place: string) => (what: string) => report(place, what);
    const budget = { left: maxSchemas };
    const conversion = { graph, direction, ignoresSiblings, references, budget, lose: loseAt(where), loseAt };
    const made = convertSchema(schema, conversion, owner);
    return { schema: direction === 'output' ? loosen(made) : made, references };
  }

  function definition(reference: string, direction: Direction): Definition {
    const key = `${direction} ${reference}`;
    const before = converted.get(key);
    if (before !== undefined) return before;
    const fragment = convert(graph.target(reference) ?? {}, direction, reference, reference);
    const made = { ...fragment, bytes: JSON.stringify(fragment.schema).length };
    converted.set(key, made);
    return made;
  }

  function trimmedDefinition(reference: string, direction: Direction, level: Prose): Definition {
    if (level === 'all') return definition(reference, direction);
    const key = `${level} ${direction} ${reference}`;
    const before = converted.get(key);
    if (before !== undefined) return before;
    const whole = definition(reference, direction);
    const schema = trimmed(whole.schema, level);
    const made = { ...whole, schema, bytes: JSON.stringify(schema).length };
    converted.set(key, made);
    return made;
  }

  function definitions(references: Iterable<string>, direction: Direction, level: Prose, maxBytes: number): Definitions {
    const needed = new Set(references);
    const found: [string, Schema][] = [];
    let bytes = 0;
    let abridged = 0;
    let isFull = false;
    let fault: string | undefined;
    // A Set may grow while it is walked: this is a breadth-first search.
    for (const reference of needed) {
      const entry = trimmedDefinition(reference, direction, level);
      const isTooLarge = bytes + entry.bytes > maxBytes;
      if (isTooLarge || found.length - abridged >= maxDefinitions) {
        isFull ||= isTooLarge;
        abridged += 1;
        found.push([definitionName(reference), {}]);
        continue;
      }
      bytes += entry.bytes;
      const entryFault = fault === undefined ? faultOf(entry.schema, entry.references) : undefined;
      if (entryFault !== undefined) fault = `${reference}: ${entryFault}`;
      found.push([definitionName(reference), entry.schema]);
      for (const next of entry.references) needed.add(next);
    }
    return { definitions: Object.fromEntries(found), abridged, isFull, fault };
  }

  return { convert, definition, source: graph.target, inPlace: graph.inPlace, definitions, faultOf };
}
