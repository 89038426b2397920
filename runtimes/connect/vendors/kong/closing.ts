import type { Change, ManagedObject } from '../../engine/model.ts';
import { removal } from './clearing.ts';
import type { ObservedEntity, Scene } from './clearing.ts';
import { referenceOf } from './entities.ts';
import type { KongEntity } from './entities.ts';
import type { KongObserved } from './fetch.ts';
import { kongMismatch } from './mismatch.ts';
import { isOurs, itemOf } from './names.ts';

export const closed = { enabled: false };
export const withFields = (object: ManagedObject, fields: Readonly<Record<string, unknown>>): ManagedObject => ({
  ...object,
  fields: { ...object.fields, ...fields },
});

/** The open services that lose a plugin for a moment, because another of ours is put in its place. */
export function closings(cleared: readonly ObservedEntity[], observed: KongObserved): ReadonlySet<KongEntity> {
  const ids = cleared.flatMap(({ kind, entity }) => (kind === 'plugin' ? (referenceOf(entity, 'service') ?? []) : []));
  return new Set(ids.flatMap((id) => observed.find('service', id) ?? []).filter((service) => service['enabled'] !== false));
}

/** Kong answers 404 for the routes of a service that is not enabled: one write closes all of them. */
export function closing(service: KongEntity, made: Scene['made'], detail: string): Change {
  return { action: 'patch', object: withFields(removal('service', service, made, detail).object, closed), detail };
}

/** Our open services of held APIs that nothing remembers, where a plugin that they have to have cannot be put in place. */
export function strays(gatewayId: string, desired: readonly ManagedObject[], unguarded: ReadonlySet<string>, { observed }: Scene): KongEntity[] {
  const kept = new Set(desired.map(({ id }) => id));
  return observed.entities.service.filter(
    ({ id, tags, enabled }) => !kept.has(id) && enabled !== false && isOurs(tags, gatewayId) && unguarded.has(itemOf(tags) ?? ''),
  );
}

/**
 * Open services that go with several routes: until the last is deleted, an API that may no longer be served would be served in part. One
 * with somebody else's route on it will not go, and is left to them.
 */
export function leaving(unwanted: readonly Change[], { observed }: Scene): KongEntity[] {
  const going = new Set(unwanted.map(({ object }) => object.id));
  const routes = Map.groupBy(observed.entities.route, (route) => referenceOf(route, 'service'));
  return observed.entities.service.filter(({ id, enabled }) => {
    const own = routes.get(id) ?? [];
    return going.has(id) && enabled !== false && own.length > 1 && own.every((route) => going.has(route.id));
  });
}

/**
 * What takes an API out of service when its plugin cannot be put in place and the policies of it are not in force yet; so, too, for an `acl` that is to
 * let in others than before.
 */
export function guard(object: ManagedObject, entity: KongEntity | undefined, { observed, made, closing: shut }: Scene): Change | undefined {
  const service = observed.find('service', (object.fields['service'] as { id: string }).id);
  if (service === undefined || service['enabled'] === false || shut.has(service)) return undefined;
  const before = made.get(object.id);
  const inForce =
    entity !== undefined &&
    before !== undefined &&
    object.fields['name'] !== 'acl' &&
    kongMismatch(before, entity, 'edit') === undefined &&
    object.alsoFor.every((itemId) => before.alsoFor.includes(itemId));
  return inForce ? undefined : closing(service, made, `${object.label} could not be put in place`);
}
