import type { Change, ManagedObject } from '../../engine/model.ts';
import { labelOf, referenceOf, referencesOf } from './entities.ts';
import type { KongEntity, KongKind } from './entities.ts';
import type { KongObserved } from './fetch.ts';
import { isOurs, itemOf } from './names.ts';

export type ObservedEntity = { readonly kind: KongKind; readonly entity: KongEntity };

/** What planning a single object needs to know of the rest. */
export type Scene = {
  readonly observed: KongObserved;
  readonly made: ReadonlyMap<string, ManagedObject>;
  /** Ids of entities that are cleared away; what stands on them goes with them. */
  readonly cleared: ReadonlySet<string>;
  /** Services that are closed meanwhile. */
  readonly closing: ReadonlySet<KongEntity>;
};

/** Whether clearing takes an entity away, itself or with what it stands on. */
export const isGone = (entity: KongEntity, { cleared }: Scene): boolean => [entity.id, ...referencesOf(entity)].some((id) => cleared.has(id));

/** What is in the way, and the routes of ours that keep a service in the way from being deleted. */
export function clearances(gatewayId: string, ours: readonly ObservedEntity[], observed: KongObserved): readonly ObservedEntity[] {
  const services = new Set(ours.flatMap(({ kind, entity }) => (kind === 'service' ? [entity.id] : [])));
  const listed = new Set(ours.map(({ entity }) => entity.id));
  const routes = observed.entities.route.filter(
    (route) => services.has(referenceOf(route, 'service') ?? '') && !listed.has(route.id) && isOurs(route.tags, gatewayId),
  );
  return [...ours, ...routes.map((entity) => ({ kind: 'route' as const, entity }))];
}

/** The deletion of an entity, for the item that it was made for. */
export function removal(kind: KongKind, entity: KongEntity, made: ReadonlyMap<string, ManagedObject>, detail: string): Change {
  const owner = made.get(entity.id)?.owner ?? itemOf(entity.tags) ?? '';
  return { action: 'delete', object: { kind, id: entity.id, label: labelOf(kind, entity), owner, alsoFor: [], fields: {} }, detail };
}
