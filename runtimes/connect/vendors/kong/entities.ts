import { isRecord } from '../../engine/compare.ts';

/** The kinds of Kong entities that we manage, by their path in the Admin API. */
export const kongKinds = {
  service: 'services',
  route: 'routes',
  plugin: 'plugins',
  consumer: 'consumers',
  credential: 'key-auths',
  membership: 'acls',
} as const;
export type KongKind = keyof typeof kongKinds;

/** An entity as Kong sends it. Fields beyond these are kept unread: they come and go between versions. */
export type KongEntity = Readonly<Record<string, unknown>> & { readonly id: string; readonly tags: readonly string[] };

/** @returns the entity, or undefined when Kong's answer is not one. */
export function readEntity(value: unknown): KongEntity | undefined {
  if (!isRecord(value) || typeof value['id'] !== 'string') return undefined;
  const tags = readTags(value['tags']);
  return tags === undefined ? undefined : { ...value, id: value['id'], tags };
}

function readTags(value: unknown): readonly string[] | undefined {
  if (value === null || value === undefined) return [];
  // Lua cannot tell an empty list from an empty map, and some versions of Kong send the latter.
  if (isRecord(value) && Object.keys(value).length === 0) return [];
  return Array.isArray(value) && value.every((tag) => typeof tag === 'string') ? value : undefined;
}

/** The id a foreign key points at, such as a route's `service`. */
export function referenceOf(entity: KongEntity, field: string): string | null {
  const reference = entity[field];
  return isRecord(reference) && typeof reference['id'] === 'string' ? reference['id'] : null;
}

export function textOf(entity: KongEntity, field: string): string | null {
  const value = entity[field];
  return typeof value === 'string' ? value : null;
}

/** Whether an entity stands on another: on a service or a route, or belongs to a consumer. */
export const referencesOf = (entity: KongEntity): string[] => ['service', 'route', 'consumer'].flatMap((field) => referenceOf(entity, field) ?? []);

/** What an operator calls an entity. A credential is called by its id, never by its key. */
export function labelOf(kind: KongKind, entity: KongEntity): string {
  const name = kind === 'credential' ? null : (textOf(entity, 'name') ?? textOf(entity, 'username'));
  return `${kind} ${name ?? entity.id}`;
}
