import type { Change, Direction } from './change.ts';
import type { JsonObject, OpenApiDocument } from './document.ts';
import type { SchemaAtom } from './effective-schema.ts';

/** What travels through one comparison: the two documents, the way the value goes, and what has been compared already. */
export interface Comparison {
  readonly baseline: OpenApiDocument;
  readonly current: OpenApiDocument;
  readonly direction: Direction;
  /** The name the value bears in the contract, for the rule on `gateway_mode`. */
  readonly field: string;
  readonly seen: SeenPairs;
}

/**
 * Remembers which schema pairs were compared in which direction. It ends recursion through cyclic
 * `$ref`s, since a document has finitely many nodes, and reports a shared schema once.
 */
export class SeenPairs {
  readonly #ids: SchemaIds;
  readonly #keys: Set<string>;

  constructor(ids: SchemaIds = new SchemaIds(), keys: Iterable<string> = []) {
    this.#ids = ids;
    this.#keys = new Set(keys);
  }

  /** A copy to try something on: what it learns stays with it. */
  fork(): SeenPairs {
    return new SeenPairs(this.#ids, this.#keys);
  }

  /** True the first time a pair is met in this direction under this name. */
  isNew(direction: Direction, field: string, base: readonly SchemaAtom[], current: readonly SchemaAtom[]): boolean {
    const key = `${direction} ${field} ${this.#idOf(base)} ${this.#idOf(current)}`;
    if (this.#keys.has(key)) return false;
    this.#keys.add(key);
    return true;
  }

  #idOf(atoms: readonly SchemaAtom[]): string {
    return atoms
      .map(({ schema }) => this.#ids.of(schema))
      .sort((left, right) => left - right)
      .join('+');
  }
}

/** Numbers schema nodes by identity. */
class SchemaIds {
  readonly #ids = new WeakMap<JsonObject, number>();
  #lastId = 0;

  of(schema: JsonObject): number {
    const known = this.#ids.get(schema);
    if (known !== undefined) return known;
    this.#lastId += 1;
    this.#ids.set(schema, this.#lastId);
    return this.#lastId;
  }
}

/** Compares two lists of atoms; handed down so that the parts of the schema comparison need not import each other in a ring. */
export type CompareAtoms = (base: readonly SchemaAtom[], current: readonly SchemaAtom[], comparison: Comparison) => Change[];
