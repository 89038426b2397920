import type { ManagedObject, PlanInput } from '../../engine/model.ts';
import { onceEach } from '../../engine/once-each.ts';
import type { KongEntity, KongKind } from './entities.ts';
import type { ObservedEntity } from './clearing.ts';
import { labelOf, referenceOf, textOf } from './entities.ts';
import type { KongObserved } from './fetch.ts';
import { isOurs } from './names.ts';

export type Conflict = { readonly object: ManagedObject; readonly reason: string };

/** What is there and stands in the way of the desired objects. */
export type Obstacles = {
  /** Ours, under another id, with what must be unique: to be cleared away. */
  readonly ours: readonly ObservedEntity[];
  /** Somebody else's, with what must be unique: never to be touched. */
  readonly foreign: readonly Conflict[];
  /** Plugins that would be in place and not in force, because somebody else's of the same name is closer to the route. */
  readonly overridden: readonly Conflict[];
};

/** What Kong lets only one entity of a kind have. */
const uniques: Readonly<Record<KongKind, (fields: KongEntity) => readonly (string | null)[]>> = {
  service: (entity) => [textOf(entity, 'name')],
  route: (entity) => [textOf(entity, 'name')],
  consumer: (entity) => [textOf(entity, 'username'), textOf(entity, 'custom_id')],
  // Keys of other people are not read: a key that is taken shows as a conflict when it is written.
  credential: () => [],
  membership: (entity) => [JSON.stringify([referenceOf(entity, 'consumer'), entity['group']])],
  plugin: (entity) => [JSON.stringify([entity['name'], ...['service', 'route', 'consumer'].map((field) => referenceOf(entity, field))])],
};

function uniquesOf(kind: KongKind, fields: KongEntity): string[] {
  return uniques[kind](fields).flatMap((unique, index) => (unique === null ? [] : [`${kind} ${index} ${unique}`]));
}

const uniquesOfObject = onceEach((object: ManagedObject) => uniquesOf(object.kind as KongKind, { ...object.fields, id: object.id, tags: [] }));
/** By kind, since an entity does not say which it is of. */
const uniquesOfEntity = new Map(
  (Object.keys(uniques) as KongKind[]).map((kind) => [kind, onceEach((entity: KongEntity) => uniquesOf(kind, entity))]),
);

/** Finds what stands in the way of the desired objects. Pure. */
export function findObstacles({ gatewayId, desired, lastApplied, observed, everything = desired }: PlanInput<KongObserved>): Obstacles {
  const known = new Set([...desired, ...lastApplied].map(({ id }) => id));
  const isKnown = (entity: KongEntity): boolean => isOurs(entity.tags, gatewayId) || known.has(entity.id);
  const ours = new Map<string, ObservedEntity>();
  const foreign: Conflict[] = [];
  const holders = new Map<string, KongEntity>();
  for (const [kind, entities] of Object.entries(observed.entities) as [KongKind, readonly KongEntity[]][]) {
    for (const entity of entities) for (const unique of uniquesOfEntity.get(kind)?.(entity) ?? []) holders.set(unique, entity);
  }
  for (const object of desired) {
    const kind = object.kind as KongKind;
    for (const unique of uniquesOfObject(object)) {
      const holder = holders.get(unique);
      if (holder === undefined || holder.id === object.id) continue;
      if (isKnown(holder)) ours.set(holder.id, { kind, entity: holder });
      else foreign.push({ object, reason: `${nameOf(kind, holder)} holds the place of ${object.label}; rename or remove it.` });
    }
  }
  return { ours: [...ours.values()], foreign, overridden: findOverridden(desired, everything, observed, isKnown) };
}

/**
 * Of several plugins of one name Kong runs the one with the narrowest scope, and only that: one on a route, and one on a consumer, even without a service. A consumer's counts
 * where that consumer is ours, for nobody else is let in where keys are asked for; elsewhere whoever it is of may come.
 */
function findOverridden(
  desired: readonly ManagedObject[],
  everything: readonly ManagedObject[],
  observed: KongObserved,
  isKnown: (entity: KongEntity) => boolean,
): Conflict[] {
  const narrower = new Map<string, KongEntity>();
  const ofConsumers = new Map<string, KongEntity>();
  for (const plugin of observed.entities.plugin) {
    if (plugin['enabled'] === false || isKnown(plugin)) continue;
    const route = observed.find('route', referenceOf(plugin, 'route') ?? '');
    const consumer = referenceOf(plugin, 'consumer');
    const service = referenceOf(route ?? plugin, 'service');
    if (service !== null && (route !== undefined || consumer !== null)) narrower.set(`${String(plugin['name'])} ${service}`, plugin);
    if (service === null && route === undefined && consumer !== null && isOfOurs(consumer, everything))
      ofConsumers.set(String(plugin['name']), plugin);
  }
  return desired.flatMap((object): Conflict[] => {
    if (object.kind !== 'plugin') return [];
    const service = object.fields['service'] as { id: string };
    const name = String(object.fields['name']);
    const found = narrower.get(`${name} ${service.id}`) ?? ofConsumers.get(name);
    return found === undefined ? [] : [{ object, reason: `${nameOf('plugin', found)} would run instead of ${object.label}; remove it.` }];
  });
}

const isOfOurs = (consumerId: string, desired: readonly ManagedObject[]): boolean =>
  desired.some(({ kind, id }) => kind === 'consumer' && id === consumerId);

const nameOf = (kind: KongKind, entity: KongEntity): string => `${labelOf(kind, entity)} (${entity.id}) is not managed by this STOA Connect and`;
