import { type Field, type Input, namedFields, type RecordSchema, type Row } from '../schemas/field.ts';
import { validateRecord, withoutShorthands } from '../schemas/validate.ts';
import { type EntityName, type Kind, kinds } from './kinds.ts';
import { entityNotFound, foreignKeyUnresolved, foreignKeyViolation, invalidUnique, schemaViolation } from './kong-error.ts';
import type { Store } from './store.ts';

/** What the entity actions need from the simulated node. */
export interface Node {
  store: Store;
  newId: () => string;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Set for a node without a database: what its configuration is known by. */
  declarative?: { hash: string; text?: string };
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Finds by the path segment, an id or a name. @throws KongError 400 code 10 when it could be neither. */
export function select(node: Node, entity: EntityName, segment: string): Row | undefined {
  if (uuid.test(segment)) return node.store.get(entity, segment.toLowerCase());
  const { endpointKey, endpointKeyProblem } = kinds[entity];
  if (endpointKey === undefined) return undefined;
  const problem = endpointKeyProblem?.(segment);
  if (problem !== undefined) throw invalidUnique(endpointKey, problem);
  return node.store.find(entity, endpointKey, segment);
}

/** POST: a new entity. @throws KongError 400 or 409. */
export function create(node: Node, entity: EntityName, input: Input): Row {
  return store(node, kinds[entity], { ...input, id: input['id'] ?? node.newId() });
}

/** PUT: creates, or replaces whole; what is left out goes back to its default. The name in the path wins. */
export function replace(node: Node, entity: EntityName, segment: string, input: Input): Row {
  const kind = kinds[entity];
  const existing = select(node, entity, segment);
  if (uuid.test(segment)) return store(node, kind, { ...input, id: segment.toLowerCase() });
  const key = kind.endpointKey;
  if (key === undefined) throw entityNotFound({ id: segment });
  return store(node, kind, { ...input, [key]: segment, id: existing?.id ?? input['id'] ?? node.newId() });
}

/** PATCH: merges, also inside records such as a plugin's `config`; `null` clears a field. @throws KongError 404 code 6. */
export function merge(node: Node, entity: EntityName, segment: string, input: Input): Row {
  const kind = kinds[entity];
  const existing = select(node, entity, segment);
  if (!existing) throw missing(kind, segment);
  const expanded = kind.expand?.({ ...input, ...(kind.endpointKey === 'key' && { key: input['key'] ?? existing['key'] }) }) ?? input;
  const { updated_at: _stale, ...kept } = existing;
  return store(node, kind, mergeRecord(kind.schema({ ...existing, ...input }), kept, { ...expanded, id: existing.id }));
}

/** The error of an action on an entity that is not there. */
export function missing(kind: Kind, segment: string) {
  return entityNotFound(uuid.test(segment) || kind.endpointKey === undefined ? { id: segment } : { [kind.endpointKey]: segment });
}

/** The dry run of `POST /schemas/.../validate`: the schema only, no uniqueness and no references. */
export function validateOnly(node: Node, entity: EntityName, input: Input): void {
  complete(node, kinds[entity], { ...input, id: input['id'] ?? '00000000-0000-4000-8000-000000000000' });
}

function store(node: Node, kind: Kind, input: Input): Row {
  const row = complete(node, kind, resolveParents(node, kind, input));
  node.store.put(kind.entity, row);
  return row;
}

export function complete(node: Node, kind: Kind, input: Input): Row {
  const expanded = kind.expand?.(input) ?? input;
  const now = kind.datedInMs ? node.now() / 1000 : Math.floor(node.now() / 1000);
  const dated = { ...expanded, created_at: expanded['created_at'] ?? now, ...(kind.hasUpdatedAt && { updated_at: now }) };
  const { value, errors } = validateRecord(kind.schema(dated), dated);
  if (Object.keys(errors).length > 0) throw schemaViolation(errors);
  return value as Row;
}

/** Turns `{ name }` into `{ id }`. A parent that is not there is a 400 here, never a 404. */
function resolveParents(node: Node, kind: Kind, input: Input): Input {
  const resolved = { ...input };
  for (const [field, parent] of Object.entries(kind.parents)) {
    const given = input[field];
    if (typeof given !== 'object' || given === null || Array.isArray(given)) continue;
    const { id } = given as { id?: unknown };
    const key = kinds[parent].endpointKey;
    const name = key === undefined ? undefined : (given as Input)[key];
    if (typeof id === 'string') {
      if (!node.store.get(parent, id)) throw foreignKeyViolation(field, id, parent);
      resolved[field] = { id };
    } else if (key !== undefined && typeof name === 'string') {
      const found = node.store.find(parent, key, name);
      if (!found) throw foreignKeyUnresolved(field, key, name, parent);
      resolved[field] = { id: found.id };
    } else {
      throw schemaViolation({ [field]: { id: 'missing primary key' } });
    }
  }
  return resolved;
}

function mergeRecord(schema: Pick<RecordSchema, 'fields' | 'shorthand_fields'>, old: Input, patch: Input): Input {
  const kept = { ...old };
  for (const [twin] of namedFields(schema.shorthand_fields)) delete kept[twin];
  const fields = new Map(namedFields(schema.fields));
  const merged: Input = { ...kept };
  for (const [name, value] of Object.entries(withoutShorthands(schema, patch))) {
    const field: Field | undefined = fields.get(name);
    const before = kept[name];
    const bothRecords = field?.type === 'record' && isRecord(before) && isRecord(value);
    merged[name] = bothRecords ? mergeRecord({ fields: [], ...field }, before, value) : value;
  }
  return merged;
}

const isRecord = (value: unknown): value is Input => typeof value === 'object' && value !== null && !Array.isArray(value);
