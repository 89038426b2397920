import { convertSchema } from './convert-schema.ts';
import type { Direction, Schema } from './convert-schema.ts';
import type { JsonObject } from './json.ts';
import { loosen } from './loosen.ts';
import { schemaChecker } from './schema-checker.ts';
import type { SchemaChecker } from './schema-checker.ts';
import { definitionName, schemaGraph } from './schema-graph.ts';

/** Reports a loss at a place of the document. */
export type Report = (where: string, what: string) => void;
export type Fragment = { schema: Schema; references: Set<string> };
type Definition = Fragment & { bytes: number; fault: string | undefined };

/** Ajv compiles a chain of references recursively, and on a thread of its own or deep in a call 256 exhausted the stack. */
const maxDefinitions = 128;

/** `fault`: why a validator refuses one of the definitions. */
export type Definitions = { definitions: JsonObject; abridged: number; fault: string | undefined };

export type ToolSchemas = {
  /** One schema of the document; `references` are the definitions it needs beside it. */
  convert: (schema: unknown, direction: Direction, where: string) => Fragment;
  /** The definition a reference leads to. */
  definition: (reference: string, direction: Direction) => Fragment;
  /** The schema a reference leads to, as the document has it. */
  source: (reference: string) => unknown;
  /** All definitions that are needed, nearest first; those beyond the bounds accept any value and are counted. */
  definitions: (references: Iterable<string>, direction: Direction, maxBytes: number) => Definitions;
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
    const conversion = { graph, direction, ignoresSiblings, references, lose: loseAt(where), loseAt };
    const made = convertSchema(schema, conversion, owner);
    return { schema: direction === 'output' ? loosen(made) : made, references };
  }

  function definition(reference: string, direction: Direction): Definition {
    const key = `${direction} ${reference}`;
    const before = converted.get(key);
    if (before !== undefined) return before;
    const fragment = convert(graph.target(reference) ?? {}, direction, reference, reference);
    const made = { ...fragment, bytes: JSON.stringify(fragment.schema).length, fault: faultOf(fragment.schema, fragment.references) };
    converted.set(key, made);
    return made;
  }

  function definitions(references: Iterable<string>, direction: Direction, maxBytes: number): Definitions {
    const needed = new Set(references);
    const found: [string, Schema][] = [];
    let bytes = 0;
    let abridged = 0;
    let fault: string | undefined;
    // A Set may grow while it is walked: this is a breadth-first search.
    for (const reference of needed) {
      const entry = definition(reference, direction);
      if (bytes + entry.bytes > maxBytes || found.length - abridged >= maxDefinitions) {
        abridged += 1;
        found.push([definitionName(reference), {}]);
        continue;
      }
      bytes += entry.bytes;
      fault ??= entry.fault === undefined ? undefined : `${reference}: ${entry.fault}`;
      found.push([definitionName(reference), entry.schema]);
      for (const next of entry.references) needed.add(next);
    }
    return { definitions: Object.fromEntries(found), abridged, fault };
  }

  return { convert, definition, source: graph.target, definitions, faultOf };
}
