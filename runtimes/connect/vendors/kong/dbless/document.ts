import { yaml } from '@stoa/lib/yaml.ts';
import { AdminError } from '../../../engine/admin-error.ts';
import { isRecord } from '../../../engine/compare.ts';
import type { ManagedObject } from '../../../engine/model.ts';
import { isOurs } from '../names.ts';
import { readEntity } from '../entities.ts';
import type { KongEntity, KongKind } from '../entities.ts';

export type Document = Readonly<Record<string, unknown>>;
type Fields = Readonly<Record<string, unknown>>;

/** What each kind is called in a document. */
const collections: Readonly<Record<KongKind, string>> = {
  service: 'services',
  route: 'routes',
  plugin: 'plugins',
  consumer: 'consumers',
  credential: 'keyauth_credentials',
  membership: 'acls',
};
const kindOf = new Map(Object.entries(collections).map(([kind, name]) => [name, kind as KongKind]));
const references = ['service', 'route', 'consumer'] as const;
/** The longest life of a credential in seconds. A larger number is a time. */
const maxTtlS = 100_000_000;

/** The configuration of a Kong without a database, from the YAML that `GET /config` answers. @throws AdminError when it is none */
export function readDocument(text: string): Document {
  let value: unknown;
  try {
    value = yaml().parse(text);
  } catch (error) {
    throw new AdminError('invalid_answer', "Kong's answer to GET /config holds no YAML.", { cause: error });
  }
  if (!isRecord(value)) throw new AdminError('invalid_answer', "Kong's answer to GET /config is no configuration.");
  return value;
}

/** The entities of the kinds that we manage, as the Admin API would list them. @throws AdminError for what is none */
export function entitiesIn(document: Document): Record<KongKind, KongEntity[]> {
  const lists = Object.entries(collections).map(([kind, name]) => [kind, listIn(document, name).map((fields) => entityOf(fields, name))]);
  return Object.fromEntries(lists) as Record<KongKind, KongEntity[]>;
}

const listIn = (document: Document, name: string): Fields[] => (Array.isArray(document[name]) ? (document[name] as unknown[]).filter(isRecord) : []);

function entityOf(fields: Fields, name: string): KongEntity {
  const pointed = references.flatMap((field) => (typeof fields[field] === 'string' ? [[field, { id: fields[field] }]] : []));
  const entity = readEntity({ ...fields, ...Object.fromEntries(pointed) });
  if (entity === undefined) throw new AdminError('invalid_answer', `Kong's configuration has ${name} that are none.`);
  return entity;
}

/**
 * The whole configuration with ours in it as `target` says. What is not ours stays as it came, and so do the fields of ours that we do not set. Pure.
 * @param made ids of what we made and cannot tell by its tags
 */
export function withOurs(document: Document, gatewayId: string, target: readonly ManagedObject[], made: ReadonlySet<string>): Document {
  const wanted = Map.groupBy(target, ({ kind }) => collections[kind as KongKind]);
  const names = new Set([...Object.keys(document), ...wanted.keys()]);
  const entries = [...names].map((name): [string, unknown] => {
    if (!kindOf.has(name)) return [name, document[name]];
    const there = listIn(document, name);
    const own = new Map((wanted.get(name) ?? []).map((object) => [object.id, object]));
    const isOther = (fields: Fields): boolean => {
      const { id, tags } = entityOf(fields, name);
      return !own.has(id) && !made.has(id) && !isOurs(tags, gatewayId);
    };
    const before = new Map(there.map((fields) => [fields['id'], fields]));
    return [name, [...there.filter(isOther), ...[...own.values()].map((object) => declared(object, before.get(object.id)))]];
  });
  return Object.fromEntries(entries.filter(([name, list]) => !(kindOf.has(name) && Array.isArray(list) && list.length === 0)));
}

/** An object of ours as a document has it: references by their ids, over the fields that are there. */
function declared({ id, fields }: ManagedObject, before: Fields = {}): Fields {
  const pointed = references.flatMap((field): [string, unknown][] => (isRecord(fields[field]) ? [[field, fields[field]['id']]] : []));
  const { config } = fields;
  // Kong has old names for some fields besides, and refuses two values for one.
  const kept = Object.entries(isRecord(before['config']) ? before['config'] : {}).filter(([name]) => !name.startsWith('redis_'));
  return { ...before, ...fields, ...Object.fromEntries(pointed), ...(isRecord(config) && { config: merged(Object.fromEntries(kept), config) }), id };
}

const merged = (before: Fields, fields: Fields): Fields => ({
  ...before,
  ...Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      const there = before[name];
      return [name, isRecord(value) && isRecord(there) ? merged(there, value) : value];
    }),
  ),
});

/**
 * A document as Kong takes it: there a `ttl` is the time at which a credential ends, where `GET /config` tells the seconds that it has left. Sent back as they came, they would be times of 1970: the keys of
 * everybody would be gone.
 * @param endOf when a credential of ours ends, in seconds since 1970
 */
export function sendable(document: Document, nowS: number, endOf: (tags: unknown) => number | undefined): Document {
  const dated = (fields: Fields): Fields => {
    const end = endOf(fields['tags']);
    const { ttl } = fields;
    if (end !== undefined) return { ...fields, ttl: end };
    return typeof ttl === 'number' && ttl <= maxTtlS ? { ...fields, ttl: Math.floor(nowS) + ttl } : fields;
  };
  return Object.fromEntries(
    Object.entries(document).map(([name, list]) => [
      name,
      Array.isArray(list) ? list.map((one: unknown) => (isRecord(one) ? dated(one) : one)) : list,
    ]),
  );
}

/** What tells two documents apart, whatever the order of their keys. */
export const textOf = (document: Document): string => yaml().stringify(document, { sortMapEntries: true });
