import type { ManagedObject } from '../model.ts';
import type { KongEntity, KongKind } from './entities.ts';
import { labelOf, referenceOf, textOf } from './entities.ts';
import type { KongObserved } from './fetch.ts';
import { isOurs } from './names.ts';

/** Entities that hold, under another id, what must be unique. */
export type Obstacles = {
  /** Ours, to be cleared away. */
  readonly ours: readonly { kind: KongKind; entity: KongEntity }[];
  /** Somebody else's, never to be touched. */
  readonly foreign: readonly { object: ManagedObject; reason: string }[];
};

/** What Kong lets only one entity have. Undefined: nothing to compare. */
const uniques: Readonly<Record<KongKind, (fields: KongEntity) => string | null>> = {
  service: (entity) => textOf(entity, 'name'),
  route: (entity) => textOf(entity, 'name'),
  consumer: (entity) => textOf(entity, 'username'),
  // Keys of other people are not read: a key that is taken shows as a conflict when it is written.
  credential: () => null,
  plugin: (entity) => JSON.stringify([entity['name'], ...['service', 'route', 'consumer'].map((field) => referenceOf(entity, field))]),
};

/** Finds what stands in the way of the desired objects. Pure. */
export function findObstacles(
  gatewayId: string,
  desired: readonly ManagedObject[],
  lastApplied: readonly ManagedObject[],
  observed: KongObserved,
): Obstacles {
  const ours: { kind: KongKind; entity: KongEntity }[] = [];
  const foreign: { object: ManagedObject; reason: string }[] = [];
  const known = new Set([...desired, ...lastApplied].map(({ id }) => id));
  const holders = new Map<string, KongEntity>();
  for (const [kind, entities] of Object.entries(observed.entities) as [KongKind, readonly KongEntity[]][]) {
    for (const entity of entities) {
      const unique = uniques[kind](entity);
      if (unique !== null) holders.set(`${kind} ${unique}`, entity);
    }
  }
  for (const object of desired) {
    const kind = object.kind as KongKind;
    const unique = uniques[kind]({ ...object.fields, id: object.id, tags: [] });
    const holder = unique === null ? undefined : holders.get(`${kind} ${unique}`);
    if (holder === undefined || holder.id === object.id) continue;
    if (isOurs(holder.tags, gatewayId) || known.has(holder.id)) ours.push({ kind, entity: holder });
    else foreign.push({ object, reason: `${labelOf(kind, holder)} (${holder.id}) is not managed by this STOA Connect and holds the place of ${object.label}; rename or remove it.` });
  }
  return { ours, foreign };
}
