import type { Row } from '../schemas/field.ts';
import { type EntityName, kinds } from './kinds.ts';
import { stillReferenced, uniqueViolation } from './kong-error.ts';

/** Every entity, by kind and id. Rows are replaced, never changed, so a copy of the maps is a snapshot. */
export type Tables = Readonly<Record<EntityName, ReadonlyMap<string, Row>>>;

export const entityNames = Object.keys(kinds) as EntityName[];

/** The entities of one simulated Kong and the rules of its database: uniqueness, references and cascades. */
export class Store {
  readonly #tables: Record<EntityName, Map<string, Row>>;
  readonly #onChange: () => void;

  /** @param onChange called after every write. */
  constructor(saved: Partial<Record<EntityName, readonly Row[]>>, onChange: () => void) {
    this.#tables = Object.fromEntries(entityNames.map((name) => [name, new Map((saved[name] ?? []).map((row) => [row.id, row]))])) as Record<
      EntityName,
      Map<string, Row>
    >;
    this.#onChange = onChange;
  }

  get(entity: EntityName, id: string): Row | undefined {
    return this.#tables[entity].get(id);
  }

  /** Finds by the unique field a path may use, for instance a service by its name. */
  find(entity: EntityName, field: string, value: unknown): Row | undefined {
    for (const row of this.#tables[entity].values()) if (row[field] === value) return row;
    return undefined;
  }

  /** All rows in the order of their ids, which is the order of Kong's lists. */
  list(entity: EntityName): Row[] {
    return [...this.#tables[entity].values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Writes a whole row. @throws KongError 409 when another row has one of its unique keys. */
  put(entity: EntityName, row: Row): void {
    for (const fields of kinds[entity].uniques) this.#refuseDuplicate(entity, fields, row);
    this.#tables[entity].set(row.id, row);
    this.#onChange();
  }

  /** Removes a row and its children. @throws KongError 400 when children of a kind that must go first are left. */
  delete(entity: EntityName, id: string): void {
    const { restrictedBy } = kinds[entity];
    if (restrictedBy && this.#children(entity, id).some(([child]) => child === restrictedBy)) throw stillReferenced(entity, restrictedBy);
    for (const [child, row] of this.#children(entity, id)) this.#tables[child].delete(row.id);
    if (this.#tables[entity].delete(id)) this.#onChange();
  }

  /** Takes these rows in the place of all others. */
  adopt(tables: Tables): void {
    for (const name of entityNames) this.#tables[name] = new Map(tables[name]);
    this.#onChange();
  }

  /** Takes every row away. */
  clear(): void {
    for (const name of entityNames) this.#tables[name].clear();
    this.#onChange();
  }

  /** A copy that later writes do not change. */
  snapshot(): Tables {
    return Object.fromEntries(entityNames.map((name) => [name, new Map(this.#tables[name])])) as unknown as Tables;
  }

  #children(entity: EntityName, id: string): [EntityName, Row][] {
    return entityNames.flatMap((child) => {
      const fields = Object.entries(kinds[child].parents).filter(([, parent]) => parent === entity);
      if (fields.length === 0) return [];
      const rows = [...this.#tables[child].values()].filter((row) => fields.some(([field]) => parentId(row, field) === id));
      return rows.map((row): [EntityName, Row] => [child, row]);
    });
  }

  #refuseDuplicate(entity: EntityName, fields: readonly string[], row: Row): void {
    // One unset unique field is no clash; a plugin without any scope is: two global plugins of a name are refused.
    if (fields.length === 1 && row[fields[0]!] === null) return;
    for (const other of this.#tables[entity].values()) {
      if (other.id !== row.id && fields.every((field) => sameKey(row[field], other[field]))) {
        throw uniqueViolation(Object.fromEntries(fields.map((field) => [field, row[field]])));
      }
    }
  }
}

/** The id that a foreign field points at. */
export function parentId(row: Row, field: string): string | undefined {
  return (row[field] as { id: string } | null | undefined)?.id;
}

function sameKey(a: unknown, b: unknown): boolean {
  const key = (value: unknown): unknown => (typeof value === 'object' && value !== null ? (value as { id: string }).id : value);
  return key(a) === key(b);
}
