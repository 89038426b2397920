import { createHash } from 'node:crypto';
import { parse, stringify } from 'yaml';
import type { Input, Row } from '../schemas/field.ts';
import { complete, type Node } from './entity-actions.ts';
import { type EntityName, kinds } from './kinds.ts';
import { type FieldErrors, type FieldProblem, KongError, uniqueViolation } from './kong-error.ts';
import { entityNames, Store } from './store.ts';

/** Which kinds a document may write below another. */
const nested: Partial<Readonly<Record<EntityName, readonly EntityName[]>>> = {
  services: ['routes', 'plugins'],
  routes: ['plugins'],
  consumers: ['plugins', 'keyauth_credentials', 'acls'],
  upstreams: ['targets'],
};
const remarks: ReadonlySet<string> = new Set(['_format_version', '_transform', '_comment', '_workspace']);
/** A `ttl` in a document is a time, where the Admin API of a Kong with a database takes seconds: the longest of these is this. */
const maxTtlS = 100_000_000;

type Declared = { readonly entity: EntityName; readonly given: Input; readonly input: Input };
type Flattened = Record<string, unknown>;

/** Takes a whole configuration in the place of what there is, as `POST /config` does. @throws KongError 400 code 14, and nothing has changed then */
export function declare(node: Node, body: Input, isFlat: boolean): { hash: string; rows: Partial<Record<EntityName, Record<string, Row>>> } {
  const document = typeof body['config'] === 'string' ? asDocument(body['config']) : body;
  const fields: FieldErrors = {};
  if (typeof document['_format_version'] !== 'string') fields['_format_version'] = 'required field missing';
  for (const name of Object.keys(document)) if (!remarks.has(name) && !entityNames.includes(name as EntityName)) fields[name] = 'unknown field';
  const declared = entityNames.flatMap((entity) => listOf(document[entity]).flatMap((given) => flatten(node, entity, given)));
  const faults: Flattened[] = [];
  const scratch = new Store({}, () => undefined);
  const answered: [EntityName, Row][] = [];
  const rendered = declared.flatMap((one) => {
    const row = rowOf(node, one, declared, faults);
    return row === undefined ? [] : [{ one, row }];
  });
  // Whether something is there twice is looked at once each is sound.
  for (const { one, row } of faults.length > 0 ? [] : rendered) {
    answered.push([one.entity, row]);
    // Seconds are a time that was long ago.
    if (typeof row['ttl'] !== 'number' || row['ttl'] > maxTtlS) keep(scratch, one, row, faults);
  }
  if (Object.keys(fields).length > 0 || faults.length > 0) throw invalid(fields, isFlat ? faults : undefined);
  node.store.adopt(scratch.snapshot());
  const rows = entityNames.map(
    (entity) => [entity, Object.fromEntries(answered.flatMap(([kind, row]) => (kind === entity ? [[row.id, row]] : [])))] as const,
  );
  return {
    hash: createHash('md5').update(JSON.stringify(document)).digest('hex'),
    rows: Object.fromEntries(rows.filter(([, all]) => Object.keys(all).length > 0)),
  };
}

/** What `GET /config` answers: YAML in a JSON string, flat, references as ids, a `ttl` as the seconds that are left. */
export function declared({ store, now }: Node): string {
  const lists = entityNames.map(
    (entity) =>
      [
        entity,
        store
          .list(entity)
          .flatMap((row) => shown(row, now) ?? [])
          .map((row) => withIds(entity, row)),
      ] as const,
  );
  return stringify(
    { _format_version: '3.0', _transform: false, ...Object.fromEntries(lists.filter(([, rows]) => rows.length > 0)) },
    { nullStr: '~' },
  );
}

/** A row as a Kong without a database lists it: none whose time is over, and of the others what is left of it. */
export function shown(row: Row, now: () => number): Row | undefined {
  const { ttl } = row;
  if (typeof ttl !== 'number') return row;
  const left = Math.floor(ttl - now() / 1000);
  return left > 0 ? { ...row, ttl: left } : undefined;
}

const withIds = (entity: EntityName, row: Row): Input =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, name in kinds[entity].parents ? ((value as { id: string } | null)?.id ?? null) : value]),
  );

