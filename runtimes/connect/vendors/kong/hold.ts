import type { ManagedObject } from '../../engine/model.ts';
import type { KongObserved } from './fetch.ts';

const isExposure = ({ kind }: ManagedObject): boolean => kind === 'service' || kind === 'route';

/** A service that was closed because a guard failed is open again once its guards are there. */
const opened = (object: ManagedObject): ManagedObject =>
  object.kind === 'service' ? { ...object, fields: { ...object.fields, enabled: true } } : object;

/**
 * Puts the service and the routes of held APIs back to what was last applied, and leaves their plugins as desired: a rejected revision
 * must not end the good one before it (lesson 16), nor may it keep a policy from taking effect.
 */
export function holdBack(
  desired: readonly ManagedObject[],
  lastApplied: readonly ManagedObject[],
  observed: KongObserved,
  held: ReadonlySet<string>,
): readonly ManagedObject[] {
  if (held.size === 0) return desired;
  const before = lastApplied.filter((object) => held.has(object.owner) && isExposure(object)).map(opened);
  const services = new Set([...before, ...observed.entities.service].map(({ id }) => id));
  const rest = desired.filter((object) => {
    if (!held.has(object.owner)) return true;
    const service = object.fields['service'] as { id: string } | undefined;
    return object.kind === 'plugin' && service !== undefined && services.has(service.id);
  });
  return [...before, ...rest];
}