function asDocument(text: string): Input {
  const value: unknown = parse(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Input;
  throw new KongError(400, { message: 'Cannot parse config' });
}

const listOf = (value: unknown): Input[] => (Array.isArray(value) ? (value as Input[]) : []);

function flatten(node: Node, entity: EntityName, given: Input, parent?: { field: string; id: string }): Declared[] {
  const below = nested[entity] ?? [];
  const own = Object.fromEntries(Object.entries(given).filter(([name]) => !below.includes(name as EntityName)));
  const id = typeof own['id'] === 'string' ? own['id'] : idOf(node, entity, own);
  const input = { ...own, id, ...(parent && { [parent.field]: { id: parent.id } }) };
  const children = below.flatMap((child) => {
    const field = Object.entries(kinds[child].parents).find(([, name]) => name === entity)?.[0] ?? '';
    return listOf(given[child]).flatMap((one) => flatten(node, child, one, { field, id }));
  });
  return [{ entity, given: own, input }, ...children];
}

/** Kong's own namespace for entities, one below it for each kind (kong/db/schema/others/declarative_config.lua). What has no name gets a new id each time. */
const entities = 'fd02801f-0957-4a15-a55a-c8d9606f30b5';
function idOf(node: Node, entity: EntityName, own: Input): string {
  const name = own[entity === 'consumers' ? 'username' : 'name'];
  return entity === 'plugins' || typeof name !== 'string' ? node.newId() : uuid5(uuid5(entities, entity), name);
}

function uuid5(namespace: string, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** A document names a parent by its id or its name. Of one that is not there Kong says nowhere which it was. */
function rowOf(node: Node, { entity, given, input }: Declared, declared: readonly Declared[], faults: Flattened[]): Row | undefined {
  const { ttl, ...rest } = input;
  for (const [field, parent] of Object.entries(kinds[entity].parents)) {
    const reference = rest[field];
    if (reference === undefined || reference === null) continue;
    const wanted = typeof reference === 'string' ? reference : (reference as { id?: string }).id;
    const key = kinds[parent].endpointKey ?? 'id';
    const found = declared.find((one) => one.entity === parent && (one.input['id'] === wanted || one.input[key] === wanted));
    if (found === undefined) throw invalid({}, []);
    rest[field] = { id: found.input['id'] };
  }
  try {
    const row = complete(node, kinds[entity], rest);
    return typeof ttl === 'number' ? { ...row, ttl } : row;
  } catch (error) {
    if (!(error instanceof KongError)) throw error;
    faults.push(flattened(entity, given, errorsIn(error.body['fields'] as FieldErrors)));
    return undefined;
  }
}

function keep(scratch: Store, { entity, given, input }: Declared, row: Row, faults: Flattened[]): void {
  try {
    // Two of one name have one id.
    if (scratch.get(entity, row.id) !== undefined)
      throw uniqueViolation({ [kinds[entity].endpointKey ?? 'id']: row[kinds[entity].endpointKey ?? 'id'] });
    scratch.put(entity, row);
  } catch (error) {
    if (!(error instanceof KongError)) throw error;
    const [[field, value] = ['', '']] = Object.entries(error.body['fields'] as Input);
    const said = typeof value === 'string' ? value : JSON.stringify(value);
    const message = `uniqueness violation: '${entity}' entity with ${field} set to '${said}' already declared`;
    faults.push(flattened(entity, { ...given, id: input['id'] }, [{ type: 'entity', message }]));
  }
}

const singular = (entity: EntityName): string => entity.replace(/s$/, '');

function flattened(entity: EntityName, given: Input, errors: readonly Input[]): Flattened {
  const { name, username, tags, id } = given;
  return {
    entity_type: singular(entity),
    entity: given,
    errors,
    ...((name ?? username) !== undefined && { entity_name: name ?? username }),
    ...(Array.isArray(tags) && { entity_tags: tags }),
    ...(id !== undefined && { entity_id: id }),
  };
}

function errorsIn(problem: FieldProblem | null, field = ''): Input[] {
  const below = (name: string): string => (field === '' ? name : `${field}.${name}`);
  if (problem === null) return [];
  if (typeof problem === 'string') return [{ type: 'field', field, message: problem }];
  if (Array.isArray(problem)) return problem.flatMap((one, index) => errorsIn(one, below(String(index + 1))));
  return Object.entries(problem).flatMap(([name, one]) =>
    name === '@entity' ? (one as string[]).map((message) => ({ type: 'entity', message })) : errorsIn(one, below(name)),
  );
}

/** An empty list of faults is an empty map to Lua. */
function invalid(fields: FieldErrors, faults: readonly Flattened[] | undefined): KongError {
  const told = Object.entries(fields).map(([name, problem]) => `${name}=${JSON.stringify(problem)}`);
  return new KongError(400, {
    message: `declarative config is invalid: {${told.join(',')}}`,
    name: 'invalid declarative configuration',
    ...(faults !== undefined && { flattened_errors: faults.length === 0 ? {} : faults }),
    fields,
    code: 14,
  });
}
